"""Working off the inbox: in order for each person, side by side across people, fair to all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from helpspace.core import inbox
from helpspace.core.inbox import Update
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

IN_FLIGHT = 16
"""Updates handled at once; measured, more are slower."""

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

    So a flood of one person's updates delays nobody else's. `act` handles one update; one that it
    has not marked as handled is tried again after the others' turns, and where it raised, after
    gaps that grow. `now` are seconds that only go forward.
    """

    def __init__(
        self,
        practice: Practice,
        offload: Offload,
        act: Callable[[Update], Awaitable[None]],
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
        self._stopping = False
        self._troubled = False

    def ring(self) -> None:
        """Say that there is something new in the inbox; from the event loop's thread."""
        self._bell.set()

    async def run(self) -> None:
        """Work until `stop`; what an earlier process left unhandled goes first."""
        while not self._stopping:
            self._bell.clear()
            try:
                await self._fill()
            except Exception as error:  # noqa: BLE001 - the bot goes on whatever happens here
                log.warning("the inbox cannot be read: %s", type(error).__name__)
            self._launch()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), LOOK_EVERY)

    async def drain(self) -> None:
        """Handle everything that waits now and return when nothing is left, or the store fails."""
        self._troubled = False
        self._rests.clear()
        while not self._troubled:
            await self._fill()
            self._launch()
            if not self._busy:
                return
            while self._busy:
                await asyncio.wait(self._busy.values(), return_when=asyncio.FIRST_COMPLETED)

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

    async def _fill(self) -> None:
        """Queue the people who have come since the last look."""
        now = self._now()
        resting = (person for person, rest in self._rests.items() if rest.until > now)
        known = frozenset((*self._ready, *self._busy, *resting))
        found = await self._offload(inbox.waiting, self._practice, exclude=known, limit=500)
        self._ready.extend(
            person for person in found if person not in self._busy and person not in self._ready
        )

    def _launch(self) -> None:
        while self._ready and len(self._busy) < IN_FLIGHT and not self._stopping:
            person = self._ready.popleft()
            self._busy[person] = asyncio.create_task(self._turn(person))

    async def _turn(self, person: str) -> None:
        more = False
        try:
            async with self.alone(person):
                more = await self._next(person)
        except Exception as error:  # noqa: BLE001 - it is this person's turn alone that failed
            self._troubled = True
            self._let_rest(person)
            log.warning("an update waits: %s", type(error).__name__)
        else:
            self._rests.pop(person, None)
        finally:
            del self._busy[person]
            if more:
                self._ready.append(person)
            self._launch()

    async def _next(self, person: str) -> bool:
        """Handle a person's next update; False if there is none.

        A try counts once a process: what repeats here is counted where it is handled.
        """
        begun = self._begun.get(person)
        update = await self._offload(inbox.next_of, self._practice, person, begun=begun)
        if update is None:
            self._begun.pop(person, None)
            return False
        self._begun[person] = update.update_id
        await self._act(update)
        return True

    def _let_rest(self, person: str) -> None:
        """Leave a person's updates be for a while, longer each time."""
        before = self._rests.get(person)
        gap = LOOK_EVERY if before is None else min(2 * before.gap, LONGEST_REST)
        self._rests[person] = _Rest(gap, self._now() + gap)
