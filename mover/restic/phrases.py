"""restic's own phrases: the wordings by which a line of its output is recognized.

restic has few error codes, so much of what it reports can only be recognized by its text. Every such wording that the
runtime relies on stands here or in ``errors``, checked against restic 0.18 and 0.19: a new version of restic is then
compared with these. The functions take text as restic printed it and decide nothing beyond what it says.
"""

import re
from pathlib import Path

RETRY_NOTICE = re.compile(r" returned error, retrying after | operation successful after ")
RCLONE_LOG_NOISE = re.compile(r"rclone: \S+ \S+ (DEBUG|INFO|NOTICE) *: (?!.* request error: )")
STACK_FRAME = re.compile(r"\S+\.(go|s):\d+")

REPOSITORY_EXISTS = ("already initialized", "config file already exists")
KEYS_WITHOUT_CONFIG = "already contains keys"
EMPTY_SNAPSHOT = "snapshot is empty"
REMOVED_LOCKS = re.compile(r"successfully removed (\d+) locks")
IGNORED_SNAPSHOT = re.compile(r'Ignoring "(?P<id>[0-9a-f]{8,64})": failed to load snapshot')

CACHE_NAMES = ("unable to open cache", "unable to locate cache")
CACHE_UNUSABLE = re.compile(
    r"no space left|disk quota exceeded|permission denied|read-only file system|operation not permitted|"
    r"input/output error|structure needs cleaning|unable to open cache|invalid argument|not a directory|"
    r"parsing \"|invalid syntax",
    re.IGNORECASE,
)

TARGET_FULL = ("no space left", "quota exceeded")
TARGET_UNWRITABLE = ("read-only file system", "permission denied")
SCRATCH_UNUSABLE = re.compile(
    r"no space left|quota exceeded|permission denied|not permitted|read-only file system|not supported|name too long"
)


def is_retry_notice(text: str) -> bool:
    """Whether a request is retried, or has succeeded after a retry.

    Plain text, which ``check`` (since 0.19) prints as an error:
    ``Load(<data/6a57ccbb>) returned error, retrying after 552.330144ms: connection refused``
    """
    return RETRY_NOTICE.search(text) is not None


def is_rclone_log_noise(line: str) -> bool:
    """Whether a line is of rclone's log and reports no failed request.

    ``rclone: 2026/11/25 21:13:29 DEBUG : data/40/403: size = 507 OK``
    """
    return RCLONE_LOG_NOISE.match(line) is not None


def is_stack_frame(line: str) -> bool:
    """Whether a line is the place in a Go stack trace, which follows the line with its function's name."""
    return STACK_FRAME.fullmatch(line) is not None


def is_repository_exists_error(text: str) -> bool:
    """Whether ``init`` failed because there is a repository already."""
    return any(phrase in text for phrase in REPOSITORY_EXISTS)


def is_keys_without_config_error(text: str) -> bool:
    """Whether ``init`` failed because the repository has keys but no config file."""
    return KEYS_WITHOUT_CONFIG in text


def is_empty_snapshot_error(text: str) -> bool:
    """Whether ``backup`` failed because every file is excluded."""
    return EMPTY_SNAPSHOT in text


def removed_lock_count(line: str) -> int:
    """Return how many locks ``unlock`` removed, from its line ``successfully removed 2 locks``; else 0."""
    match = REMOVED_LOCKS.search(line)
    return int(match[1]) if match else 0


def ignored_snapshot(line: str) -> str | None:
    """Return the ID of a snapshot that ``snapshots`` leaves out because its file can't be read."""
    match = IGNORED_SNAPSHOT.match(line)
    return match["id"] if match else None


def is_snapshot_file_error(text: str) -> bool:
    """Whether ``check`` could not read a snapshot's own file, which ``repair index`` and ``packs`` can't fix."""
    return "failed to load snapshot" in text


def is_pack_error(text: str) -> bool:
    """Whether ``check`` reports a pack; such a line has sizes and offsets in it that must not be taken for codes."""
    return text.startswith("pack ")


def is_repository_damage(reason: str) -> bool:
    """Whether ``backup`` reports the repository itself instead of the file that it names."""
    return "repository could be damaged" in reason


def is_owner_error(reason: str) -> bool:
    """Whether ``restore`` only failed to set a file's owner: ``lchown /data/x: operation not permitted``."""
    return reason.startswith("lchown ") and "not permitted" in reason


def is_restore_target_full(reason: str) -> bool:
    """Whether ``restore`` found no space on the volume."""
    return any(phrase in reason for phrase in TARGET_FULL)


def is_restore_target_unwritable(reason: str) -> bool:
    """Whether ``restore`` may not write to the volume."""
    return any(phrase in reason for phrase in TARGET_UNWRITABLE)


def is_scratch_error(reason: str) -> bool:
    """Whether a test restore failed because of the scratch space, which is no fault of the repository."""
    return SCRATCH_UNUSABLE.search(reason) is not None


def find_cache_problem(text: str, cache: Path) -> str | None:
    """Return the first line that says that the cache in this folder is unusable, if there is one."""
    names = (str(cache), *CACHE_NAMES)
    lines = [line for line in text.splitlines() if any(name in line for name in names)]
    return next((line for line in lines if CACHE_UNUSABLE.search(line)), None)
