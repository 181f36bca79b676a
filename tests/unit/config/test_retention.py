"""The retention policy as restic's flags."""

import re

import pytest

from tests.support.settings_samples import problems, settings


def flags(**environment: str) -> tuple[str, ...] | None:
    retention = settings(**environment).retention
    return retention.flags if retention else None


def rejected_flags(option: str) -> set[str]:
    """Return the flags that the problem has beside the value itself."""
    value = f"--keep-last 3 {option}"
    (problem,) = problems(FORGET_OPTIONS=value)
    assert problem.startswith("FORGET_OPTIONS: ")
    assert repr(value) in problem
    return set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", problem.replace(repr(value), "")))


def test_without_variables_there_is_no_policy() -> None:
    assert flags() is None


def test_each_variable_becomes_a_flag() -> None:
    names = ("LAST", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
    environment = {f"RETAIN_{name}": str(number) for number, name in enumerate(names, 1)}
    assert flags(**environment, RETAIN_WITHIN="1y6m") == (
        "--keep-last=1",
        "--keep-hourly=2",
        "--keep-daily=3",
        "--keep-weekly=4",
        "--keep-monthly=5",
        "--keep-yearly=6",
        "--keep-within=1y6m",
    )


def test_zeros_are_accepted_beside_other_counts() -> None:
    assert flags(RETAIN_DAILY="0", RETAIN_LAST="1") == ("--keep-last=1", "--keep-daily=0")
    assert flags(RETAIN_DAILY="0", RETAIN_WITHIN="1d") == ("--keep-daily=0", "--keep-within=1d")


def test_a_policy_of_zeros_alone_is_rejected() -> None:
    (problem,) = problems(RETAIN_DAILY="0", RETAIN_LAST="0")
    assert problem.startswith("RETAIN_LAST, RETAIN_DAILY: ")


def test_raw_flags_are_split_as_by_a_shell() -> None:
    assert flags(FORGET_OPTIONS=" --keep-last 3 --keep-tag 'two words' ") == (
        "--keep-last",
        "3",
        "--keep-tag",
        "two words",
    )


def test_raw_flags_beside_retain_variables_are_rejected() -> None:
    (problem,) = problems(FORGET_OPTIONS="--keep-last 3", RETAIN_WITHIN="1d")
    assert problem.startswith("FORGET_OPTIONS: ")
    assert "RETAIN_*" in problem


@pytest.mark.parametrize("within", ["1d", "1y6m15d12h", "48h", "0y1d"])
def test_a_duration_is_accepted_for_keep_within(within: str) -> None:
    assert flags(RETAIN_WITHIN=within) == (f"--keep-within={within}",)


@pytest.mark.parametrize("within", ["1", "d", "0d", "1w", "-1d", "1d 2h", "1D", "1.5d", "9999999d"])
def test_text_that_is_not_a_duration_is_rejected_for_keep_within(within: str) -> None:
    (problem,) = problems(RETAIN_WITHIN=within)
    assert problem.startswith("RETAIN_WITHIN: ")
    assert repr(within) in problem


@pytest.mark.parametrize(
    "options",
    [
        "--keep-last 3 abcdef",
        "abcdef",
        "--keep-last=3 abcdef",
        "--keep-last 3 -- abcdef",
        "--keep-tag a b",
        "--compact abcdef --keep-last 3",
        "-c abcdef -l 3",
        "-qv abcdef -l 3",
        "-l3 abcdef",
        "-l 3 - abcdef",
    ],
)
def test_snapshots_in_raw_flags_are_rejected(options: str) -> None:
    (problem,) = problems(FORGET_OPTIONS=options)
    assert problem.startswith("FORGET_OPTIONS: ")


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ("--prune", "--prune"),
        ("--dry-run", "--dry-run"),
        ("-n", "-n"),
        ("--host=x", "--host"),
        ("--path /", "--path"),
        ("--json", "--json"),
    ],
)
def test_raw_flags_that_the_mover_sets_itself_are_rejected(option: str, flag: str) -> None:
    assert rejected_flags(option) == {flag}


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ("-qn", "-n"),
        ("-vcn", "-n"),
        ("--help", "--help"),
        ("-h", "-h"),
        ("-r /other", "-r"),
        ("--repo=/other", "--repo"),
        ("--password-file x", "--password-file"),
    ],
)
def test_raw_flags_for_a_dry_run_or_another_repository_are_rejected(option: str, flag: str) -> None:
    assert rejected_flags(option) == {flag}


@pytest.mark.parametrize("options", ["-H 24", "-H24 -d 7", "-cd 7", "--compact --keep-tag n -l 1", "-qvl 3"])
def test_short_raw_flags_are_accepted(options: str) -> None:
    assert problems(FORGET_OPTIONS=options) == []


def test_raw_flags_with_an_open_quote_are_rejected() -> None:
    (problem,) = problems(FORGET_OPTIONS="--keep-tag 'x")
    assert problem.startswith("FORGET_OPTIONS: ")
