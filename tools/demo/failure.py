"""Why the demo ends early."""


class DemoError(Exception):
    """The demo can't go on: one line that says what to do about it."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


class RequestError(DemoError):
    """What the demo was asked for makes no sense; nothing has been touched."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, 2)
