"""Whose turn it is: nobody waits for a look that need not be, and a crowd takes nobody's place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from helpspace.bot.lanes import CROWDED, Lanes
from helpspace.core import inbox
from helpspace.core.inbox import CROWD, Update
from helpspace.core.practice import Practice
from tests.bot.conftest import Scene

SAM, KIM = 501, 502


class Turns:
    """Lanes over a real inbox, with a clock that only the test moves."""

    def __init__(self, practice: Practice, act: Callable[[Update], Awaitable[int]]) -> None:
        self.now = 100.0
        self.handled: list[int] = []
        self.practice = practice
        self._act = act
        self.lanes = Lanes(practice, _here, self.act, now=lambda: self.now)  # type: ignore[arg-type]

    async def act(self, update: Update) -> int:
        self.handled.append(update.update_id)
        return await self._act(update)

    async def go_on(self) -> list[int]:
        """Do what can be done now and return what was handled."""
        self.handled.clear()
        await self.lanes._line_up()
        self.lanes._launch()
        while self.lanes._busy:
            await asyncio.wait(self.lanes._busy.values())
        return list(self.handled)


def _here(function: Any, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
    async def done() -> Any:
        return function(*args, **options)

    return done()


def take_in(practice: Practice, *numbers: int, chat: int = SAM) -> str:
    inbox.take_in(practice, [(number, chat, "tap", {"p": chat}) for number in numbers])
    return inbox.person(practice, chat)


@pytest.fixture
def practice(scene: Scene) -> Practice:
    return scene.practice


def test_what_comes_during_somebodys_last_turn_is_not_left_for_later(practice: Practice) -> None:
    """The turn has seen that nothing waits, and then something comes: no second of waiting."""
    sam = take_in(practice, 1)

    async def act(update: Update) -> int:
        more = inbox.handled(practice, update.update_id)
        if update.update_id == 1:
            take_in(practice, 2)
            turns.lanes.ring([sam])
        return more

    turns = Turns(practice, act)
    assert asyncio.run(turns.go_on()) == [1, 2]
    assert asyncio.run(turns.go_on()) == []


def test_who_is_known_to_have_come_is_not_looked_for(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []

    async def act(update: Update) -> int:
        return inbox.handled(practice, update.update_id)

    turns = Turns(practice, act)
    waiting = inbox.waiting

    def look(*args: Any, **options: Any) -> list[str]:
        looks.append(turns.now)
        return waiting(*args, **options)

    monkeypatch.setattr(inbox, "waiting", look)

    async def whole() -> None:
        assert await turns.go_on() == []
        for number in range(1, 4):
            turns.lanes.ring([take_in(practice, number)])
            assert await turns.go_on() == [number]
        assert looks == [100.0]
        # Somebody else took it in, and did not say whose it is: that is looked for at once.
        take_in(practice, 9, chat=KIM)
        assert await turns.go_on() == []
        turns.lanes.ring()
        assert await turns.go_on() == [9]

    asyncio.run(whole())


def test_a_crowd_has_a_turn_a_second_and_others_theirs_at_once(practice: Practice) -> None:
    """N7: Telegram takes no more in a chat anyway; the rest of a small heap goes at once."""

    async def act(update: Update) -> int:
        return inbox.handled(practice, update.update_id)

    turns = Turns(practice, act)

    async def whole() -> None:
        take_in(practice, *range(1, CROWD + 4))
        assert await turns.go_on() == [1]
        turns.lanes.ring([take_in(practice, 100, chat=KIM)])
        assert await turns.go_on() == [100]
        turns.now += CROWDED
        assert await turns.go_on() == [2]
        turns.now += CROWDED
        assert await turns.go_on() == list(range(3, CROWD + 4))

    asyncio.run(whole())
