"""A whole run as its caller sees it: settings, log, outcome, exit code, and what reaches restic."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.fake_restic import Recorder, as_lines, fake_restic
from tests.mover_process import PASSWORD, SYSTEM_PATH, Mover, somebody_using, unreadable
from tests.restics import NEWEST, both_restics

# The lines VolSync keeps of a mover's log for the status of its resource.
KEPT_BY_VOLSYNC = re.compile(
    r"^\s*([pP]rocessed)\s.+([fF]iles)|^\s*([sS]napshot)\s.+([sS]aved)|^\s*No eligible|^\s*[cC]reated|"
    r"^\s*([rR]epository)\s.+([oO]pened)|^\s*[rR]estoring|^\s*[nN]o parent snapshot|^\s*[uU]sing parent snapshot|"
    r"^\s*[aA]dded to the repository|^\s*[sS]uccessfully|^\s*[fF]atal|^\s*ERROR|^\s*[rR]estic completed in|"
    r"No data|Directory is empty|RESTORE_OPTIONS|[iI]nitialize [dD]ir"
)


def kept_by_volsync(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if KEPT_BY_VOLSYNC.search(line))


class TestBadSettings:
    def test_are_all_told_at_once_before_anything_runs(self, fresh: Mover) -> None:
        result = fresh.fails(
            *(2, "backup", "tidy"),
            RESTIC_REPOSITORY="",
            RESTIC_PASSWORD="",
            DATA_DIR="/no/such/volume",
            RETAIN_DAILY="many",
            LOG_LEVEL="loud",
            TREAT_AS_SUCCESS="yes",
        )
        wrong = ("tidy", "RESTIC_REPOSITORY", "RESTIC_PASSWORD", "DATA_DIR", "RETAIN_DAILY", "LOG_LEVEL", "TREAT_AS")
        for name in wrong:
            assert name in result.message
            assert sum(name in record["message"] for record in result.records[:-1]) == 1, f"{name}: a record of its own"
        assert result.message.startswith("7 settings are wrong: ")
        assert result.operations == []
        assert result.outcome["restic"]["processes"] == 0
        assert not fresh.cache.exists()
        assert not fresh.repository.exists()

    def test_are_told_by_the_reports_too(self, fresh: Mover) -> None:
        for report in ("snapshots", "status"):
            result = fresh.run(report, RETAIN_LAST="-1", RESTIC_PASSWORD="")
            assert result.exit_code == 2
            assert "RETAIN_LAST is '-1': it should be a whole number" in result.errors
            assert "RESTIC_PASSWORD is not set" in result.errors
            assert result.text == ""

    def test_are_shown_without_the_secrets_in_them(self, fresh: Mover) -> None:
        url = "rest:https://somebody:hunter22@backup.example/path"
        result = fresh.fails(2, "backup", RESTIC_REPOSITORY=url, CUSTOM_CA=url, RETAIN_LAST="hunter22")
        assert "hunter22" not in result.text
        assert "RETAIN_LAST is '***'" in result.message

    @pytest.mark.parametrize("operations", [["backup", "backup"], ["forget"], ["Backup"], ["back\nup\udcff"]])
    def test_can_be_operations(self, fresh: Mover, operations: list[str]) -> None:
        result = fresh.fails(2, *operations)
        assert "operation" in result.message


class TestRestic:
    def test_that_is_too_old_is_refused_by_name(self, fresh: Mover) -> None:
        old = fresh.with_restic(fake_restic(fresh.folder, version="0.14.0"))
        result = old.fails(2, "backup")
        assert result.message == "restic 0.14.0 is too old; install 0.18 or newer."
        result = old.run("--version")
        assert (result.exit_code, "restic 0.14.0 is too old" in result.errors) == (2, True)

    def test_that_is_missing_is_asked_for(self, fresh: Mover) -> None:
        result = fresh.fails(2, "backup", PATH="/nowhere")
        assert result.message == "restic is not on the PATH (/nowhere); install version 0.18 or newer."

    def test_that_is_something_else_is_refused(self, fresh: Mover) -> None:
        other = fresh.with_restic(fake_restic(fresh.folder, version="; echo rustic 1.0 #"))
        assert "is not restic: it calls itself 'restic rustic 1.0'" in other.fails(2, "backup").message

    @both_restics
    def test_shows_its_version_beside_the_mover_s_own(self, fresh: Mover, restic: str) -> None:
        result = fresh.succeeds("--version")
        assert re.fullmatch(r"mover \d+\.\d+\.\d+\nrestic 0\.(19|18)\.\d+\n", result.text)
        assert ("0.18" in result.text) is (restic != NEWEST)

    def test_is_asked_for_its_version_only_once(self, mover: Mover) -> None:
        assert mover.succeeds("unlock").outcome["restic"]["processes"] == 2
        assert mover.succeeds("unlock").outcome["restic"]["processes"] == 1

    def test_is_asked_again_where_it_was_replaced(self, mover: Mover) -> None:
        mover.succeeds("unlock")
        old = mover.with_restic(fake_restic(mover.folder, version="0.17.3"))
        assert "restic 0.17.3 is too old" in old.fails(2, "unlock").message

    @pytest.mark.parametrize("content", ["", "[" * 50_000, '{"executable": 1}', '{"version": null}'])
    def test_is_asked_again_where_what_was_remembered_is_torn(self, mover: Mover, content: str) -> None:
        mover.cache.mkdir()
        (mover.cache / "restic-version.json").write_text(content)
        assert mover.succeeds("unlock").outcome["restic"]["processes"] == 2

    def test_that_says_something_unheard_of_is_a_fault(self, fresh: Mover) -> None:
        silent = fresh.with_restic(fake_restic(fresh.folder, backup="true"))
        assert "restic backup ended well but without its summary" in silent.fails(1, "backup").message


class TestWhatReachesRestic:
    @pytest.fixture
    def recorder(self, mover: Mover) -> Recorder:
        return Recorder(mover.folder, mover.search_path / "restic")

    @pytest.fixture
    def recorded(self, mover: Mover, recorder: Recorder) -> Mover:
        return mover.with_restic(recorder.search_path)

    def test_is_what_backends_need_one_to_one_and_nothing_else(self, recorded: Mover, recorder: Recorder) -> None:
        wanted = {
            "AWS_ACCESS_KEY_ID": "key ",
            "AWS_SECRET_ACCESS_KEY": "secret with = and\nnewline",
            "ST_KEY": "st",
            "OS_PASSWORD": "os",
            "B2_ACCOUNT_KEY": "b2",
            "AZURE_ACCOUNT_KEY": "azure",
            "GOOGLE_PROJECT_ID": "google",
            "RCLONE_BWLIMIT": "1M",
            "RESTIC_COMPRESSION": "off",
            "STORAGE_EMULATOR_HOST": "emulator",
            "HTTPS_PROXY": "http://proxy",
            "no_proxy": "localhost",
        }
        unwanted = {"LD_PRELOAD": "", "KUBERNETES_SERVICE_HOST": "10.0.0.1", "DATABASE_PASSWORD": "other", "LANG": "C"}
        recorded.succeeds("backup", **wanted, **unwanted)
        (given,) = recorder.environments[-1:]
        assert wanted.items() <= given.items()
        assert given.keys() - wanted.keys() == {
            *("PATH", "HOME", "TMPDIR", "RESTIC_REPOSITORY", "RESTIC_PASSWORD", "RESTIC_CACHE_DIR"),
            *("RESTIC_PROGRESS_FPS", "RESTIC_FEATURES"),
        }
        assert given["PATH"] == f"{recorded.search_path}:{SYSTEM_PATH}"
        assert Path(given["TMPDIR"]).is_relative_to(recorded.cache)

    @pytest.mark.parametrize(
        ("given", "level"), [({}, "DEBUG"), ({"RCLONE_LOG_LEVEL": "ERROR"}, "ERROR"), ({"RCLONE_VERBOSE": "1"}, None)]
    )
    def test_has_rclone_tell_why_a_request_failed_unless_its_log_is_spoken_of(
        self, recorded: Mover, recorder: Recorder, given: dict[str, str], level: str | None
    ) -> None:
        recorded.run("backup", RESTIC_REPOSITORY="rclone:no-such-remote:x", **given)
        assert recorder.environments[-1].get("RCLONE_LOG_LEVEL") == level

    def test_is_no_secret_among_its_arguments(self, recorded: Mover, recorder: Recorder) -> None:
        secrets = {"AWS_SECRET_ACCESS_KEY": "s3 secret", "B2_ACCOUNT_KEY": "b2 secret"}
        recorded.succeeds("backup", "prune", "restore", "unlock", RETAIN_LAST="1", **secrets)
        told = json.dumps(recorder.arguments)
        for secret in (PASSWORD, *secrets.values()):
            assert secret not in told
            assert secret not in recorded.marker.read_text()

    def test_is_the_name_of_a_file_that_holds_google_s_credentials(self, recorded: Mover, recorder: Recorder) -> None:
        recorded.succeeds("backup", GOOGLE_APPLICATION_CREDENTIALS=' {"private_key": "of google"}')
        (given,) = recorder.environments[-1:]
        path = Path(given["GOOGLE_APPLICATION_CREDENTIALS"])
        assert path.is_absolute()
        assert not path.exists(), "it is gone after the run"

    def test_adds_to_feature_flags_and_never_overrules_them(self, recorded: Mover, recorder: Recorder) -> None:
        recorded.succeeds("unlock")
        recorded.succeeds("unlock", RESTIC_FEATURES="s3-restore=false")
        recorded.succeeds("unlock", RESTIC_FEATURES="device-id-for-hardlinks=false")
        assert [given.get("RESTIC_FEATURES") for given in recorder.environments[1:]] == [
            "device-id-for-hardlinks=true",
            "s3-restore=false,device-id-for-hardlinks=true",
            "device-id-for-hardlinks=false",
        ]

    def test_is_the_bundle_of_certificates(self, recorded: Mover, recorder: Recorder) -> None:
        bundle = recorded.folder / "ca.pem"
        bundle.touch()
        recorded.run("unlock", CUSTOM_CA=str(bundle))
        assert recorder.environments[-1]["RESTIC_CACERT"] == str(bundle)

    def test_is_as_few_processes_as_do_the_job(self, recorded: Mover, recorder: Recorder) -> None:
        recorded.succeeds("unlock", "backup", "prune", RETAIN_LAST="1")
        assert recorder.commands == ["version", "unlock", "backup", "forget", "prune"]
        recorded.succeeds("unlock", "backup", "prune", RETAIN_LAST="1")
        assert recorder.commands[5:] == ["unlock", "backup", "forget"]

    def test_is_no_question_before_the_first_backup(self, fresh: Mover) -> None:
        recorder = Recorder(fresh.folder, fresh.search_path / "restic")
        fresh.with_restic(recorder.search_path).succeeds("backup")
        assert recorder.commands == ["version", "backup", "init", "backup"]


class TestTheLog:
    def test_is_json_lines_with_time_and_level(self, mover: Mover) -> None:
        for record in mover.succeeds("backup").records:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["time"])
            assert record["level"] == "info"
            assert record["message"]

    def test_says_an_error_in_a_record_of_its_own(self, fresh: Mover) -> None:
        *_, error, outcome = fresh.fails(10, "restore").records
        assert (error["level"], outcome["level"]) == ("error", "error")
        assert error["message"] == outcome["message"]

    def test_can_be_less_or_more(self, mover: Mover) -> None:
        assert len(mover.succeeds("backup", LOG_LEVEL="error").records) == 1, "the outcome is always said"
        assert len(mover.succeeds("backup", LOG_LEVEL="debug").records) >= 4

    def test_as_text_keeps_the_lines_volsync_s_filter_looks_for(self, fresh: Mover) -> None:
        (fresh.data / "one").unlink()
        (fresh.data / "folder" / "two").unlink()
        text = fresh.succeeds("backup", "prune", PRIVILEGED_MOVER="true").text
        kept = kept_by_volsync(text)
        for wanted in ("processed 1 files, 3 B", "snapshot ", "created restic repository", "Added to the repository"):
            assert wanted in kept, f"{wanted!r} is missing in {text}"
        assert "successfully pruned" in kept
        assert kept.splitlines()[-1].startswith("Restic completed in ")

    def test_as_text_keeps_them_for_restores_too(self, history: Mover) -> None:
        told = history.into(history.folder / "new").succeeds("restore", LOG_FORMAT="text", RESTORE_OPTIONS="--delete")
        kept = kept_by_volsync(told.text)
        assert "restoring snapshot" in kept
        assert "RESTORE_OPTIONS: --delete" in kept
        assert "successfully restored" in kept

    def test_as_text_keeps_them_where_nothing_is_done(self, mover: Mover) -> None:
        empty = mover.with_volume(mover.folder / "empty")
        empty.data.mkdir()
        text = empty.succeeds("backup", "restore", PRIVILEGED_MOVER="false").text
        assert "Directory is empty" in kept_by_volsync(text)
        assert "No data will be restored" in kept_by_volsync(text)

    def test_as_text_shows_errors_to_volsync(self, fresh: Mover) -> None:
        text = fresh.fails(10, "restore", LOG_FORMAT="text").text
        assert "ERROR: There is no repository" in kept_by_volsync(text)

    def test_can_tell_file_names_that_are_no_text(self, mover: Mover) -> None:
        path = mover.data / os.fsdecode(b"not utf-8 \xff")
        path.touch()
        unreadable(path)
        for log_format in ("text", "json"):
            assert "not utf-8" in mover.powerless().fails(3, "backup", LOG_FORMAT=log_format).text


class TestTheOutcome:
    def test_has_every_field_of_the_contract(self, mover: Mover) -> None:
        outcome = mover.succeeds("backup").outcome
        assert list(outcome) == [
            *("time", "level", "version", "outcome", "exitCode", "message", "operations", "snapshot", "restored"),
            *("pruned", "checked", "unreadable", "warnings", "restic"),
        ]
        assert list(outcome["operations"][0]) == ["operation", "outcome", "seconds"]
        assert list(outcome["restic"]) == ["processes", "cpuSeconds", "peakRSSBytes"]
        assert (outcome["outcome"], outcome["exitCode"]) == ("done", 0)

    def test_is_logged_though_the_termination_log_can_t_be_written(self, mover: Mover) -> None:
        mover.termination_log.touch()
        mover.termination_log.chmod(0o444)
        result = mover.powerless().with_settings(LOG_FORMAT="json").succeeds("backup")
        assert result.outcome == {}
        *_, warning, outcome = result.records
        assert "The termination log" in warning["message"]
        assert outcome["outcome"] == "done"

    def test_needs_a_folder_for_its_termination_log(self, fresh: Mover) -> None:
        for path in ("/no/such/folder/log", str(fresh.folder)):
            result = fresh.run("backup", TERMINATION_LOG=path, LOG_FORMAT="json")
            assert result.exit_code == 2
            assert "TERMINATION_LOG" in result.text

    def test_replaces_a_longer_one_that_was_there(self, mover: Mover) -> None:
        mover.termination_log.write_text("x" * 10_000)
        mover.succeeds("unlock")
        json.loads(mover.termination_log.read_text())

    def test_stays_what_it_is_where_the_exit_code_is_treated_as_success(self, fresh: Mover) -> None:
        result = fresh.succeeds("restore", TREAT_AS_SUCCESS="25, 10")
        assert (result.outcome["outcome"], result.outcome["exitCode"]) == ("no-repository", 10)

    def test_of_a_chain_is_that_of_its_first_failure(self, mover: Mover) -> None:
        mover.succeeds("backup")
        (mover.data / "new").touch()
        unreadable(mover.data / "new")
        with somebody_using(mover):
            result = mover.powerless().fails(3, "backup", "prune", "unlock", LOCK_TIMEOUT="1s")
        assert result.operations == [("backup", "partial"), ("prune", "maintenance-failed"), ("unlock", "done")]

    def test_of_a_chain_ends_with_any_other_failure(self, mover: Mover) -> None:
        result = mover.fails(25, "restore", "backup")
        assert result.operations == [("restore", "no-snapshot")]

    def test_shows_no_secret_that_restic_says(self, fresh: Mover) -> None:
        url = "rest:http://somebody:hunter22@127.0.0.1:1/"
        words = {"message_type": "exit_error", "code": 1, "message": f"Fatal: {url} and key1234 and {PASSWORD} failed"}
        told = fresh.with_restic(fake_restic(fresh.folder, backup=f"{as_lines(words)}; exit 1"))
        result = told.fails(1, "backup", RESTIC_REPOSITORY=url, B2_ACCOUNT_KEY="key1234")
        assert "hunter22" not in result.text
        assert "key1234" not in result.text
        assert "*** failed" in result.message
