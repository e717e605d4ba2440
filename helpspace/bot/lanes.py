"""Working off the inbox: in order for each person, side by side across people, fair to all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
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

LAST_MINUTE = 15.0
"""Seconds that updates in flight are given to end when the process is to stop."""


class Lanes:
    """Gives each person with waiting updates one turn after the other, one update a turn.

    So a flood of one person's updates delays nobody else's. `act` handles one update; one that it
    has not marked as handled is tried again after the others' turns.
    """

    def __init__(
        self, practice: Practice, offload: Offload, act: Callable[[Update], Awaitable[None]]
    ) -> None:
        self._practice = practice
        self._offload = offload
        self._act = act
        self._ready: deque[str] = deque()
        self._busy: dict[str, asyncio.Task[None]] = {}
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
        known = frozenset((*self._ready, *self._busy))
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
                update = await self._offload(inbox.next_of, self._practice, person)
                if update is not None:
                    await self._act(update)
                    more = True
        except Exception as error:  # noqa: BLE001 - it is this person's turn alone that failed
            self._troubled = True
            log.warning("an update waits: %s", type(error).__name__)
        finally:
            del self._busy[person]
            if more:
                self._ready.append(person)
            self._launch()
