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
