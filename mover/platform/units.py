"""Sizes and durations as people read them."""

KIB = 1024


def size(count: float, decimals: int = 1) -> str:
    """Bytes as ``512 B``, ``3.4 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < KIB or unit == "TiB":
            break
        count /= KIB
    return f"{count:.0f} B" if unit == "B" else f"{count:.{decimals}f} {unit}"


def duration(seconds: float) -> str:
    """Seconds as ``0:07``, ``1:02:33``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, one: str, many: str = "") -> str:
    """Count things: ``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"
