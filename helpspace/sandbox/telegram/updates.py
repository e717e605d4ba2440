"""The queue of updates for the bot: numbered, confirmed by offset, lost after a day."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from helpspace.core.clock import Clock

Json = dict[str, Any]

LIFE = 24 * 3600
_FIRST_ID = 870_000_001
_REMEMBERED = 2_000

KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
    }
)
_ONLY_WHEN_ASKED_FOR = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, eq=False)
class Waiting:
    """One update that the bot has not confirmed yet."""

    id: int
    chat_id: int
    at: int
    body: Json


class Bell:
    """Wakes everybody who waits, in whatever thread their event loop runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def waiting(self) -> int:
        """How many wait just now."""
        return len(self._waiters)

    @contextlib.contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set at the next ring."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiters.add(waiter)
        try:
            yield waiter[1]
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def ring(self) -> None:
        """Wake all; a loop that was closed meanwhile has nobody left to wake."""
        with self._lock:
            waiters = list(self._waiters)
        for loop, event in waiters:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)


class UpdateQueue:
    """Updates in the order in which they happened; not safe across threads by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_id = _FIRST_ID
        self._waiting: deque[Waiting] = deque()
        self._again: list[Waiting] = []
        self._confirmed: deque[Waiting] = deque(maxlen=_REMEMBERED)
        self.allowed: list[str] = []
        self.lost = 0
        self.bell = Bell()

    def __len__(self) -> int:
        self._forget_old()
        return len(self._waiting) + len(self._again)

    def allow(self, kinds: Iterable[str]) -> None:
        """Choose the kinds made from now on; none named means Telegram's default set."""
        self.allowed = [kind for kind in kinds if kind in KINDS]

    def add(self, kind: str, chat_id: int, content: Json) -> int | None:
        """Queue an update and return its id, or None if the bot does not want this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _ONLY_WHEN_ASKED_FOR
        if not wanted:
            return None
        update = Waiting(
            self._next_id,
            chat_id,
            self._clock.now(),
            {"update_id": self._next_id, kind: content},
        )
        self._next_id += 1
        self._waiting.append(update)
        self.bell.ring()
        return update.id

    def take(self, offset: int, limit: int) -> list[Json]:
        """What getUpdates answers: everything below the offset is confirmed first."""
        self._forget_old()
        if offset < 0:
            while len(self._waiting) > -offset:
                self._confirmed.append(self._waiting.popleft())
        while self._waiting and self._waiting[0].id < offset:
            self._confirmed.append(self._waiting.popleft())
        repeated = self._again[:limit]
        del self._again[:limit]
        fresh = itertools.islice(self._waiting, limit - len(repeated))
        return [update.body for update in (*repeated, *fresh)]

    def pending(self) -> list[Waiting]:
        """All that is not confirmed, repeats first: what a webhook still has to receive."""
        self._forget_old()
        return [*self._again, *self._waiting]

    def confirm(self, update: Waiting) -> None:
        """One update was received (by webhook, or popped)."""
        if update in self._again:
            self._again.remove(update)
        elif update in self._waiting:
            self._waiting.remove(update)
            self._confirmed.append(update)

    def pop(self) -> Json | None:
        """The oldest update, confirmed at once; None when there is none."""
        self._forget_old()
        if self._again:
            return self._again.pop(0).body
        if not self._waiting:
            return None
        self._confirmed.append(self._waiting.popleft())
        return self._confirmed[-1].body

    def again(self, count: int = 1) -> list[int]:
        """Deliver the last confirmed updates once more, as after a lost confirmation."""
        repeats = list(self._confirmed)[-count:] if count else []
        self._again.extend(repeats)
        self.bell.ring()
        return [update.id for update in repeats]

    def drop(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()
        self._again.clear()

    def _forget_old(self) -> None:
        oldest = self._clock.now() - LIFE
        while self._waiting and self._waiting[0].at < oldest:
            self._waiting.popleft()
            self.lost += 1
