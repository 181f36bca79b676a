"""What the Kubernetes API may answer instead of what was asked for."""

from http import HTTPStatus
from typing import Any


class CredentialsError(Exception):
    """There are no credentials for the Kubernetes API; the text says what was looked for."""


class ApiError(Exception):
    """A request had no success; the text is the API server's own sentence."""

    def __init__(self, sentence: str, status: int = 0, reason: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason


class UnavailableError(ApiError):
    """The API server is out of reach, overloaded or failing: the same request may succeed later."""

    retry_after: float | None = None
    """Seconds, where the API server said so."""


class RefusedError(ApiError):
    """The API server doesn't do this, and would not the next time: forbidden, invalid, too much for a quota."""


class NotFoundError(ApiError):
    """There is no such object, or no such kind."""


class ConflictError(ApiError):
    """The object has changed since it was read, or is there already: read again, then decide again."""


class GoneError(ApiError):
    """The version asked for is too old: list again."""


_BY_STATUS: dict[int, type[ApiError]] = {
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.TOO_MANY_REQUESTS: UnavailableError,
    # Credentials expire, and are read anew for the next request.
    HTTPStatus.UNAUTHORIZED: UnavailableError,
}


def error_of(status: int, answer: dict[str, Any]) -> ApiError:
    """Return the error for an HTTP status and the ``StatusEditor`` object that came with it."""
    type_ = UnavailableError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _BY_STATUS.get(status, RefusedError)
    return type_(str(answer.get("message") or f"HTTP status {status}"), status, str(answer.get("reason") or ""))
