"""The sandbox as the transport of the real SDK, in process."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import stripe
from requests.structures import CaseInsensitiveDict

from helpspace.sandbox.stripe.errors import NoAnswer
from helpspace.sandbox.stripe.sandbox import StripeSandbox

LOST = (
    "Unexpected error communicating with Stripe.  If this problem persists, let us know at "
    "support@stripe.com.\n\n(Network error: {})"
)


class SandboxHTTPClient(stripe.HTTPClient):
    """Hands the SDK's requests to a sandbox; a lost answer is what the SDK's own client raises.

    The SDK's pauses between its retries are skipped unless `patient`.
    """

    name = "helpspace-sandbox"

    def __init__(self, sandbox: StripeSandbox, *, patient: bool = False) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._patient = patient

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        try:
            response = self._sandbox.handle(method, target, headers or {}, body)
        except NoAnswer as lost:
            self._raise_lost(lost)
        return response.body, response.status, CaseInsensitiveDict(response.headers)

    def request_stream(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        body, status, answered = self.request(method, url, headers, post_data)
        return io.BytesIO(body), status, answered

    def close(self) -> None:
        """Nothing is held open."""

    def _raise_lost(self, lost: NoAnswer) -> NoReturn:
        raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
            LOST.format(f"ConnectionError: {lost}"), should_retry=True
        ) from lost

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return super()._sleep_time_seconds(num_retries) if self._patient else 0.0
