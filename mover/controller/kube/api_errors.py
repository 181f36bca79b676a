"""The errors of requests to the Kubernetes API, by what a caller can do about them."""

from http import HTTPStatus
from typing import Any


class CredentialsError(Exception):
    """There are no usable credentials for the Kubernetes API; the text says why."""


class ApiError(Exception):
    """A request failed; the text is the API server's own message."""


class UnavailableError(ApiError):
    """The API server is unreachable, overloaded or failing: the same request may succeed later."""

    retry_after: float | None = None
    """Seconds, from the header ``Retry-After``."""


class RefusedError(ApiError):
    """The API server refuses this, and would the next time: forbidden, invalid, over a quota."""


class NotFoundError(ApiError):
    """There is no such object, or no such kind."""


class ConflictError(ApiError):
    """The object has changed since it was read, or exists already: read again, then decide again."""


class GoneError(ApiError):
    """The requested version is too old: list again."""


_BY_STATUS: dict[int, type[ApiError]] = {
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.TOO_MANY_REQUESTS: UnavailableError,
    # Credentials expire, and are read again for the next request.
    HTTPStatus.UNAUTHORIZED: UnavailableError,
}


def error_of(status: int, answer: dict[str, Any]) -> ApiError:
    """Return the error for an HTTP status and the ``Status`` object that came with it."""
    type_ = UnavailableError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _BY_STATUS.get(status, RefusedError)
    return type_(str(answer.get("message") or f"HTTP status {status}"))
