"""Every name on every screen of the therapist's terminal: literal, and obeyed by nothing (A3)."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from typing import Any

import pytest

import helpspace.tui.clients
import helpspace.tui.money
import helpspace.tui.opened
import helpspace.tui.screens
import helpspace.tui.today
from helpspace.core import booking, invitations, links, time_off, today
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Absence
from helpspace.tui import messages
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.screens.base import ActingPanel, Panel
from helpspace.tui.screens.form import FormPanel
from tests import makers
from tests.surfaces.names import NAMES, WORSE, harmless, poisoned, shown
from tests.tui.scenes import Scene, at
from tests.tui.stage import LARGE, SMALL, Stage, flat, play

BASES = {Panel, ActingPanel, FormPanel, AskModal}


def every_panel() -> set[type[Any]]:
    """Every panel that can lie over the calendar."""
    found: set[type[Any]] = set()
    tui = helpspace.tui
    for room in (tui.screens, tui.money, tui.today, tui.clients, tui.opened):
        for info in pkgutil.iter_modules(room.__path__):
            module = import_module(f"{room.__name__}.{info.name}")
            kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
            found |= {kind for kind in kinds if issubclass(kind, Panel)}
    return found - BASES


class Looked:
    """What a walk saw: its panels, and every screen found harmless."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.panels: set[type[Any]] = set()

    def look(self, name: str | None) -> None:
        """Check what is on the screen now; `name` must be there literally, unless it is None."""
        app = self.stage.app
        self.panels.add(type(app.screen))
        strips = app.screen._compositor.render_strips()
        text = "\n".join(strip.text for strip in strips)
        harmless(text)
        if name is not None:
            assert squeezed(name) in squeezed(flat(text)), (type(app.screen), name, text)
        for strip in strips:
            for segment in strip:
                harmless(segment.text, allowed="")
                style = segment.style
                if style is not None:
                    assert style.link is None
                    assert "@click" not in style.meta, style.meta
        assert app.is_running
        assert app._exit is False


def squeezed(text: str) -> str:
    """Return text without blanks: a broken line loses one of them."""
    return "".join(text.split())


async def walk_of(stage: Stage, scene: Scene, name: str) -> None:
    """Open everything that shows a session's client, and look at it."""
    seen = Looked(stage)
    await stage.go(scene.to_come)
    seen.look(name)
    for key in ("enter", "x", "f", "n", "o"):
        await stage.pilot.press(key)
        seen.look(name)
        await stage.app.pop_screen()
    await stage.press("slash", *"booked")
    seen.look(name[:12])
    await stage.app.pop_screen()
    await stage.press("m", "m", *"me", "tab", "tab", *"15")
    seen.look(None)
    await stage.app.pop_screen()
    for key in "134":
        await stage.press(key)
        seen.look(name[:12] if key == "4" else None)
    await stage.press("2")
    await stage.pilot.press("a")
    await stage.fill("line", "x tue 10")
    seen.look(None)
    await stage.app.pop_screen()
    for key in ("M", "T"):
        await stage.press(key)
        seen.look(name[:12])
        await stage.press("w")
        seen.look(None)
        await stage.press("escape")
        while len(stage.app.screen_stack) > 1:
            await stage.app.pop_screen()


async def clients_of(stage: Stage, scene: Scene, name: str | None) -> None:
    """Open what shows clients: the list, a page, a session with all its pages, a link's code."""
    seen = Looked(stage)
    await stage.press("C")
    seen.look(name[:12] if name else None)
    await stage.press("enter")
    seen.look(name)
    await stage.press("enter")
    for _ in range(4):
        seen.look(name)
        await stage.press("tab")
    await stage.press("escape", "escape", "I")
    seen.look(None)
    while len(stage.app.screen_stack) > 1:
        await stage.app.pop_screen()
    await stage.go(scene.to_come)
    for keys in (("enter", "p"), ("enter", "r"), ("enter", "m")):
        await stage.press(*keys)
        seen.look(name if keys[1] == "r" else None)
        while len(stage.app.screen_stack) > 1:
            await stage.app.pop_screen()


async def panels_of_clients(stage: Stage, scene: Scene, seen: Looked) -> None:
    """Open each panel that has to do with clients, links and the calendar's file."""
    practice, me = stage.pane.desk.practice, scene.therapist
    links.remember_bot(practice, "practice_bot")
    invitations.invite(practice, me)
    for keys in (("E",), ("C", "i"), ("C", "I", "x"), ("enter", "Q"), ("enter", "r")):
        await stage.go(scene.to_come)
        await stage.press(*keys)
        seen.look(None)
        while len(stage.app.screen_stack) > 1:
            await stage.app.pop_screen()


async def all_else(stage: Stage, scene: Scene) -> None:
    """Open every panel there is, also those without a name."""
    seen = Looked(stage)
    for place, keys in (
        (scene.to_come, ("enter", "x", "f", "a", "g", "question_mark", "ctrl+p")),
        (scene.open_slot, ("enter", "s")),
        (None, ("s",)),
    ):
        await (stage.go_to(at(5, 13)) if place is None else stage.go(place))
        for key in keys:
            await stage.pilot.press(key)
            seen.look(None)
            await stage.app.pop_screen()
    await more_of_the_calendar(stage, scene, seen)
    await panels_of_clients(stage, scene, seen)
    await stage.go_to(at(1, 14))
    await stage.press("enter", "n")
    seen.look(None)
    await stage.press("escape", "escape", "M", "w")
    seen.look(None)
    await stage.press("escape", "escape", "T")
    await stage.press(*["down"] * at_absence(stage), "a")
    seen.look(None)
    await stage.press("escape", "escape")
    assert seen.panels >= every_panel()


async def more_of_the_calendar(stage: Stage, scene: Scene, seen: Looked) -> None:
    """Open what is reached by several keys: finding, moving, painting, time off, the views."""
    me, pane = scene.therapist, stage.pane
    off = time_off.take(pane.desk.practice, me, me.id, at(12, 8), at(12, 18), cancel=False)
    for place, keys in (
        (scene.to_come, ("slash",)), (scene.to_come, ("n",)), (scene.to_come, ("m", "m")),
        (scene.to_come, ("o",)), (at(5, 13), ("J", "shift+right", "s")), (at(12, 9), ("o",)),
    ):  # fmt: skip
        await (stage.go_to(place) if isinstance(place, int) else stage.go(place))
        await stage.press(*keys)
        seen.look(None)
        await stage.app.pop_screen()
        pane.view.clear_range()
        await stage.go_to(at(4, 8))
    time_off.lift(pane.desk.practice, me, off.time_off.id)


def at_absence(stage: Stage) -> int:
    """Return how many lines below the first one the day's report of an absence stands."""
    kinds = [one.kind for one in today.today(stage.pane.desk.practice, stage.pane.desk.actor).needs]
    return kinds.index("absence")


@pytest.mark.long
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_name_on_every_screen(week: Practice, scene: Scene, size: tuple[int, int]) -> None:
    """Client and therapist bear the name as a raw row would hold it; it shows as `plain` has it."""
    with week.change() as tx:
        tx.insert(Absence, appointment_id=scene.paid, state="reported", reported_at=tx.now)
    lee = makers.appointment_of(week, scene.to_come)["client_id"]
    booking.ask_to_move(week, scene.sam.client(lee), scene.to_come)
    practice, vault = poisoned(week)
    vault.name = NAMES[0]

    async def walk(stage: Stage) -> None:
        if size == LARGE:  # `test_fits` opens everything in the small terminal, with such names
            await all_else(stage, scene)
        for raw in (*NAMES, *WORSE):
            vault.name = raw
            stage.pane.reload()
            await stage.pilot.pause()
            assert stage.pane.title.render().plain.startswith(f" {shown(raw)[:8]}")
            if raw in NAMES[size == LARGE :: 2]:
                await walk_of(stage, scene, shown(raw))
                if raw in NAMES[1:3]:
                    await clients_of(stage, scene, shown(raw))
            else:
                await stage.go(scene.to_come)
                Looked(stage).look(shown(raw)[:24])
        await stage.press("asterisk")
        Looked(stage).look(None)
        assert shown(raw)[:8] not in stage.text.split("\n", 1)[1]

    play(practice, scene.therapist, walk, size)


def test_what_is_said_after_an_act_is_text_too(week: Practice, scene: Scene) -> None:
    """Booking and cancelling name the client in the status line; a click on it does nothing."""
    practice, vault = poisoned(week)
    vault.name = raw = NAMES[1] + WORSE[1]

    async def walk(stage: Stage) -> None:
        seen = Looked(stage)
        await stage.go(scene.paid)
        await stage.press("f")
        await stage.press("enter")
        assert stage.of(messages.FollowUpBooked)
        seen.look(NAMES[1])
        assert f"for {shown(raw)}." in stage.said
        for column in range(0, 70, 7):
            await stage.pilot.click(stage.pane.status, offset=(column, 0))
        seen.look(None)
        await stage.press("x", "y")
        assert stage.of(messages.AppointmentCancelled)
        seen.look(None)

    play(practice, scene.therapist, walk)
