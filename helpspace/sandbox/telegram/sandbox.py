"""The stand-in for Telegram: takes the Bot API's calls and remembers everything.

Strict where Telegram is strict, and a little stricter: what it does not know it refuses.
Safe to use from several threads and event loops at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from helpspace.core.clock import Clock
from helpspace.sandbox.telegram import webhook
from helpspace.sandbox.telegram.api import HANDLERS, Answer, Call, canonical, refusal, success
from helpspace.sandbox.telegram.decode import Json, Upload, decode
from helpspace.sandbox.telegram.errors import (
    ApiError,
    ConnectionLostError,
    bad_request,
    conflict,
    too_many,
)
from helpspace.sandbox.telegram.faults import Fault, Faults
from helpspace.sandbox.telegram.files import StoredFile
from helpspace.sandbox.telegram.groups import Group
from helpspace.sandbox.telegram.pace import Pace
from helpspace.sandbox.telegram.phone import Phone
from helpspace.sandbox.telegram.webhook import Post, Webhook, WebhookRequest
from helpspace.sandbox.telegram.world import Chat, ChatKind, Query, User, World

# Shaped like a token, and no one's: it opens this stand-in and nothing else.
SANDBOX_KEY = "7000000001:SANDBOX-only-never-a-real-one-0000"

_WELL_FORMED = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{20,}")
_KEPT_CALLS = 50_000
_LONGEST_POLL = 50
_BAD_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n"


class TelegramSandbox:
    """A whole Telegram with one bot in it.

    `pace` is the time (in seconds) that the sending limits are measured on, None switches them
    off; it is separate from `clock` because a clock that stands still would never let a message
    through again. `local` allows webhooks over plain http, as a local Bot API server does.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = SANDBOX_KEY,
        bot_username: str = "HelpspaceSandboxBot",
        bot_name: str = "Helpspace (sandbox)",
        pace: Callable[[], float] | None = time.monotonic,
        local: bool = False,
    ) -> None:
        if not _WELL_FORMED.fullmatch(token):
            raise ValueError("a token is a number, a colon and at least 20 letters or digits")
        self.token = token
        self.clock = clock
        self.local = local
        bot = User(int(token.partition(":")[0]), bot_name, username=bot_username, is_bot=True)
        self.world = World(clock, bot, Pace(pace) if pace else None)
        self.webhook = Webhook()
        self.faults = Faults()
        self.latency = 0.0
        self.calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[int], None]] = []
        self._phones: dict[int, Phone] = {}
        self._poll = 0

    # The person's side

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def phones(self) -> list[Phone]:
        """Everybody's phones, in the order in which they came."""
        return list(self._phones.values())

    def phone(
        self,
        user_id: int,
        *,
        first_name: str = "Sam",
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "en",
    ) -> Phone:
        """The phone of a person; asked for again, the same one (names are taken the first time)."""
        if not 0 < user_id < 2**52:
            raise ValueError("a person's id is a positive number below 2**52")
        with self.acting():
            if user_id not in self._phones:
                person = User(user_id, first_name, last_name, username, language_code)
                self.world.chats[user_id] = Chat(user_id, "private", user=person)
                self._phones[user_id] = Phone(self, person)
            return self._phones[user_id]

    def group(self, chat_id: int, title: str = "Group", kind: ChatKind = "supergroup") -> Group:
        """A new group or channel without the bot in it."""
        if chat_id >= 0 or kind == "private" or chat_id in self.world.chats:
            raise ValueError("a group or channel needs a negative id of its own")
        with self.acting():
            self.world.chats[chat_id] = Chat(chat_id, kind, title=title)
            return Group(self, chat_id)

    @contextlib.contextmanager
    def acting(self) -> Iterator[World]:
        """Hold the world still for one step; listeners hear of it once it is let go."""
        with self._lock:
            yield self.world
            changed, self.world.changed = self.world.changed, set()
        for chat_id in changed:
            for listener in tuple(self._listeners):
                listener(chat_id)

    def on_change(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Call `listener(chat_id)` after each change of a chat, in the thread that made it.

        Returns the function that ends this.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def unanswered(self) -> list[Query]:
        """The taps that the bot never answered, in order, however old."""
        with self._lock:
            return list(self.world.unanswered.values())

    # The bot's side

    def calls_of(self, *methods: str) -> list[Call]:
        """The recorded calls of some methods, oldest first."""
        with self._lock:
            return [call for call in self.calls if call.method in methods]

    def check_token(self, token: str) -> Answer | None:
        """None for the bot's own token, else the answer that a wrong one gets."""
        if hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        if _WELL_FORMED.fullmatch(token):
            return refusal(ApiError(401, "Unauthorized"))
        return refusal(ApiError(404, "Not Found"))

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        uploads: Mapping[str, Upload] | None = None,
    ) -> Answer:
        """Answer one call; ConnectionLostError stands for an answer that never arrives."""
        name = canonical(method)
        with self._lock:
            fault = self.faults.next_for(name, _as_number(params.get("chat_id")))
        if fault is not None and not fault.after and fault.kind != "slow":
            return self._fail(name, dict(params), fault)
        answer = await self._answer(name, params, uploads or {}, fault)
        delay = self.latency + (fault.seconds if fault and fault.kind == "slow" else 0)
        if delay > 0:
            await asyncio.sleep(delay)
        return answer

    async def _answer(
        self,
        name: str,
        params: Mapping[str, object],
        uploads: Mapping[str, Upload],
        fault: Fault | None,
    ) -> Answer:
        decoded: Json = dict(params)
        try:
            decoded = decode(name, params, uploads)
            if name == "getUpdates":
                result: Any = await self._updates(decoded)
            else:
                with self.acting() as world:
                    result = self._handle(world, name, decoded)
        except ApiError as refused:
            self._record(name, decoded, refused.status, refused.description)
            return refusal(refused)
        if fault is not None and fault.after:
            return self._fail(name, decoded, fault)
        self._record(name, decoded, 200, result)
        return success(result)

    def _handle(self, world: World, name: str, params: Json) -> Any:
        if name == "setWebhook":
            self._poll += 1
            return webhook.set_webhook(self.webhook, world.updates, params, local=self.local)
        if name == "deleteWebhook":
            return webhook.delete_webhook(self.webhook, world.updates, params)
        if name == "getWebhookInfo":
            return webhook.webhook_info(self.webhook, world.updates)
        return HANDLERS[name](world, params)

    def _fail(self, name: str, params: Json, fault: Fault) -> Answer:
        """The planned failure, as the caller meets it."""
        label = f"{fault.kind} {'after' if fault.after else 'before'}"
        if fault.kind in {"timeout", "network"}:
            self._record(name, params, 0, None, label)
            raise ConnectionLostError(fault.kind, after=fault.after)
        if fault.kind == "bad_gateway":
            self._record(name, params, 502, None, label)
            return Answer(502, _BAD_GATEWAY, {"Content-Type": "text/html"})
        if fault.kind == "too_many":
            refused = too_many(max(1, round(fault.seconds)))
        else:
            refused = ApiError(500, "Internal Server Error")
        self._record(name, params, refused.status, refused.description, label)
        return refusal(refused)

    def _record(
        self, name: str, params: Json, status: int, result: Any, fault: str | None = None
    ) -> None:
        with self._lock:
            self.calls.append(Call(name, params, self.clock.now(), status, result, fault))

    async def _updates(self, params: Json) -> list[Json]:
        """Long polling; a newer poll, or a webhook, ends this one."""
        offset, limit = params.get("offset", 0), params.get("limit", 100)
        timeout = params.get("timeout", 0)
        if not 1 <= limit <= 100:
            raise bad_request("limit must be between 1 and 100")
        if timeout < 0:
            raise bad_request("timeout must not be negative")
        loop = asyncio.get_running_loop()
        end = loop.time() + min(timeout, _LONGEST_POLL)
        queue = self.world.updates
        with self._lock:
            self._poll += 1
            mine = self._poll
            if "allowed_updates" in params:
                queue.allow(params["allowed_updates"])
        queue.bell.ring()
        while True:
            with queue.bell.heard() as rung:
                with self._lock:
                    self._check_poll(mine)
                    batch = queue.take(offset, limit)
                if batch or loop.time() >= end:
                    return batch
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), end - loop.time())

    def _check_poll(self, mine: int) -> None:
        if self.webhook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        if self._poll != mine:
            raise conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )

    def file_at(self, path: str) -> StoredFile | None:
        """The file that getFile gave this path for."""
        with self._lock:
            return self.world.files.by_path(path)

    # Updates without polling

    def pop_update(self) -> Json | None:
        """The oldest update, taken off the queue at once; None when there is none."""
        with self._lock:
            return self.world.updates.pop()

    def pending_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        with self._lock:
            return len(self.world.updates)

    def repeat_updates(self, count: int = 1) -> list[int]:
        """Deliver the last confirmed updates once more and return their ids."""
        with self._lock:
            return self.world.updates.again(count)

    def webhook_requests(self) -> list[WebhookRequest]:
        """The webhook requests that are due; look only, nothing is confirmed."""
        with self._lock:
            return webhook.requests(self.webhook, self.world.updates)

    async def deliver_webhooks(self, post: Post) -> int:
        """Make one round of webhook requests with `post(url, headers, body) -> status`.

        An update is confirmed by a 2xx; what failed stays for the next round. Returns how many
        were taken.
        """
        due = self.webhook_requests()
        return await webhook.deliver(due, post, self._settle, self.webhook.max_connections)

    def _settle(self, request: WebhookRequest, problem: str | None) -> None:
        with self._lock:
            if problem is None:
                self.world.updates.confirm(request.update)
            else:
                self.webhook.last_error = problem
                self.webhook.last_error_at = self.clock.now()


def _as_number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
