"""Updates by webhook: setting it, making its requests, and delivering them in order per chat."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from helpspace.sandbox.telegram.errors import bad_request
from helpspace.sandbox.telegram.updates import UpdateQueue, Waiting

Json = dict[str, Any]
Post = Callable[[str, dict[str, str], bytes], Awaitable[int]]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_PORTS = frozenset({443, 80, 88, 8443})
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_DEFAULT_CONNECTIONS = 40


@dataclass
class Webhook:
    """Where updates are posted, and how the last attempt went."""

    url: str = ""
    secret: str = ""
    max_connections: int = _DEFAULT_CONNECTIONS
    last_error_at: int | None = None
    last_error: str | None = None


@dataclass(frozen=True)
class WebhookRequest:
    """One update as the HTTP request that carries it."""

    url: str
    headers: dict[str, str]
    body: bytes
    update: Waiting = field(repr=False)


def set_webhook(hook: Webhook, queue: UpdateQueue, params: Json, *, local: bool) -> bool:
    """Post updates to an address from now on; an empty one switches it off."""
    url: str = params["url"]
    connections = params.get("max_connections", _DEFAULT_CONNECTIONS)
    secret = params.get("secret_token", "")
    if url:
        _check_address(url, local=local)
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    hook.url, hook.secret, hook.max_connections = url, secret if url else "", connections
    hook.last_error_at = hook.last_error = None
    _common(queue, params)
    queue.bell.ring()
    return True


def delete_webhook(hook: Webhook, queue: UpdateQueue, params: Json) -> bool:
    """Back to polling."""
    hook.url = hook.secret = ""
    hook.max_connections = _DEFAULT_CONNECTIONS
    hook.last_error_at = hook.last_error = None
    _common(queue, params)
    return True


def webhook_info(hook: Webhook, queue: UpdateQueue) -> Json:
    """How the webhook is doing."""
    info: Json = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(queue),
    }
    if hook.url:
        info["max_connections"] = hook.max_connections
    if hook.last_error_at is not None:
        info["last_error_date"] = hook.last_error_at
        info["last_error_message"] = hook.last_error
    if queue.allowed:
        info["allowed_updates"] = queue.allowed
    return info


def requests(hook: Webhook, queue: UpdateQueue) -> list[WebhookRequest]:
    """The requests that Telegram would make now, oldest first."""
    if not hook.url:
        return []
    headers = {"Content-Type": "application/json"}
    if hook.secret:
        headers[SECRET_HEADER] = hook.secret
    return [
        WebhookRequest(hook.url, dict(headers), json.dumps(update.body).encode(), update)
        for update in queue.pending()
    ]


async def deliver(
    due: list[WebhookRequest],
    post: Post,
    settle: Callable[[WebhookRequest, str | None], None],
    connections: int,
) -> int:
    """Post all that is due and return how many were taken.

    Chats go side by side; within a chat the next one waits for the one before, and a refusal
    ends that chat's turn. `settle` hears of each outcome, with the reason of a failure.
    """
    lanes: dict[int, list[WebhookRequest]] = {}
    for request in due:
        lanes.setdefault(request.update.chat_id, []).append(request)
    room = asyncio.Semaphore(connections)
    taken = await asyncio.gather(*(_lane(lane, post, settle, room) for lane in lanes.values()))
    return sum(taken)


async def _lane(
    lane: list[WebhookRequest],
    post: Post,
    settle: Callable[[WebhookRequest, str | None], None],
    room: asyncio.Semaphore,
) -> int:
    for number, request in enumerate(lane):
        async with room:
            try:
                status = await post(request.url, request.headers, request.body)
            except OSError as lost:
                settle(request, f"Connection failed: {type(lost).__name__}")
                return number
        if not 200 <= status < 300:
            settle(request, f"Wrong response from the webhook: {status}")
            return number
        settle(request, None)
    return len(lane)


def _check_address(url: str, *, local: bool) -> None:
    """Telegram wants https on four ports; only a local Bot API server takes anything."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad_request("bad webhook: invalid URL") from None
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise bad_request("bad webhook: invalid URL")
    if local:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _common(queue: UpdateQueue, params: Json) -> None:
    """What setting and deleting share: which updates are wanted, and what becomes of old ones."""
    if "allowed_updates" in params:
        queue.allow(params["allowed_updates"])
    if params.get("drop_pending_updates"):
        queue.drop()
