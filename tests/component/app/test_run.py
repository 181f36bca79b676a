"""A whole run as its caller sees it: settings, log, outcome, exit code, and what reaches restic."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.support.fake_restic import Recorder, as_lines, fake_restic
from tests.support.mover_process import PASSWORD, SYSTEM_PATH, Mover, somebody_using, unreadable
from tests.support.restic_versions import NEWEST, both_restics

# The lines VolSync keeps of a mover's log for the status of its resource.
KEPT_BY_VOLSYNC = re.compile(
    r"^\s*([pP]rocessed)\s.+([fF]iles)|^\s*([sS]napshot)\s.+([sS]aved)|^\s*No eligible|^\s*[cC]reated|"
    r"^\s*([rR]epository)\s.+([oO]pened)|^\s*[rR]estoring|^\s*[nN]o parent snapshot|^\s*[uU]sing parent snapshot|"
    r"^\s*[aA]dded to the repository|^\s*[sS]uccessfully|^\s*[fF]atal|^\s*ERROR|^\s*[rR]estic completed in|"
    r"No data|Directory is empty|RESTORE_OPTIONS|[iI]nitialize [dD]ir"
)


def kept_by_volsync(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if KEPT_BY_VOLSYNC.search(line))


def test_invalid_settings_are_all_reported_at_once_before_anything_runs(fresh: Mover) -> None:
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
        assert sum(name in record["message"] for record in result.records[:-1]) == 1, (
            f"{name} should have a record of its own"
        )
    assert len(result.records[:-1]) == len(wrong), "no problem is reported twice"
    assert result.operations == []
    assert result.outcome["restic"]["processes"] == 0
    assert not fresh.cache.exists()
    assert not fresh.repository.exists()


def test_status_and_snapshots_refuse_invalid_settings_too(fresh: Mover) -> None:
    for report in ("snapshots", "status"):
        result = fresh.run(report, RETAIN_LAST="-1", RESTIC_PASSWORD="")
        assert result.exit_code == 2
        assert "RETAIN_LAST" in result.errors
        assert "RESTIC_PASSWORD" in result.errors
        assert result.text == ""


def test_messages_about_invalid_settings_hide_the_secrets_in_them(fresh: Mover) -> None:
    url = "rest:https://somebody:hunter22@backup.example/path"
    result = fresh.fails(2, "backup", RESTIC_REPOSITORY=url, CUSTOM_CA=url, RETAIN_LAST="hunter22")
    assert "hunter22" not in result.text
    assert "RETAIN_LAST" in result.message
    assert "'***'" in result.message


@pytest.mark.parametrize("operations", [["backup", "backup"], ["forget"], ["Backup"], ["back\nup\udcff"]])
def test_an_invalid_chain_of_operations_is_a_usage_error(fresh: Mover, operations: list[str]) -> None:
    result = fresh.fails(2, *operations)
    assert repr(operations[0])[1:-1] in result.message


@pytest.mark.parametrize(
    ("command", "nearest"),
    [("snapshot", "snapshots"), ("bakcup", "backup"), ("stat", "status"), ("restor", "restore")],
)
def test_an_unknown_command_is_refused_and_the_nearest_one_is_suggested(
    fresh: Mover, command: str, nearest: str
) -> None:
    result = fresh.fails(2, command)
    assert repr(command) in result.message
    assert repr(nearest) in result.message


@pytest.mark.parametrize("option", ["--foo", "--foo=hunter22", "-x"])
def test_an_unknown_option_is_refused_and_its_value_is_not_shown(fresh: Mover, option: str) -> None:
    result = fresh.fails(2, "backup", option)
    assert repr(option.partition("=")[0]) in result.message
    assert "hunter22" not in result.text
    assert (result.outcome["outcome"], result.operations) == ("usage", [])


def test_a_command_among_operations_is_a_usage_error(fresh: Mover) -> None:
    assert "'snapshots'" in fresh.fails(2, "backup", "snapshots").message


def test_a_restic_that_is_too_old_is_refused_by_its_version(fresh: Mover) -> None:
    old = fresh.with_restic(fake_restic(fresh.folder, version="0.14.0"))
    result = old.fails(2, "backup")
    assert "0.14.0" in result.message
    result = old.run("--version")
    assert (result.exit_code, "0.14.0" in result.errors) == (2, True)


def test_a_missing_restic_is_reported_with_the_search_path(fresh: Mover) -> None:
    result = fresh.fails(2, "backup", PATH="/nowhere")
    assert "/nowhere" in result.message


def test_another_program_named_restic_is_refused(fresh: Mover) -> None:
    other = fresh.with_restic(fake_restic(fresh.folder, version="; echo rustic 1.0 #"))
    assert "rustic 1.0" in other.fails(2, "backup").message


def test_a_restic_that_cannot_be_executed_is_reported_without_a_traceback(fresh: Mover) -> None:
    broken = fresh.with_restic(fresh.folder / "broken")
    broken.search_path.mkdir()
    (broken.search_path / "restic").write_text("no program")
    (broken.search_path / "restic").chmod(0o755)
    for command in ("--version", "snapshots"):
        result = broken.run(command)
        assert result.exit_code == 1
        assert result.errors.startswith("mover: ")
        assert len(result.errors.splitlines()) == 1
        assert str(broken.search_path / "restic") in result.errors


def test_restic_version_gets_no_more_of_the_environment_than_other_commands(mover: Mover) -> None:
    recorder = Recorder(mover.folder, mover.search_path / "restic")
    mover.with_restic(recorder.search_path).succeeds("--version", DATABASE_PASSWORD="other", LANG="C")
    (given,) = recorder.environments
    assert "RESTIC_REPOSITORY" in given
    assert not {"DATABASE_PASSWORD", "LANG", "DATA_DIR"} & given.keys()


@both_restics
def test_the_versions_of_mover_and_restic_are_shown(fresh: Mover, restic: str) -> None:
    result = fresh.succeeds("--version")
    assert re.fullmatch(r"mover \d+\.\d+\.\d+\nrestic 0\.(19|18)\.\d+\n", result.text)
    assert ("0.18" in result.text) is (restic != NEWEST)


def test_restic_is_asked_for_its_version_only_once(mover: Mover) -> None:
    assert mover.succeeds("unlock").outcome["restic"]["processes"] == 2
    assert mover.succeeds("unlock").outcome["restic"]["processes"] == 1


def test_a_replaced_restic_is_asked_for_its_version_again(mover: Mover) -> None:
    mover.succeeds("unlock")
    old = mover.with_restic(fake_restic(mover.folder, version="0.17.3"))
    assert "0.17.3" in old.fails(2, "unlock").message


@pytest.mark.parametrize("content", ["", "[" * 50_000, '{"executable": 1}', '{"version": null}'])
def test_restic_is_asked_for_its_version_again_where_the_cached_one_is_unreadable(mover: Mover, content: str) -> None:
    mover.cache.mkdir()
    (mover.cache / "restic-version.json").write_text(content)
    assert mover.succeeds("unlock").outcome["restic"]["processes"] == 2


def test_an_unknown_restic_error_is_a_fault(fresh: Mover) -> None:
    silent = fresh.with_restic(fake_restic(fresh.folder, backup="true"))
    assert silent.fails(1, "backup").operations == [("backup", "fault")]


@pytest.fixture
def recorder(mover: Mover) -> Recorder:
    return Recorder(mover.folder, mover.search_path / "restic")


@pytest.fixture
def recorded(mover: Mover, recorder: Recorder) -> Mover:
    return mover.with_restic(recorder.search_path)


def test_restic_gets_the_variables_that_backends_need_and_no_others(recorded: Mover, recorder: Recorder) -> None:
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
        "PATH",
        "HOME",
        "TMPDIR",
        "RESTIC_REPOSITORY",
        "RESTIC_PASSWORD",
        "RESTIC_CACHE_DIR",
        "RESTIC_PROGRESS_FPS",
        "RESTIC_FEATURES",
    }
    assert given["PATH"] == f"{recorded.search_path}:{SYSTEM_PATH}"
    assert Path(given["TMPDIR"]).is_relative_to(recorded.cache)


@pytest.mark.parametrize(
    ("given", "level"), [({}, "DEBUG"), ({"RCLONE_LOG_LEVEL": "ERROR"}, "ERROR"), ({"RCLONE_VERBOSE": "1"}, None)]
)
def test_rclone_logs_at_debug_level_unless_its_log_is_configured(
    recorded: Mover, recorder: Recorder, given: dict[str, str], level: str | None
) -> None:
    recorded.run("backup", RESTIC_REPOSITORY="rclone:no-such-remote:x", **given)
    assert recorder.environments[-1].get("RCLONE_LOG_LEVEL") == level


def test_no_secret_is_in_the_arguments_of_restic_or_in_the_marker_file(recorded: Mover, recorder: Recorder) -> None:
    secrets = {"AWS_SECRET_ACCESS_KEY": "s3 secret", "B2_ACCOUNT_KEY": "b2 secret"}
    recorded.succeeds("backup", "prune", "restore", "unlock", RETAIN_LAST="1", **secrets)
    arguments = json.dumps(recorder.arguments)
    for secret in (PASSWORD, *secrets.values()):
        assert secret not in arguments
        assert secret not in recorded.marker.read_text()


def test_google_credentials_reach_restic_in_a_file_that_is_gone_after_the_run(
    recorded: Mover, recorder: Recorder
) -> None:
    recorded.succeeds("backup", GOOGLE_APPLICATION_CREDENTIALS=' {"private_key": "of google"}')
    (given,) = recorder.environments[-1:]
    path = Path(given["GOOGLE_APPLICATION_CREDENTIALS"])
    assert path.is_absolute()
    assert not path.exists(), "it is removed after the run"


def test_feature_flags_of_the_user_are_added_to_and_never_overridden(recorded: Mover, recorder: Recorder) -> None:
    recorded.succeeds("unlock")
    recorded.succeeds("unlock", RESTIC_FEATURES="s3-restore=false")
    recorded.succeeds("unlock", RESTIC_FEATURES="device-id-for-hardlinks=false")
    assert [given.get("RESTIC_FEATURES") for given in recorder.environments[1:]] == [
        "device-id-for-hardlinks=true",
        "s3-restore=false,device-id-for-hardlinks=true",
        "device-id-for-hardlinks=false",
    ]


def test_a_bundle_of_ca_certificates_reaches_restic(recorded: Mover, recorder: Recorder) -> None:
    bundle = recorded.folder / "ca.pem"
    bundle.touch()
    recorded.run("unlock", CUSTOM_CA=str(bundle))
    assert recorder.environments[-1]["RESTIC_CACERT"] == str(bundle)


def test_a_backup_runs_the_minimum_number_of_restic_processes(recorded: Mover, recorder: Recorder) -> None:
    recorded.succeeds("unlock", "backup", "prune", RETAIN_LAST="1")
    assert recorder.commands == ["version", "unlock", "backup", "forget", "prune"]
    recorded.succeeds("unlock", "backup", "prune", RETAIN_LAST="1")
    assert recorder.commands[5:] == ["unlock", "backup", "forget"]


def test_the_first_backup_does_not_probe_for_a_repository(fresh: Mover) -> None:
    recorder = Recorder(fresh.folder, fresh.search_path / "restic")
    fresh.with_restic(recorder.search_path).succeeds("backup")
    assert recorder.commands == ["version", "backup", "init", "backup"]


def test_the_log_is_json_lines_with_time_and_level(mover: Mover) -> None:
    for record in mover.succeeds("backup").records:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["time"])
        assert record["level"] == "info"
        assert record["message"]


def test_an_error_is_a_log_record_of_its_own(fresh: Mover) -> None:
    *_, error, outcome = fresh.fails(10, "restore").records
    assert (error["level"], outcome["level"]) == ("error", "error")
    assert error["message"] == outcome["message"]


def test_the_log_level_sets_how_much_is_logged(mover: Mover) -> None:
    assert len(mover.succeeds("backup", LOG_LEVEL="error").records) == 1, "the outcome is always logged"
    assert len(mover.succeeds("backup", LOG_LEVEL="debug").records) >= 4


def test_the_text_log_of_a_backup_has_the_lines_that_volsync_filters_for(fresh: Mover) -> None:
    (fresh.data / "one").unlink()
    (fresh.data / "folder" / "two").unlink()
    text = fresh.succeeds("backup", "prune", PRIVILEGED_MOVER="true").text
    kept = kept_by_volsync(text)
    for wanted in ("processed 1 files, 3 B", "snapshot ", "created restic repository", "Added to the repository"):
        assert wanted in kept, f"{wanted!r} is missing in {text}"
    assert "successfully pruned" in kept
    assert kept.splitlines()[-1].startswith("Restic completed in ")


def test_the_text_log_of_a_restore_has_the_lines_that_volsync_filters_for(history: Mover) -> None:
    result = history.into(history.folder / "new").succeeds("restore", LOG_FORMAT="text", RESTORE_OPTIONS="--delete")
    kept = kept_by_volsync(result.text)
    assert "restoring snapshot" in kept
    assert "RESTORE_OPTIONS: --delete" in kept
    assert "successfully restored" in kept


def test_the_text_log_has_the_lines_of_volsync_where_nothing_is_done(mover: Mover) -> None:
    empty = mover.with_volume(mover.folder / "empty")
    empty.data.mkdir()
    text = empty.succeeds("backup", "restore", PRIVILEGED_MOVER="false").text
    assert "Directory is empty" in kept_by_volsync(text)
    assert "No data will be restored" in kept_by_volsync(text)


def test_the_text_log_shows_errors_to_volsync(fresh: Mover) -> None:
    text = fresh.fails(10, "restore", LOG_FORMAT="text").text
    assert re.search(f"^ERROR: .*{re.escape(str(fresh.repository))}", kept_by_volsync(text), re.MULTILINE)


def test_file_names_that_are_not_utf8_are_logged(mover: Mover) -> None:
    path = mover.data / os.fsdecode(b"not utf-8 \xff")
    path.touch()
    unreadable(path)
    for log_format in ("text", "json"):
        assert "not utf-8" in mover.powerless().fails(3, "backup", LOG_FORMAT=log_format).text


def test_the_outcome_has_every_field_of_the_contract(mover: Mover) -> None:
    outcome = mover.succeeds("backup").outcome
    assert list(outcome) == [
        "time",
        "level",
        "version",
        "outcome",
        "exitCode",
        "message",
        "operations",
        "snapshot",
        "restored",
        "pruned",
        "checked",
        "unreadable",
        "warnings",
        "restic",
    ]
    assert list(outcome["operations"][0]) == ["operation", "outcome", "seconds"]
    assert list(outcome["restic"]) == ["processes", "cpuSeconds", "peakRSSBytes"]
    assert (outcome["outcome"], outcome["exitCode"]) == ("done", 0)


def test_the_outcome_is_logged_where_the_termination_log_cannot_be_written(mover: Mover) -> None:
    mover.termination_log.touch()
    mover.termination_log.chmod(0o444)
    result = mover.powerless().with_settings(LOG_FORMAT="json").succeeds("backup")
    assert result.outcome == {}
    *_, warning, outcome = result.records
    assert warning["reason"] == "termination-log-not-written"
    assert outcome["outcome"] == "done"


def test_a_termination_log_that_cannot_be_a_file_is_a_usage_error(fresh: Mover) -> None:
    for path in ("/no/such/folder/log", str(fresh.folder)):
        result = fresh.run("backup", TERMINATION_LOG=path, LOG_FORMAT="json")
        assert result.exit_code == 2
        assert "TERMINATION_LOG" in result.text


def test_the_outcome_replaces_a_longer_one_in_the_termination_log(mover: Mover) -> None:
    mover.termination_log.write_text("x" * 10_000)
    mover.succeeds("unlock")
    json.loads(mover.termination_log.read_text())


def test_the_outcome_is_unchanged_where_the_exit_code_is_treated_as_success(fresh: Mover) -> None:
    result = fresh.succeeds("restore", TREAT_AS_SUCCESS="25, 10")
    assert (result.outcome["outcome"], result.outcome["exitCode"]) == ("no-repository", 10)


def test_the_outcome_of_a_chain_is_that_of_its_first_failure(mover: Mover) -> None:
    mover.succeeds("backup")
    (mover.data / "new").touch()
    unreadable(mover.data / "new")
    with somebody_using(mover):
        result = mover.powerless().fails(3, "backup", "prune", "unlock", LOCK_TIMEOUT="1s")
    assert result.operations == [("backup", "partial"), ("prune", "maintenance-failed"), ("unlock", "done")]


def test_a_failed_restore_ends_the_chain(mover: Mover) -> None:
    result = mover.fails(25, "restore", "backup")
    assert result.operations == [("restore", "no-snapshot")]


def test_the_outcome_hides_secrets_that_restic_prints(fresh: Mover) -> None:
    url = "rest:http://somebody:hunter22@127.0.0.1:1/"
    words = {"message_type": "exit_error", "code": 1, "message": f"Fatal: {url} and key1234 and {PASSWORD} failed"}
    failing = fresh.with_restic(fake_restic(fresh.folder, backup=f"{as_lines(words)}; exit 1"))
    result = failing.fails(1, "backup", RESTIC_REPOSITORY=url, B2_ACCOUNT_KEY="key1234")
    assert "hunter22" not in result.text
    assert "key1234" not in result.text
    assert "*** failed" in result.message
