"""Lines out of the chunks that are read from a pipe, with a bound on the memory that a line can take."""

MAX_LINE_BYTES = 64 * 1024 * 1024
"""The list of all snapshots is one line; a longer line is cut, so that memory stays bounded."""


class Lines:
    """Collects bytes and returns the complete lines among them, as text."""

    def __init__(self, longest: int = MAX_LINE_BYTES) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Take in more bytes and return the lines that are complete now, without the blank ones."""
        *whole, rest = chunk.split(b"\n")
        lines = []
        for piece in whole:
            self._keep(piece)
            lines += self.end()
        self._keep(rest)
        return lines

    def end(self) -> list[str]:
        """Return what is left as a last line, if there is anything."""
        line = b"".join(self._parts).decode(errors="replace").strip()
        self._parts, self._size = [], 0
        return [line] if line else []

    def _keep(self, piece: bytes) -> None:
        piece = piece[: self._longest - self._size]
        if piece:
            self._parts.append(piece)
            self._size += len(piece)
