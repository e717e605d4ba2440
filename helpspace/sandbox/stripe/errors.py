"""Refusals in Stripe's shape, and the one outcome that is no answer at all."""

from __future__ import annotations

from typing import Any


class NoAnswer(Exception):
    """The connection ends without an answer; whether anything happened is left open."""


class ApiError(Exception):
    """A refusal as Stripe words it: an HTTP status and an error body.

    `began` says that the endpoint had started its work: only then is the answer
    kept under the idempotency key and repeated for a day.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        began: bool = False,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.code = code
        self.param = param
        self.began = began
        self.extra = extra or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body; absent fields are left out, as Stripe does."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + self.code.replace("_", "-")
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error.update(self.extra)
        return {"error": error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """The request itself is wrong; nothing began, nothing is kept."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param)


def refused(
    message: str,
    code: str | None = None,
    param: str | None = None,
    extra: dict[str, Any] | None = None,
) -> ApiError:
    """The request is well formed, but the state of things forbids it; kept under the key."""
    return ApiError(
        400, "invalid_request_error", message, code=code, param=param, began=True, extra=extra
    )


def missing(what: str, ident: str, param: str = "id", status: int = 404) -> ApiError:
    """There is no such object: 404 when the path names it, 400 when a parameter does."""
    return ApiError(
        status,
        "invalid_request_error",
        f"No such {what}: '{ident}'",
        code="resource_missing",
        param=param,
    )


def no_access(account: str) -> ApiError:
    """The account does not exist, or it has withdrawn the platform's access."""
    return ApiError(
        403,
        "invalid_request_error",
        f"The provided key does not have access to account '{account}' (or it does not exist).",
        code="account_invalid",
    )


def unauthorised(message: str) -> ApiError:
    """The key is missing, malformed, or not one that a sandbox may see."""
    return ApiError(401, "invalid_request_error", message)


def too_many() -> ApiError:
    """The rate limit: never kept, and never retried by the SDK on its own."""
    return ApiError(
        429,
        "invalid_request_error",
        "Request rate limit exceeded; slow down.",
        code="rate_limit",
    )


def key_in_use(key: str) -> ApiError:
    """Another request with the same idempotency key has not ended yet."""
    return ApiError(
        409,
        "invalid_request_error",
        f"Another request with the idempotency key '{key}' is still in progress.",
        code="idempotency_key_in_use",
    )


def key_mismatch(key: str) -> ApiError:
    """The idempotency key was first used for another request."""
    return ApiError(
        400,
        "idempotency_error",
        "Keys for idempotent requests can only be used with the same endpoint and parameters "
        f"they were first used with. Try a key other than '{key}' for a different request.",
    )


def oops() -> ApiError:
    """A failure inside Stripe: whether it took effect cannot be told from the answer."""
    return ApiError(500, "api_error", "An unknown error occurred in the sandbox.", began=True)
