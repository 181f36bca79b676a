"""The retention policy as restic's flags."""

import pytest

from tests.settings_samples import problems, settings


def flags(**environment: str) -> tuple[str, ...] | None:
    retention = settings(**environment).retention
    return retention.flags if retention else None


class TestThePolicy:
    def test_is_none_where_nothing_is_set(self) -> None:
        assert flags() is None

    def test_has_a_flag_for_each_variable(self) -> None:
        names = ("LAST", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        environment = {f"RETAIN_{name}": str(number) for number, name in enumerate(names, 1)}
        assert flags(**environment, RETAIN_WITHIN="1y6m") == (
            *("--keep-last=1", "--keep-hourly=2", "--keep-daily=3", "--keep-weekly=4", "--keep-monthly=5"),
            *("--keep-yearly=6", "--keep-within=1y6m"),
        )

    def test_may_hold_zeros_beside_others(self) -> None:
        assert flags(RETAIN_DAILY="0", RETAIN_LAST="1") == ("--keep-last=1", "--keep-daily=0")
        assert flags(RETAIN_DAILY="0", RETAIN_WITHIN="1d") == ("--keep-daily=0", "--keep-within=1d")

    def test_must_not_be_zeros_alone(self) -> None:
        (problem,) = problems(RETAIN_DAILY="0", RETAIN_LAST="0")
        assert problem.startswith("RETAIN_LAST, RETAIN_DAILY: all zero would forget every snapshot")

    def test_is_split_as_a_shell_would(self) -> None:
        assert flags(FORGET_OPTIONS=" --keep-last 3 --keep-tag 'two words' ") == (
            *("--keep-last", "3", "--keep-tag", "two words"),
        )

    def test_is_set_in_one_way(self) -> None:
        (problem,) = problems(FORGET_OPTIONS="--keep-last 3", RETAIN_WITHIN="1d")
        assert problem == "FORGET_OPTIONS and RETAIN_* are both set: set only one of them"

    @pytest.mark.parametrize("within", ["1d", "1y6m15d12h", "48h", "0y1d"])
    def test_keeps_within_a_duration(self, within: str) -> None:
        assert flags(RETAIN_WITHIN=within) == (f"--keep-within={within}",)

    @pytest.mark.parametrize("within", ["1", "d", "0d", "1w", "-1d", "1d 2h", "1D", "1.5d", "9999999d"])
    def test_keeps_within_nothing_else(self, within: str) -> None:
        (problem,) = problems(RETAIN_WITHIN=within)
        assert "a duration of years, months, days and hours" in problem


class TestRawFlags:
    @pytest.mark.parametrize(
        "options",
        [
            *("--keep-last 3 abcdef", "abcdef", "--keep-last=3 abcdef", "--keep-last 3 -- abcdef", "--keep-tag a b"),
            *("--compact abcdef --keep-last 3", "-c abcdef -l 3", "-qv abcdef -l 3", "-l3 abcdef", "-l 3 - abcdef"),
        ],
    )
    def test_never_name_snapshots(self, options: str) -> None:
        (problem,) = problems(FORGET_OPTIONS=options)
        assert "without names of snapshots" in problem

    @pytest.mark.parametrize("flag", ["--prune", "--dry-run", "-n", "--host=x", "--path /", "--json"])
    def test_are_none_of_the_mover_s_own(self, flag: str) -> None:
        (problem,) = problems(FORGET_OPTIONS=f"--keep-last 3 {flag}")
        assert "which the mover decides" in problem

    @pytest.mark.parametrize("flag", ["-qn", "-vcn", "--help", "-h", "-r /other", "--repo=/other", "--password-file x"])
    def test_neither_have_it_do_nothing_nor_name_another_repository(self, flag: str) -> None:
        (problem,) = problems(FORGET_OPTIONS=f"--keep-last 3 {flag}")
        assert "which the mover decides" in problem

    @pytest.mark.parametrize("options", ["-H 24", "-H24 -d 7", "-cd 7", "--compact --keep-tag n -l 1", "-qvl 3"])
    def test_may_be_letters(self, options: str) -> None:
        assert problems(FORGET_OPTIONS=options) == []

    def test_need_matching_quotes(self) -> None:
        (problem,) = problems(FORGET_OPTIONS="--keep-tag 'x")
        assert "matching quotes" in problem
