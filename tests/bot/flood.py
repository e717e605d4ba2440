"""One person floods the bot while others use it: how long do the others wait?"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from statistics import median

from helpspace.core.store.tables import Inbox
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

OTHERS = 8

ROUNDS = 5
"""How often each of the others asks in a turn."""

BETWEEN = 0.02
"""Seconds that each of the others looks at an answer before the next tap."""


@dataclass
class Came:
    """What the others waited, in seconds, turn by turn: without the flood and beside it."""

    calm: list[list[float]] = field(default_factory=list)
    loud: list[list[float]] = field(default_factory=list)
    grown: int = 0
    """Bytes by which memory grew."""
    left: int = 0
    """How many of the flood's updates were still to be handled when the others were done."""

    @property
    def times(self) -> float:
        """How many times as long the others waited at the median of a turn, beside the flood."""
        turns = zip(self.loud, self.calm, strict=True)
        return median(median(loud) / median(calm) for loud, calm in turns)

    def words(self) -> str:
        """The figures in one line."""
        found = []
        for turns in (self.calm, self.loud):
            waits = [wait for turn in turns for wait in turn]
            found.append((median(waits) * 1000, max(waits)))
        (calm, longest), (loud, longest_beside) = found
        return (
            f"the others' median went from {calm:.0f} to {loud:.0f} ms, {self.times:.2f} times by"
            f" turns; the longest from {longest:.2f} to {longest_beside:.2f} s;"
            f" memory grew by {self.grown / 1e6:.0f} MB"
        )


def measure(calm: Scene, loud: Scene, flood: int, *, turns: int) -> Came:
    """Let others use two bots by turns: one of their own, and one that somebody floods.

    Before each turn at the flooded one comes a part of the flood. By turns, since the machine is
    now faster, now slower.
    """
    came = Came()

    async def whole() -> None:
        async with _with_others(calm) as here, _with_others(loud) as there:
            flooder = loud.phone(501, "Flood")
            await _greet(loud, flooder)
            at_first = _most_memory()
            for turn in range(turns):
                came.calm.append(await _asked(calm, here))
                _pour(flooder, flood * turn // turns, flood * (turn + 1) // turns)
                came.loud.append(await _asked(loud, there))
            came.grown = _most_memory() - at_first
            rows = makers.all_rows(loud.practice, Inbox)
            new = sum(row["state"] == "new" for row in rows)
            came.left = new + loud.sandbox.pending_updates()

    asyncio.run(whole())
    for scene in (calm, loud):
        assert not scene.refusals(), scene.refusals()[:3]
    return came


@contextlib.asynccontextmanager
async def _with_others(scene: Scene) -> AsyncIterator[list[Phone]]:
    """Run a scene's bot, with the phones of the others."""
    scene.service = scene.make()
    await scene.service.start()
    polling = asyncio.create_task(scene.service.run_polling())
    try:
        phones = [scene.phone(601 + n, f"Other {n}") for n in range(OTHERS)]
        for phone in phones:
            await _greet(scene, phone)
        yield phones
    finally:
        await scene.service.stop()
        await polling


async def _greet(scene: Scene, phone: Phone) -> None:
    """Let somebody who is known already arrive."""
    makers.add_client(scene.practice, phone.user.first_name, chat=phone.user.id)
    answered = asyncio.Event()
    loop = asyncio.get_running_loop()
    stop = scene.sandbox.on_change(lambda _: loop.call_soon_threadsafe(answered.set))
    phone.start()
    while not phone.messages[-1].from_bot:
        answered.clear()
        await answered.wait()
    stop()


def _pour(flooder: Phone, first: int, last: int) -> None:
    living = next(one for one in reversed(flooder.messages) if one.buttons).message_id
    for number in range(first, last):
        if number % 3:
            flooder.press("1:mine:0", message_id=living)
        else:
            flooder.write("/card" if number % 2 else f"words {number}")


def _most_memory() -> int:
    """Return the most bytes that this process has ever had; looking costs it nothing."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def _asked(s: Scene, phones: list[Phone]) -> list[float]:
    """Return what it takes from each command to its answer."""
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    bells = {phone.user.id: asyncio.Event() for phone in phones}

    def ring(chat_id: int) -> None:
        if chat_id in bells:
            loop.call_soon_threadsafe(bells[chat_id].set)

    async def one(phone: Phone) -> None:
        bell = bells[phone.user.id]
        for number in range(ROUNDS):
            # Told by their number: what is long ago must not slow the looking.
            said = phone.chat.messages
            count = len(said)
            began = time.perf_counter()
            phone.write("/card" if number % 2 else "/sessions")
            while len(said) < count + 2:
                bell.clear()
                await bell.wait()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(BETWEEN)

    stop = s.sandbox.on_change(ring)
    await asyncio.gather(*(one(phone) for phone in phones))
    stop()
    return waits
