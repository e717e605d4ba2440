"""Working off the inbox: in order for each person, side by side across people, fair to all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from helpspace.core import inbox
from helpspace.core.inbox import CROWD, Update
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

IN_FLIGHT = 16
"""Updates handled at once; measured, more are slower."""

CROWDED = 1.0
"""Seconds between two updates of a person of whom a crowd waits.

Telegram takes one message a second in a chat anyway; more turns would only take places and time
from others.
"""

LOOK_EVERY = 1.0
"""Seconds after which the inbox is looked at without a bell: others may take updates in too."""

LONGEST_REST = 30.0
"""Seconds after which a person's update is tried again at the latest, however often it failed."""

LAST_MINUTE = 15.0
"""Seconds that updates in flight are given to end when the process is to stop."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """How long, in seconds, a person's updates rest, and until when."""

    gap: float
    until: float


class Lanes:
    """Gives each person with waiting updates one turn after the other, one update a turn.

    So a flood of one person's updates delays nobody else's. `act` handles one update and returns
    how many more its person has; one that it has not marked as handled is tried again after the
    others' turns, and where it raised, after gaps that grow. `now` are seconds that only go
    forward.
    """

    def __init__(
        self,
        practice: Practice,
        offload: Offload,
        act: Callable[[Update], Awaitable[int]],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._practice = practice
        self._offload = offload
        self._act = act
        self._now = now
        self._ready: deque[str] = deque()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._begun: dict[str, int] = {}
        self._rests: dict[str, _Rest] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._bell = asyncio.Event()
        self._come: dict[str, None] = {}
        self._look_at = 0.0
        self._stopping = False
        self._draining = False
        self._troubled = False

    def ring(self, people: Iterable[str] = ()) -> None:
        """Say that there is something new in the inbox, and from whom if that is known.

        From the event loop's thread, once it is durable.
        """
        known = dict.fromkeys(people)
        if not known:
            self._look_at = 0.0
        self._come.update(known)
        self._bell.set()

    async def run(self) -> None:
        """Work until `stop`; what an earlier process left unhandled goes first."""
        while not self._stopping:
            self._bell.clear()
            try:
                await self._line_up()
            except Exception as error:  # noqa: BLE001 - the bot goes on whatever happens here
                log.warning("the inbox cannot be read: %s", type(error).__name__)
            self._launch()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), max(self._look_at - self._now(), 0.0))

    async def drain(self) -> None:
        """Handle everything that waits now and return when nothing is left, or the store fails."""
        self._troubled = False
        self._draining = True
        self._rests.clear()
        try:
            while not self._troubled:
                self._come.clear()
                await self._fill()
                self._launch()
                if not self._busy:
                    return
                while self._busy:
                    await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._draining = False

    async def stop(self) -> None:
        """Begin nothing more and let what is in flight end, within reason."""
        self._stopping = True
        self._bell.set()
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=LAST_MINUTE)
            for task in late:
                task.cancel()

    @contextlib.asynccontextmanager
    async def alone(self, person: str) -> AsyncIterator[None]:
        """Do something between two updates of a person."""
        lock = self._locks.get(person)
        if lock is None:
            lock = self._locks[person] = asyncio.Lock()
        async with lock:
            yield

    async def _line_up(self) -> None:
        """Queue those who are known to have come, and now and then look who else has."""
        # Those at their turn keep their mark: whether they have more was perhaps seen before.
        come = [person for person in self._come if person not in self._busy]
        known = {*self._ready, *self._resting()}
        self._ready.extend(person for person in come if person not in known)
        for person in come:
            del self._come[person]
        if self._now() >= self._look_at:
            self._look_at = self._now() + LOOK_EVERY
            await self._fill()

    async def _fill(self) -> None:
        """Queue the people who have come since the last look."""
        known = frozenset((*self._ready, *self._busy, *self._resting()))
        found = await self._offload(inbox.waiting, self._practice, exclude=known, limit=500)
        self._ready.extend(
            person for person in found if person not in self._busy and person not in self._ready
        )

    def _resting(self) -> set[str]:
        now = self._now()
        return {person for person, rest in self._rests.items() if rest.until > now}

    def _launch(self) -> None:
        while self._ready and len(self._busy) < IN_FLIGHT and not self._stopping:
            person = self._ready.popleft()
            self._busy[person] = asyncio.create_task(self._turn(person))

    async def _turn(self, person: str) -> None:
        more = 0
        try:
            async with self.alone(person):
                more = await self._next(person)
        except Exception as error:  # noqa: BLE001 - it is this person's turn alone that failed
            self._troubled = True
            self._let_rest(person)
            log.warning("an update waits: %s", type(error).__name__)
        else:
            self._rests.pop(person, None)
            if more > CROWD and not self._draining:
                self._rests[person] = _Rest(0.0, self._now() + CROWDED)
        finally:
            del self._busy[person]
            came = person in self._come
            self._come.pop(person, None)
            if (more or came) and person not in self._rests:
                self._ready.append(person)
            self._launch()

    async def _next(self, person: str) -> int:
        """Handle a person's next update and return how many more there are, as far as counted.

        A try counts once a process: what repeats here is counted where it is handled.
        """
        begun = self._begun.get(person)
        update = await self._offload(inbox.next_of, self._practice, person, begun=begun)
        if update is None:
            self._begun.pop(person, None)
            return 0
        self._begun[person] = update.update_id
        more = await self._act(update)
        if not more:
            self._begun.pop(person, None)
        return more

    def _let_rest(self, person: str) -> None:
        """Leave a person's updates be for a while, longer each time."""
        before = self._rests.get(person)
        gap = LOOK_EVERY if before is None else min(2 * before.gap, LONGEST_REST) or LOOK_EVERY
        self._rests[person] = _Rest(gap, self._now() + gap)
