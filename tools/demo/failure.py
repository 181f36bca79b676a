"""Why the demo ends early."""


class DemoError(Exception):
    """The demo cannot go on; the message is one line that says what to do about it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class RequestError(DemoError):
    """What the demo was asked for is invalid; nothing has been touched."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 2)
