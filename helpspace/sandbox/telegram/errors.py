"""What the stand-in answers when it refuses, in the wording that Telegram's own server uses."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal: the HTTP status, the description, and what else the answer carries."""

    def __init__(self, status: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


class ConnectionLostError(Exception):
    """The answer never reached the caller; `kind` says how that looked from there.

    Whether the call took effect is exactly what the caller cannot know.
    """

    def __init__(self, kind: str, *, after: bool) -> None:
        super().__init__(f"{kind} {'after' if after else 'before'} the effect")
        self.kind = kind
        self.after = after


def bad_request(reason: str) -> ApiError:
    """A 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """A 403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """A 409, which Telegram gives to two users of one update queue."""
    return ApiError(409, f"Conflict: {reason}")


def too_many(seconds: int) -> ApiError:
    """A 429 that names the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
