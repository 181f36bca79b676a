"""What people see of the command line without running anything, and of wrong settings."""

import pytest
from click.testing import CliRunner

from mover.cli import cli
from tests.support.golden import GoldenFiles, Page, normalised
from tests.support.settings_samples import problems

COMMANDS: tuple[tuple[str, ...], ...] = ((), ("backup",), ("snapshots",), ("status",), ("crds",), ("controller",))

WRONG: dict[str, tuple[str, ...]] = {
    "RESTIC_REPOSITORY": ("", "foo:bar", "/data/repository", "S3:https://nas/bucket", "rest:https://me:a?b@nas/"),
    "RESTIC_REPOSITORY_FILE": ("/no/such/file",),
    "RESTIC_PASSWORD": ("",),
    "RESTIC_PASSWORD_FILE": ("/no/such/file",),
    "RESTIC_HOST": ("two\nlines",),
    "DATA_DIR": ("",),
    "RESTIC_CACHE_DIR": ("/data/cache",),
    "REPOSITORY_INIT": ("maybe",),
    "LOG_FORMAT": ("xml",),
    "LOG_LEVEL": ("loud",),
    "PRIVILEGED_MOVER": ("maybe",),
    "TREAT_AS_SUCCESS": ("a,b",),
    "TERMINATION_LOG": ("/no/such/folder/log",),
    "BACKUP_EXCLUDE": ("[a",),
    "BACKUP_TAGS": ("a,b",),
    "SKIP_IF_UNCHANGED": ("maybe",),
    "RETAIN_DAILY": ("seven", "-1", "1000001"),
    "RETAIN_WITHIN": ("2 weeks",),
    "FORGET_OPTIONS": ("--json", "'torn"),
    "PRUNE_INTERVAL_DAYS": ("-1",),
    "LAST_PRUNED": ("yesterday",),
    "CHECK_INTERVAL_DAYS": ("weekly",),
    "CHECK_SUBSETS": ("257",),
    "VERIFY_SAMPLE_FILES": ("many",),
    "RETRY_TIMEOUT": ("5 m",),
    "LOCK_TIMEOUT": ("31d",),
    "RESTORE_AS_OF": ("2026-01-31",),
    "RESTORE_SNAPSHOT": ("latest",),
    "SELECT_PREVIOUS": ("some",),
    "RESTORE_PATH": ("relative",),
    "RESTORE_OPTIONS": ("--target=/x", "abcdef"),
    "RESTORE_MISSING": ("maybe",),
    "CUSTOM_CA": ("/no/such",),
    "RESTIC_CACERT": ("/no/such",),
}


def test_help(golden: GoldenFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = Page("Help", "What `mover --help` shows, and the help of each command.")
    for command in COMMANDS:
        arguments = [*command, "--help"]
        shown = CliRunner().invoke(cli, arguments, prog_name="mover").output
        page.add(" ".join(["mover", *arguments]), [normalised(line) for line in shown.splitlines()])
    golden.check("help", page)


def test_invalid_settings(golden: GoldenFiles) -> None:
    page = Page("Wrong settings", "What the mover says of a setting that is wrong, variable by variable.")
    for name, values in WRONG.items():
        found = {value: problems(**{name: value}) for value in values}
        lines = [line for value, wrong in found.items() for line in (f"{name}={value!r}", *wrong, "")]
        page.add(name, [normalised(line) for line in lines])
    both = problems(RESTIC_PASSWORD_FILE="/secret", RESTORE_SNAPSHOT="abcdef", SELECT_PREVIOUS="1")
    page.add("Settings that exclude each other", both)
    golden.check("settings", page)
