"""Settings: each one right, each one wrong in every way, and all problems told at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mover.config.field_reader import Reader
from mover.config.settings import LogFormat, OnMissing, RepositoryInit, read_reporting
from tests.settings_samples import GOOD, PASSWORD, file_in, problems, settings

WHOLE_NUMBERS = {
    **dict.fromkeys(("RETAIN_LAST", "RETAIN_HOURLY", "RETAIN_DAILY", "RETAIN_WEEKLY"), 1_000_000),
    **dict.fromkeys(("RETAIN_MONTHLY", "RETAIN_YEARLY"), 1_000_000),
    **dict.fromkeys(("PRUNE_INTERVAL_DAYS", "CHECK_INTERVAL_DAYS"), 36500),
    "CHECK_SUBSETS": 256,
    "VERIFY_SAMPLE_FILES": 100_000,
    "SELECT_PREVIOUS": 1_000_000,
}
CHOICES = {
    "REPOSITORY_INIT": "auto, always or never",
    "RESTORE_MISSING": "fail or continue",
    "LOG_FORMAT": "text or json",
    "LOG_LEVEL": "debug, info, warning or error",
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


class TestGoodSettings:
    def test_have_defaults(self) -> None:
        read = settings()
        assert (read.host, read.data, read.cache) == ("volsync", Path("/data"), Path("/cache"))
        assert read.repository_init is RepositoryInit.AUTO
        assert [read.retention, read.prune_interval, read.last_pruned, read.check.interval] == [None] * 4
        assert (read.retry_timeout, read.lock_timeout) == (600, 600)
        assert read.restore.path == "/data"
        assert read.restore.missing is OnMissing.FAIL

    def test_take_no_line_end_for_a_part_of_a_name(self) -> None:
        read = settings(RESTIC_HOST="photos\n", DATA_DIR="/data\n", RESTIC_CACHE_DIR="/cache\n")
        assert (read.host, read.data, read.cache) == ("photos", Path("/data"), Path("/cache"))

    def test_take_an_empty_value_for_an_unset_one(self) -> None:
        assert settings(**dict.fromkeys(WRONG, " \n")) == settings()

    def test_show_no_secret_when_printed(self) -> None:
        shown = str(settings(RESTIC_REPOSITORY="rest:https://me:hunter2@nas/", AWS_SECRET_ACCESS_KEY="key22"))
        assert not [secret for secret in (PASSWORD, "hunter2", "key22") if secret in shown]

    @pytest.mark.parametrize(("name", "most"), WHOLE_NUMBERS.items())
    @given(data=st.data())
    def test_are_whole_numbers_up_to_a_limit(self, name: str, most: int, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, most))
        assert problems(**{name: f" {number} "}) == []

    @pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1h30m", 5400), ("2d", 172800), ("0", 0)])
    def test_are_durations(self, text: str, seconds: float) -> None:
        read = settings(RETRY_TIMEOUT=text, LOCK_TIMEOUT=text)
        assert (read.retry_timeout, read.lock_timeout) == (seconds, seconds)

    @pytest.mark.parametrize(
        "text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00.5+01:00", "2026-01-31 12:00:00+00:00"]
    )
    def test_are_times_with_a_zone(self, text: str) -> None:
        assert settings(LAST_PRUNED=text).last_pruned in {
            datetime(2026, 1, 31, 12, tzinfo=UTC),
            datetime(2026, 1, 31, 12, microsecond=500_000, tzinfo=UTC),
        }

    def test_are_days(self) -> None:
        assert settings(PRUNE_INTERVAL_DAYS="7").prune_interval == timedelta(days=7)
        assert settings(PRUNE_INTERVAL_DAYS="0").prune_interval == timedelta(0)

    def test_are_lines(self) -> None:
        read = settings(BACKUP_EXCLUDE=" *.tmp \n\n/a b/c\n", BACKUP_TAGS="one\ntwo words")
        assert read.backup.exclude == ("*.tmp", "/a b/c")
        assert read.backup.tags == ("one", "two words")

    def test_are_patterns_in_go_s_own_language(self) -> None:
        patterns = ("*.tmp", "/a/**/b?", "![^a-z]", "a]", "\\[x", "[\\]]", "!keep", "[^^]", "ü[ä-ö]")
        assert settings(BACKUP_EXCLUDE="\n".join(patterns)).backup.exclude == patterns

    @pytest.mark.parametrize(("text", "value"), [("true", True), ("YES", True), ("1", True), ("no", False)])
    def test_are_yes_or_no(self, text: str, *, value: bool) -> None:
        assert settings(SKIP_IF_UNCHANGED=text).backup.skip_if_unchanged is value

    def test_go_on_without_a_snapshot_where_volsync_says_whether_the_mover_is_privileged(self) -> None:
        assert settings(PRIVILEGED_MOVER="false").restore.missing is OnMissing.CONTINUE
        assert settings(PRIVILEGED_MOVER="false", RESTORE_MISSING="fail").restore.missing is OnMissing.FAIL


class TestBadSettings:
    @pytest.mark.parametrize(("name", "value"), WRONG.items())
    def test_are_told_by_name_with_what_was_given_and_what_is_expected(self, name: str, value: str) -> None:
        (problem,) = problems(**{name: value})
        assert problem.startswith(f"{name} is {value!r}: it should be ")

    def test_are_told_all_at_once(self) -> None:
        found = problems(**WRONG, RESTIC_REPOSITORY="", RESTIC_PASSWORD="")
        for name in (*WRONG, "RESTIC_REPOSITORY", "RESTIC_PASSWORD"):
            assert sum(problem.startswith(f"{name} is ") for problem in found) == 1, name

    @given(st.dictionaries(st.sampled_from(sorted(WRONG)), words, max_size=5))
    def test_never_end_in_anything_but_problems(self, environment: dict[str, str]) -> None:
        for problem in problems(**environment):
            assert any(name in problem for name in environment)
            assert len(problem) < 400

    @pytest.mark.parametrize(("name", "most"), WHOLE_NUMBERS.items())
    @given(text=words)
    def test_are_numbers_that_are_none(self, name: str, most: int, text: str) -> None:
        assume(not (text.strip().isascii() and text.strip().isdigit() and int(text.strip()) <= most))
        (problem,) = problems(**{name: text})
        assert problem.endswith(f"it should be a whole number from 0 to {most}")

    @pytest.mark.parametrize("text", ["1.5", "1e3", "٣", "0x10", "1_000", "+1", "999999999999", "1 2", "1\x00"])
    def test_are_numbers_that_only_look_like_one(self, text: str) -> None:
        assert len(problems(RETAIN_DAILY=text)) == 1

    @pytest.mark.parametrize(("name", "expected"), CHOICES.items())
    @given(text=words)
    def test_are_words_that_are_no_choice(self, name: str, expected: str, text: str) -> None:
        assume(text.strip().lower() not in expected)
        (problem,) = problems(**{name: text})
        assert problem.endswith(f"it should be {expected}")

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
    def test_are_times_without_zone_or_meaning(self, name: str, text: str) -> None:
        (problem,) = problems(**{name: text})
        assert "an RFC 3339 time with its zone" in problem

    @given(st.sampled_from(TIMES), words)
    def test_are_times_that_are_none(self, name: str, text: str) -> None:
        assert len(problems(**{name: text})) <= 1

    @pytest.mark.parametrize("text", ["10", "5m"])
    def test_are_no_durations_that_are_some(self, text: str) -> None:
        assert problems(RETRY_TIMEOUT=text) == []

    @pytest.mark.parametrize("text", ["-5m", "m", "5 m", "1.5h", "5w", "31d", "999999999d", "1h30"])
    def test_are_durations_that_are_none(self, text: str) -> None:
        (problem,) = problems(RETRY_TIMEOUT=text)
        assert "of at most 30 days" in problem

    @pytest.mark.parametrize("text", ["a,b", "3;20", "-1", "1000", "٣"])
    def test_are_exit_codes_that_are_none(self, text: str) -> None:
        assert len(problems(TREAT_AS_SUCCESS=text)) == 1

    @pytest.mark.parametrize("pattern", ["[a", "a[]", "[a/b]", "x\\", "[a-]", "[^]", "*["])
    def test_are_patterns_that_restic_refuses(self, pattern: str) -> None:
        (problem,) = problems(BACKUP_EXCLUDE=f"*.tmp\n{pattern}\n*.bak")
        assert problem.startswith(f"BACKUP_EXCLUDE has {pattern!r}: it should be a pattern")

    def test_are_shown_cut_where_they_are_long(self) -> None:
        (problem,) = problems(LOG_LEVEL="x" * 100_000)
        assert len(problem) < 200

    @given(st.sampled_from(sorted(WRONG)))
    def test_never_show_a_secret_that_is_set_elsewhere(self, name: str) -> None:
        assert not [problem for problem in problems(**{name: WRONG[name]}) if PASSWORD in problem]


class TestTheRepository:
    def test_must_be_told(self) -> None:
        (problem,) = problems(RESTIC_REPOSITORY="")
        assert problem.startswith("RESTIC_REPOSITORY is not set: it should be")

    def test_must_be_told_once(self, tmp_path: Path) -> None:
        assert problems(RESTIC_REPOSITORY_FILE=file_in(tmp_path, "/repository")) == [
            "set only one of RESTIC_REPOSITORY and RESTIC_REPOSITORY_FILE"
        ]

    def test_may_be_in_a_file(self, tmp_path: Path) -> None:
        name = file_in(tmp_path, "rest:https://me:hunter2@nas/\n")
        read = settings(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=name)
        assert read.repository.url.reveal() == "rest:https://me:hunter2@nas/"
        assert read.repository.shown == "rest:https://me:***@nas/"

    @pytest.mark.parametrize("content", ["", "\n", "one\ntwo\n"])
    def test_must_be_all_that_is_in_the_file(self, tmp_path: Path, content: str) -> None:
        (problem,) = problems(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE=file_in(tmp_path, content))
        assert "a file that holds the repository's URL and nothing else" in problem

    def test_must_be_in_a_file_that_is_there(self) -> None:
        (problem,) = problems(RESTIC_REPOSITORY="", RESTIC_REPOSITORY_FILE="/no/such")
        assert "RESTIC_REPOSITORY_FILE is '/no/such'" in problem

    @pytest.mark.parametrize("url", ["/data", "/data/repository", "local:/data/x", "/other/../data/x"])
    def test_must_be_outside_of_the_volume(self, url: str) -> None:
        (problem,) = problems(RESTIC_REPOSITORY=url)
        assert "outside of DATA_DIR (/data)" in problem

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
    def test_is_shown_without_its_password(self, url: str, shown: str) -> None:
        assert settings(RESTIC_REPOSITORY=url).repository.shown == shown

    @pytest.mark.parametrize("url", ["S3:https://nas/bucket", "s3_https://nas/bucket", "local:https://nas/x"])
    def test_is_no_folder_where_a_url_is_meant(self, url: str) -> None:
        (problem,) = problems(RESTIC_REPOSITORY=url)
        assert "it should begin as s3:https:// does" in problem

    @pytest.mark.parametrize("sign", "/?#")
    def test_is_not_shown_where_its_password_is_not_written_as_a_url_wants_it(self, sign: str) -> None:
        (problem,) = problems(RESTIC_REPOSITORY=f"rest:https://me:hunter{sign}2@nas/")
        assert problem.startswith("RESTIC_REPOSITORY has a password with / ? or # in it")
        assert "hunter" not in problem

    def test_has_a_name_that_does_not_change_with_its_credentials(self) -> None:
        urls = ("rest:https://nas/a", "rest:https://me@nas/a", "rest:https://me:one@nas/a", "rest:https://me:t@o@nas/a")
        assert len({settings(RESTIC_REPOSITORY=url).repository.id for url in urls}) == 1
        assert settings(RESTIC_REPOSITORY="rest:https://nas/b").repository.id not in {
            settings(RESTIC_REPOSITORY=url).repository.id for url in urls
        }

    def test_on_a_local_path_is_the_same_however_it_is_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "link").symlink_to(tmp_path)
        for url in ("repository", "local:repository", f"{tmp_path}/link/repository/", f"local:{tmp_path}/repository"):
            assert settings(RESTIC_REPOSITORY=url).repository.url.reveal() == str(tmp_path / "repository")


class TestThePassword:
    def test_must_be_told(self) -> None:
        (problem,) = problems(RESTIC_PASSWORD="")
        assert problem.startswith("RESTIC_PASSWORD is not set")

    @pytest.mark.parametrize("name", ["RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND"])
    def test_must_be_told_once(self, tmp_path: Path, name: str) -> None:
        (problem,) = problems(**{name: file_in(tmp_path)})
        assert problem == f"set only one of RESTIC_PASSWORD and {name}"

    def test_may_come_from_a_command(self) -> None:
        assert problems(RESTIC_PASSWORD="", RESTIC_PASSWORD_COMMAND="cat /secret") == []

    def test_must_be_in_a_file_that_can_be_read(self) -> None:
        (problem,) = problems(RESTIC_PASSWORD="", RESTIC_PASSWORD_FILE="/no/such/file")
        assert "(No such file or directory)" in problem


class TestThePlaces:
    @pytest.mark.parametrize("cache", ["/data", "/data/cache", "/data/../data/x"])
    def test_of_cache_and_volume_are_apart(self, cache: str) -> None:
        (problem,) = problems(RESTIC_CACHE_DIR=cache)
        assert "outside of DATA_DIR (/data)" in problem

    def test_may_be_links(self, tmp_path: Path) -> None:
        (tmp_path / "volume").mkdir()
        (tmp_path / "link").symlink_to("volume")
        assert settings(DATA_DIR=str(tmp_path / "link")).data == tmp_path / "volume"
        assert len(problems(DATA_DIR=str(tmp_path / "link"), RESTIC_CACHE_DIR=str(tmp_path / "volume" / "x"))) == 1


class TestTheSnapshot:
    @pytest.mark.parametrize("given", ["abcd", "ABCDEF01", "f" * 64])
    def test_is_told_by_the_beginning_of_its_id(self, given: str) -> None:
        assert settings(RESTORE_SNAPSHOT=given).restore.snapshot == given.lower()

    @pytest.mark.parametrize("given", ["abc", "latest", "f" * 65, "abcd:path", "--help"])
    def test_is_told_by_nothing_else(self, given: str) -> None:
        assert len(problems(RESTORE_SNAPSHOT=given)) == 1

    @pytest.mark.parametrize("also", ["RESTORE_AS_OF=2026-01-31T12:00:00Z", "SELECT_PREVIOUS=1"])
    def test_is_told_in_one_way(self, also: str) -> None:
        (problem,) = problems(RESTORE_SNAPSHOT="abcdef", **dict([also.split("=", 1)]))
        assert problem.startswith("RESTORE_SNAPSHOT names one snapshot")


@pytest.mark.parametrize("name", ["CUSTOM_CA", "RESTIC_CACERT", "RESTIC_TLS_CLIENT_CERT"])
def test_a_certificate_must_be_in_a_file_that_can_be_read(name: str) -> None:
    (problem,) = problems(**{name: "/no/such"})
    assert problem == f"{name} is '/no/such': it should be the path of a readable file (No such file or directory)"


class TestRestoreOptions:
    @pytest.mark.parametrize("options", ["--delete", "--include '/a b' -e x", "--overwrite=if-newer --sparse"])
    def test_are_raw_flags(self, options: str) -> None:
        assert problems(RESTORE_OPTIONS=options) == []

    @pytest.mark.parametrize(
        "options",
        [
            *("--target=/x", "-t /x", "-t/x", "--json", "--path /x", "-H h", "abcdef", "--", "--sparse=true abcd"),
            *("--delete abcdef", "-vt/x", "-qH h", "--help", "--repo=/other", "-p x"),
        ],
    )
    def test_are_none_of_the_mover_s_own_nor_snapshots(self, options: str) -> None:
        assert problems(RESTORE_OPTIONS=options)


class TestReporting:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [({}, None), ({"PRIVILEGED_MOVER": "true"}, "text"), ({"PRIVILEGED_MOVER": "1", "LOG_FORMAT": "JSON"}, "json")],
    )
    def test_is_text_for_volsync(self, environment: dict[str, str], expected: str | None) -> None:
        chosen = read_reporting(Reader({**GOOD, **environment})).log_format
        assert chosen == (LogFormat(expected) if expected else None)
