"""Every screen follows what another process does, and leaves cursor, mark and focus where they are.

That it takes no longer than a second is shown by the interval of its looks, and in a real terminal
by `test_live_terminal.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from helpspace.core import booking, calendar, invitations
from helpspace.core.practice import Practice
from helpspace.tui.look import LOOKS
from helpspace.tui.screens.lines import LinesScreen
from tests import makers
from tests.tui.doors import DOORS, go_in, prepare
from tests.tui.scenes import Scene, at, pay
from tests.tui.stage import LARGE, Stage, play

Else = Callable[[Practice, Scene], object]


def books(practice: Practice, scene: Scene) -> object:
    client = makers.add_client(practice, "Abi Newcomer")
    return makers.book_initial(practice, client, scene.open_slot)


def cancels(practice: Practice, scene: Scene) -> object:
    return booking.cancel(practice, scene.therapist, scene.to_come)


def client_cancels(practice: Practice, scene: Scene) -> object:
    return booking.cancel(practice, scene.anna, scene.paid)


def found(practice: Practice, scene: Scene, start: int) -> str:
    """The id of what begins at an instant."""
    me = scene.therapist
    return calendar.between(practice, me, me.id, start, start + 1)[0].id


def is_paid(practice: Practice, scene: Scene) -> object:
    return pay(practice, found(practice, scene, at(2, 15)))


def closes(practice: Practice, scene: Scene) -> object:
    for start in (at(4, 11), at(4, 11, 50)):
        calendar.close_slot(practice, scene.therapist, found(practice, scene, start))
    return None


def invites(practice: Practice, scene: Scene) -> object:
    return invitations.invite(practice, scene.therapist)


class Case(NamedTuple):
    """A screen, what changes it while it is open, and words that are there then."""

    door: str
    act: Else
    words: str


CASES = (
    Case("day", books, "Abi Newcomer"),
    Case("week", books, "Abi Newcom"),
    Case("month", books, "Abi N"),
    Case("agenda", books, "Abi Newcomer"),
    Case("session", cancels, "Cancelled by you"),
    Case("session's money", cancels, "cancelled"),
    Case("session's page 3", cancels, "cancelled"),
    Case("paid session", client_cancels, "Cancelled by the client"),
    Case("paid session's money", client_cancels, "Cancelled by the client"),
    Case("slot opened", books, "This has changed: go back"),
    Case("today", is_paid, "2 things for you"),
    Case("money", cancels, "until Thu 5 Mar: nothing"),
    Case("clients", books, "Abi Newcomer"),
    Case("client", is_paid, "£60 paid"),
    Case("invitations", invites, "2 invitations wait"),
    Case("checklist", closes, "no open slot"),
)


def looking(stage: Stage) -> list[Timer]:
    """The timers by which what is shown looks for changes."""
    screen = stage.app.screen
    nodes: list[Widget | Screen[object]] = [screen, *screen.query("*")]
    timers = [timer for node in nodes for timer in node._timers]
    return [timer for timer in timers if timer._interval == LOOKS]


async def look_once(stage: Stage) -> None:
    """Let the time of one look pass."""
    timers = looking(stage)
    assert timers, "nothing looks for changes"
    for timer in timers:
        assert timer._callback is not None
        timer._callback()
    await stage.settle()


@pytest.mark.parametrize("case", CASES, ids=[case.door for case in CASES])
def test_c2_it_shows_what_another_process_did(
    week: Practice, elsewhere: Practice, scene: Scene, case: Case
) -> None:
    prepare(week, scene)
    door = next(door for door in DOORS if door.name == case.door)

    async def walk(stage: Stage) -> None:
        await go_in(stage, scene, door)
        await look_once(stage)
        assert case.words not in stage.text
        top, focused = stage.app.screen, stage.app.focused
        cursor, marked = stage.pane.grid.cursor, mark(stage)
        case.act(elsewhere, scene)
        await look_once(stage)
        assert case.words in stage.text
        assert (stage.app.screen, stage.app.focused) == (top, focused)
        assert (stage.pane.grid.cursor, mark(stage)) == (cursor, marked)

    play(week, scene.therapist, walk, LARGE)


def mark(stage: Stage) -> str | None:
    """What the marked line of a list is about."""
    screen = stage.app.screen
    if not isinstance(screen, LinesScreen) or screen.chosen is None:
        return None
    return str(screen.key_of(screen.chosen))
