"""Damage done to a repository on disk."""

from pathlib import Path


def largest_pack(repository: Path) -> Path:
    """Return a pack that holds content of files."""
    return max(repository.glob("data/*/*"), key=lambda pack: pack.stat().st_size)


def garble(path: Path, at: int = 0) -> None:
    """Change a byte of a file of the repository."""
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


def smallest_pack(repository: Path) -> Path:
    """Return a pack that holds folders alone."""
    return min(repository.glob("data/*/*"), key=lambda pack: pack.stat().st_size)


def newest(folder: Path) -> Path:
    """Return the file that was written last."""
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def garbled(path: Path) -> None:
    """Change a byte in the middle."""
    garble(path, path.stat().st_size // 2)


def cut(path: Path) -> None:
    """Take the second half away."""
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    """Take everything away but the name."""
    path.chmod(0o600)
    path.write_bytes(b"")


def gone(path: Path) -> None:
    """Take the name away too."""
    path.unlink()
