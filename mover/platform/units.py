"""Sizes and durations as people read them, in restic's own style."""

KIB = 1024


def size(count: float) -> str:
    """Bytes as ``512 B``, ``3.402 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < KIB or unit == "TiB":
            break
        count /= KIB
    return f"{count:.0f} B" if unit == "B" else f"{count:.3f} {unit}"


def duration(seconds: float) -> str:
    """Seconds as ``0:07``, ``1:02:33``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, one: str, many: str = "") -> str:
    """Count things: ``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
