"""Settings: each one right, each one wrong in every way, and all problems reported at once."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mover.config.environment_reader import EnvironmentReader
from mover.config.reporting_settings import LogFormat, read_reporting
from mover.config.settings import OnMissing, RepositoryInit
from tests.support.settings_samples import GOOD, PASSWORD, file_in, problems, settings

WHOLE_NUMBERS = {
    **dict.fromkeys(("RETAIN_LAST", "RETAIN_HOURLY", "RETAIN_DAILY", "RETAIN_WEEKLY"), 1_000_000),
    **dict.fromkeys(("RETAIN_MONTHLY", "RETAIN_YEARLY"), 1_000_000),
    **dict.fromkeys(("PRUNE_INTERVAL_DAYS", "CHECK_INTERVAL_DAYS"), 36500),
    "CHECK_SUBSETS": 256,
    "VERIFY_SAMPLE_FILES": 100_000,
    "SELECT_PREVIOUS": 1_000_000,
}
CHOICES = {
    "REPOSITORY_INIT": ("auto", "always", "never"),
    "RESTORE_MISSING": ("fail", "continue"),
    "LOG_FORMAT": ("text", "json"),
    "LOG_LEVEL": ("debug", "info", "warning", "error"),
}
TIMES = ("LAST_PRUNED", "RESTORE_AS_OF")
DURATIONS = ("RETRY_TIMEOUT", "LOCK_TIMEOUT")
WRONG = {
    **dict.fromkeys(WHOLE_NUMBERS, "-1"),
    **dict.fromkeys(CHOICES, "perhaps"),
    **dict.fromkeys(TIMES, "yesterday"),
    **dict.fromkeys(DURATIONS, "soon"),
    "SKIP_IF_UNCHANGED": "maybe",
    "TREAT_AS_SUCCESS": "all",
    "RETAIN_WITHIN": "0d",
    "RESTORE_SNAPSHOT": "latest",
    "BACKUP_TAGS": "one,two",
    "CUSTOM_CA": "/no/such/file",
    "RESTORE_OPTIONS": "--target /",
    "FORGET_OPTIONS": "'",
    "TERMINATION_LOG": "/no/such/folder/file",
}
"""A wrong value for each variable that can be wrong by itself."""

words = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=40).filter(str.strip)
"""What an environment can hold."""

few_examples = hypothesis.settings(max_examples=20)
"""For each of many variables that are read in the same way."""


def variables_in(problem: str) -> set[str]:
    """Return the names of the variables that a problem speaks of."""
    return set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", problem))


def test_settings_have_defaults() -> None:
    read = settings()
    assert (read.host, read.data, read.cache) == ("volsync", Path("/data"), Path("/cache"))
    assert read.repository_init is RepositoryInit.AUTO
    assert [read.retention, read.prune_interval, read.last_pruned, read.check.interval] == [None] * 4
    assert (read.retry_timeout, read.lock_timeout) == (600, 600)
    assert read.restore.path == "/data"
    assert read.restore.missing is OnMissing.FAIL


def test_a_trailing_newline_is_stripped_from_a_value() -> None:
    read = settings(RESTIC_HOST="photos\n", DATA_DIR="/data\n", RESTIC_CACHE_DIR="/cache\n")
    assert (read.host, read.data, read.cache) == ("photos", Path("/data"), Path("/cache"))


def test_an_empty_value_is_the_same_as_an_unset_one() -> None:
    assert settings(**dict.fromkeys(WRONG, " \n")) == settings()


def test_printed_settings_contain_no_secret() -> None:
    shown = str(settings(RESTIC_REPOSITORY="rest:https://me:hunter2@nas/", AWS_SECRET_ACCESS_KEY="key22"))
    assert not [secret for secret in (PASSWORD, "hunter2", "key22") if secret in shown]


@pytest.mark.parametrize(("name", "most"), WHOLE_NUMBERS.items())
@few_examples
@given(data=st.data())
def test_a_whole_number_up_to_the_limit_is_accepted(name: str, most: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, most))
    assert problems(**{name: f" {number} "}) == []


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1h30m", 5400), ("2d", 172800), ("0", 0)])
def test_a_duration_may_have_units(text: str, seconds: float) -> None:
    read = settings(RETRY_TIMEOUT=text, LOCK_TIMEOUT=text)
    assert (read.retry_timeout, read.lock_timeout) == (seconds, seconds)


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00.5+01:00", "2026-01-31 12:00:00+00:00"])
def test_a_time_with_a_zone_is_accepted(text: str) -> None:
    assert settings(LAST_PRUNED=text).last_pruned in {
        datetime(2026, 1, 31, 12, tzinfo=UTC),
        datetime(2026, 1, 31, 12, microsecond=500_000, tzinfo=UTC),
    }


def test_an_interval_is_in_days() -> None:
    assert settings(PRUNE_INTERVAL_DAYS="7").prune_interval == timedelta(days=7)
    assert settings(PRUNE_INTERVAL_DAYS="0").prune_interval == timedelta(0)


def test_a_list_has_one_entry_a_line() -> None:
    read = settings(BACKUP_EXCLUDE=" *.tmp \n\n/a b/c\n", BACKUP_TAGS="one\ntwo words")
    assert read.backup.exclude == ("*.tmp", "/a b/c")
    assert read.backup.tags == ("one", "two words")


def test_excludes_are_patterns_in_the_syntax_of_go() -> None:
    patterns = ("*.tmp", "/a/**/b?", "![^a-z]", "a]", "\\[x", "[\\]]", "!keep", "[^^]", "ü[ä-ö]")
    assert settings(BACKUP_EXCLUDE="\n".join(patterns)).backup.exclude == patterns


@pytest.mark.parametrize(("text", "value"), [("true", True), ("YES", True), ("1", True), ("no", False)])
def test_a_boolean_has_several_spellings(text: str, *, value: bool) -> None:
    assert settings(SKIP_IF_UNCHANGED=text).backup.skip_if_unchanged is value


def test_a_missing_snapshot_is_accepted_by_default_only_under_volsync() -> None:
    assert settings(PRIVILEGED_MOVER="false").restore.missing is OnMissing.CONTINUE
    assert settings(PRIVILEGED_MOVER="false", RESTORE_MISSING="fail").restore.missing is OnMissing.FAIL


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_problem_has_the_variable_its_value_and_what_is_expected(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name}: ")
    assert repr(value) in problem
    assert len(problem) > len(f"{name}: {value!r}: ") + 20, "what is expected is part of it"


def test_all_problems_are_reported_at_once() -> None:
    found = problems(**WRONG, RESTIC_REPOSITORY="", RESTIC_PASSWORD="")
    for name in (*WRONG, "RESTIC_REPOSITORY", "RESTIC_PASSWORD"):
        assert sum(problem.startswith(f"{name}: ") for problem in found) == 1, name


@given(st.dictionaries(st.sampled_from(sorted(WRONG)), words, max_size=5))
def test_any_text_in_a_variable_ends_in_short_problems_at_worst(environment: dict[str, str]) -> None:
    for problem in problems(**environment):
        assert any(name in problem for name in environment)
        assert len(problem) < 400


@pytest.mark.parametrize(("name", "most"), WHOLE_NUMBERS.items())
@few_examples
@given(text=words)
def test_text_that_is_not_a_number_is_rejected(name: str, most: int, text: str) -> None:
    assume(not (text.strip().isascii() and text.strip().isdigit() and int(text.strip()) <= most))
    (problem,) = problems(**{name: text})
    assert problem.startswith(f"{name}: ")
    assert problem.endswith(f" {most}")


@pytest.mark.parametrize("text", ["1.5", "1e3", "٣", "0x10", "1_000", "+1", "999999999999", "1 2", "1\x00"])
def test_text_that_resembles_a_whole_number_is_rejected(text: str) -> None:
    assert len(problems(RETAIN_DAILY=text)) == 1


@pytest.mark.parametrize(("name", "choices"), CHOICES.items())
@few_examples
@given(text=words)
def test_a_word_that_is_not_a_choice_is_rejected(name: str, choices: tuple[str, ...], text: str) -> None:
    assume(text.strip().lower() not in choices)
    (problem,) = problems(**{name: text})
    assert problem.startswith(f"{name}: ")
    expected = problem[-len(", ".join(choices)) - len(" or") :]
    assert [choice for choice in choices if choice not in expected] == []


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-13-01T00:00:00Z",
        "12:00Z",
        "1738324800",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_a_time_without_a_zone_or_out_of_range_is_rejected(name: str, text: str) -> None:
    (problem,) = problems(**{name: text})
    assert problem.startswith(f"{name}: ")


@given(st.sampled_from(TIMES), words)
def test_any_text_as_a_time_is_one_problem_at_most(name: str, text: str) -> None:
    assert len(problems(**{name: text})) <= 1


@pytest.mark.parametrize("text", ["10", "5m"])
def test_a_duration_is_accepted(text: str) -> None:
    assert problems(RETRY_TIMEOUT=text) == []


@pytest.mark.parametrize("text", ["-5m", "m", "5 m", "1.5h", "5w", "31d", "999999999d", "1h30"])
def test_text_that_is_not_a_duration_is_rejected(text: str) -> None:
    (problem,) = problems(RETRY_TIMEOUT=text)
    assert problem.startswith("RETRY_TIMEOUT: ")
    assert repr(text) in problem


@pytest.mark.parametrize("text", ["a,b", "3;20", "-1", "1000", "٣"])
def test_text_that_is_not_an_exit_code_is_rejected(text: str) -> None:
    assert len(problems(TREAT_AS_SUCCESS=text)) == 1


@pytest.mark.parametrize("pattern", ["[a", "a[]", "[a/b]", "x\\", "[a-]", "[^]", "*["])
def test_an_exclude_pattern_that_restic_refuses_is_rejected(pattern: str) -> None:
    (problem,) = problems(BACKUP_EXCLUDE=f"*.tmp\n{pattern}\n*.bak")
    assert problem.startswith("BACKUP_EXCLUDE: ")
    assert repr(pattern) in problem
    assert "*.tmp" not in problem, "only the wrong pattern is shown"


def test_a_long_value_is_shortened_in_the_problem() -> None:
    (problem,) = problems(LOG_LEVEL="x" * 100_000)
    assert len(problem) < 200


@given(st.sampled_from(sorted(WRONG)))
def test_a_problem_contains_no_secret_of_another_variable(name: str) -> None:
    assert not [problem for problem in problems(**{name: WRONG[name]}) if PASSWORD in problem]


def test_a_missing_repository_is_rejected() -> None:
    (problem,) = problems(RESTIC_REPOSITORY="")
    assert problem.startswith("RESTIC_REPOSITORY: ")


def test_a_repository_set_in_two_ways_is_rejected(tmp_path: Path) -> None:
    (problem,) = problems(RESTIC_REPOSITORY_FILE=file_in(tmp_path, "/repository"))
    assert variables_in(problem) == {"RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE"}


def test_the_repository_can_be_read_from_a_file(tmp_path: Path) -> None:
    name = file_in(tmp_path, "rest:https://me:hunter2@nas/\n")
    read = settings(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=name)
    assert read.repository.url.reveal() == "rest:https://me:hunter2@nas/"
    assert read.repository.shown == "rest:https://me:***@nas/"


@pytest.mark.parametrize("content", ["", "\n", "one\ntwo\n"])
def test_a_repository_file_without_exactly_one_line_is_rejected(tmp_path: Path, content: str) -> None:
    (problem,) = problems(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=file_in(tmp_path, content))
    assert problem.startswith("RESTIC_REPOSITORY_FILE: ")


def test_a_missing_repository_file_is_rejected() -> None:
    (problem,) = problems(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE="/no/such")
    assert problem.startswith("RESTIC_REPOSITORY_FILE: ")
    assert "'/no/such'" in problem


@pytest.mark.parametrize("url", ["/data", "/data/repository", "local:/data/x", "/other/../data/x"])
def test_a_repository_inside_the_data_volume_is_rejected(url: str) -> None:
    (problem,) = problems(RESTIC_REPOSITORY=url)
    assert variables_in(problem) == {"RESTIC_REPOSITORY", "DATA_DIR"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rest:https://me:hunter2@nas:8000/x", "rest:https://me:***@nas:8000/x"),
        ("rest:https://me:hun@ter@nas/", "rest:https://me:***@nas/"),
        ("s3:http://nas:9000/bucket/a@b", "s3:http://nas:9000/bucket/a@b"),
        ("sftp:me@nas:/path", "sftp:me@nas:/path"),
        ("sftp://me@nas//path", "sftp://me@nas//path"),
        ("s3:https://nas/bucket/a@b:c", "s3:https://nas/bucket/a@b:c"),
    ],
)
def test_the_repository_is_shown_without_its_password(url: str, shown: str) -> None:
    assert settings(RESTIC_REPOSITORY=url).repository.shown == shown


@pytest.mark.parametrize("url", ["S3:https://nas/bucket", "s3_https://nas/bucket", "local:https://nas/x"])
def test_a_misspelled_url_is_not_accepted_as_a_local_path(url: str) -> None:
    (problem,) = problems(RESTIC_REPOSITORY=url)
    assert problem.startswith("RESTIC_REPOSITORY: ")
    assert repr(url) in problem


def test_a_repository_with_unrecognized_credentials_is_not_shown() -> None:
    (problem,) = problems(RESTIC_REPOSITORY="My_User:hunter2@nas/")
    assert problem.startswith("RESTIC_REPOSITORY: ")
    assert not [part for part in ("My_User", "hunter2", "nas") if part in problem]


@pytest.mark.parametrize("sign", "/?#")
def test_a_repository_with_an_unencoded_password_is_not_shown(sign: str) -> None:
    (problem,) = problems(RESTIC_REPOSITORY=f"rest:https://me:hunter{sign}2@nas/")
    assert problem.startswith("RESTIC_REPOSITORY: ")
    assert "hunter" not in problem


def test_the_id_of_a_repository_does_not_depend_on_its_credentials() -> None:
    urls = ("rest:https://nas/a", "rest:https://me@nas/a", "rest:https://me:one@nas/a", "rest:https://me:t@o@nas/a")
    assert len({settings(RESTIC_REPOSITORY=url).repository.id for url in urls}) == 1
    assert settings(RESTIC_REPOSITORY="rest:https://nas/b").repository.id not in {
        settings(RESTIC_REPOSITORY=url).repository.id for url in urls
    }


def test_every_spelling_of_a_local_path_is_the_same_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    for url in ("repository", "local:repository", f"{tmp_path}/link/repository/", f"local:{tmp_path}/repository"):
        assert settings(RESTIC_REPOSITORY=url).repository.url.reveal() == str(tmp_path / "repository")


def test_a_missing_password_is_rejected() -> None:
    (problem,) = problems(RESTIC_PASSWORD="")
    assert problem.startswith("RESTIC_PASSWORD: ")


@pytest.mark.parametrize("name", ["RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND"])
def test_a_password_set_in_two_ways_is_rejected(tmp_path: Path, name: str) -> None:
    (problem,) = problems(**{name: file_in(tmp_path)})
    assert variables_in(problem) == {"RESTIC_PASSWORD", name}


def test_a_command_can_supply_the_password() -> None:
    assert problems(RESTIC_PASSWORD="", RESTIC_PASSWORD_COMMAND="cat /secret") == []


def test_an_unreadable_password_file_is_rejected() -> None:
    (problem,) = problems(RESTIC_PASSWORD="", RESTIC_PASSWORD_FILE="/no/such/file")
    assert problem.startswith("RESTIC_PASSWORD_FILE: ")
    assert "'/no/such/file'" in problem


@pytest.mark.parametrize("cache", ["/data", "/data/cache", "/data/../data/x"])
def test_a_cache_inside_the_data_volume_is_rejected(cache: str) -> None:
    (problem,) = problems(RESTIC_CACHE_DIR=cache)
    assert variables_in(problem) == {"RESTIC_CACHE_DIR", "DATA_DIR"}


def test_paths_of_volume_and_cache_are_compared_without_links(tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    (tmp_path / "link").symlink_to("volume")
    assert settings(DATA_DIR=str(tmp_path / "link")).data == tmp_path / "volume"
    assert len(problems(DATA_DIR=str(tmp_path / "link"), RESTIC_CACHE_DIR=str(tmp_path / "volume" / "x"))) == 1


@pytest.mark.parametrize("given", ["abcd", "ABCDEF01", "f" * 64])
def test_a_snapshot_is_chosen_by_a_prefix_of_its_id(given: str) -> None:
    assert settings(RESTORE_SNAPSHOT=given).restore.snapshot == given.lower()


@pytest.mark.parametrize("given", ["abc", "latest", "f" * 65, "abcd:path", "--help"])
def test_text_that_is_not_a_snapshot_id_is_rejected(given: str) -> None:
    assert len(problems(RESTORE_SNAPSHOT=given)) == 1


@pytest.mark.parametrize("also", ["RESTORE_AS_OF=2026-01-31T12:00:00Z", "SELECT_PREVIOUS=1"])
def test_a_snapshot_chosen_in_two_ways_is_rejected(also: str) -> None:
    (problem,) = problems(RESTORE_SNAPSHOT="abcdef", **dict([also.split("=", 1)]))
    assert {"RESTORE_SNAPSHOT", also.split("=", maxsplit=1)[0]} < variables_in(problem)


@pytest.mark.parametrize("name", ["CUSTOM_CA", "RESTIC_CACERT", "RESTIC_TLS_CLIENT_CERT"])
def test_an_unreadable_certificate_file_is_rejected(name: str) -> None:
    (problem,) = problems(**{name: "/no/such"})
    assert problem.startswith(f"{name}: ")
    assert "'/no/such'" in problem


@pytest.mark.parametrize("options", ["--delete", "--include '/a b' -e x", "--overwrite=if-newer --sparse"])
def test_raw_flags_are_accepted_for_restore(options: str) -> None:
    assert problems(RESTORE_OPTIONS=options) == []


@pytest.mark.parametrize(
    "options",
    [
        "--target=/x",
        "-t /x",
        "-t/x",
        "--json",
        "--path /x",
        "-H h",
        "abcdef",
        "--",
        "--sparse=true abcd",
        "--delete abcdef",
        "-vt/x",
        "-qH h",
        "--help",
        "--repo=/other",
        "-p x",
    ],
)
def test_raw_restore_flags_that_the_mover_sets_itself_are_rejected(options: str) -> None:
    assert problems(RESTORE_OPTIONS=options)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, None), ({"PRIVILEGED_MOVER": "true"}, "text"), ({"PRIVILEGED_MOVER": "1", "LOG_FORMAT": "JSON"}, "json")],
)
def test_the_log_format_is_text_by_default_under_volsync(environment: dict[str, str], expected: str | None) -> None:
    chosen = read_reporting(EnvironmentReader({**GOOD, **environment})).log_format
    assert chosen == (LogFormat(expected) if expected else None)
