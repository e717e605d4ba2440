"""One person floods the bot while others use it: how long do the others wait?"""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from dataclasses import dataclass

from helpspace.core.store.tables import Inbox
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

OTHERS = 8

BETWEEN = 0.02
"""Seconds that each of the others looks at an answer before the next tap."""


@dataclass(frozen=True)
class Came:
    """What the others waited at the median, in seconds; the memory that grew, in bytes."""

    before: float
    during: float
    grown: int
    left: int
    """How many of the flood's updates were still to be handled when the others were done."""


def measure(scene: Scene, flood: int, *, rounds: int) -> Came:
    """Let others use the bot alone, then beside somebody who sends so many updates at once."""
    phones = [scene.phone(601 + n, f"Other {n}") for n in range(OTHERS)]
    flooder = scene.phone(501, "Flood")
    for phone in (*phones, flooder):
        makers.add_client(scene.practice, phone.user.first_name, chat=phone.user.id)
    found: list[Came] = []

    async def act(s: Scene) -> None:
        await s.start(flooder)
        living = flooder.last.message_id
        polling = asyncio.create_task(s.bot.run_polling())
        quiet = await _asked(s, phones, rounds)
        for number in range(flood):
            if number % 3:
                flooder.press("1:mine:0", message_id=living)
            else:
                flooder.write("/card" if number % 2 else f"words {number}")
        at_first = _most_memory()
        loud = await _asked(s, phones, rounds)
        grown = _most_memory() - at_first
        rows = makers.all_rows(s.practice, Inbox)
        left = sum(row["state"] == "new" for row in rows) + s.sandbox.pending_updates()
        found.append(Came(quiet, loud, grown, left))
        await s.bot.stop()
        await polling

    async def whole() -> None:
        scene.service = scene.make()
        await scene.service.start()
        await act(scene)

    asyncio.run(whole())
    assert not scene.refusals(), scene.refusals()[:3]
    return found[0]


def _most_memory() -> int:
    """Return the most bytes that this process has ever had; looking costs it nothing."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def _asked(s: Scene, phones: list[Phone], rounds: int) -> float:
    """Return what it takes at the median from a command to its answer."""
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    bells = {phone.user.id: asyncio.Event() for phone in phones}

    def ring(chat_id: int) -> None:
        if chat_id in bells:
            loop.call_soon_threadsafe(bells[chat_id].set)

    async def one(phone: Phone) -> None:
        bell = bells[phone.user.id]
        for number in range(rounds):
            count = len(phone.messages)
            began = time.perf_counter()
            phone.write("/card" if number % 2 else "/sessions")
            while len(phone.messages) < count + 2:
                bell.clear()
                await bell.wait()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(BETWEEN)

    stop = s.sandbox.on_change(ring)
    await asyncio.gather(*(one(phone) for phone in phones))
    stop()
    return statistics.median(waits)
