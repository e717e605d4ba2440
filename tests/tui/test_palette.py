"""Every action is in the palette of the screen on which its key works (Done when 2).

What is exempt, by rule: keys that move a cursor, turn a field or only lead back; and the places
whose keys type, answer yes and no, or close what is read. There the palette offers what works
everywhere. Joining is another program; its screens show all that they can do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.command import CommandList

from helpspace.core.practice import Practice
from helpspace.tui.actions import ACTIONS, Action, Place, of
from helpspace.tui.clients.inviting import InvitationsScreen
from helpspace.tui.clients.screen import ClientsScreen
from tests.tui.scenes import Scene
from tests.tui.stage import Stage, play
from tests.tui.test_app_actions import OWNERS

MOVING = {
    "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab",
    "escape",
}  # fmt: skip
ANSWERING = {
    Place.MOVING, Place.FORM, Place.ASKING, Place.DATE, Place.HELP, Place.CHOOSING, Place.PRESSING,
    Place.LOCKED,
    Place.TOUR,
}  # fmt: skip
JOINING = {
    Place.JOINING, Place.BEGINNING, Place.APPLICATION, Place.CHOICES, Place.FILE, Place.DOCUMENT,
    Place.FOLDER, Place.PAYMENTS, Place.AWAY,
}  # fmt: skip
SCREENS = [place for place in Place if place not in ANSWERING | JOINING | {Place.EVERYWHERE}]
THEMSELVES = {"app.palette", "app.how_to_leave", "app.leave"}
"""The palette itself; saying how to leave; and leaving, which has a line of its own."""


def is_exempt(one: Action) -> bool:
    """Say whether an action need not be in the palette."""
    return one.keys.split(",")[0] in MOVING or one.id in THEMSELVES


@pytest.mark.parametrize("place", [*SCREENS, Place.EVERYWHERE])
def test_every_action_of_every_screen_is_in_its_palette(place: Place) -> None:
    assert [one.id for one in of(place) if not one.palette and not is_exempt(one)] == []


@pytest.mark.parametrize("place", [one for one in SCREENS if one is not Place.CALENDAR])
def test_every_screen_says_whose_actions_its_palette_offers(place: Place) -> None:
    assert getattr(OWNERS[place], "PLACE", None) is place


async def offered(stage: Stage) -> list[str]:
    """Open the palette, and return what it offers."""
    await stage.press("ctrl+p")
    found = stage.app.screen.query_one(CommandList)
    await stage.pilot.pause()
    return [
        str(found.get_option_at_index(n).prompt).splitlines()[0] for n in range(found.option_count)
    ]


def expected(place: Place) -> set[str]:
    """Return what the palette of a place should offer."""
    return {
        one.verb
        for one in ACTIONS
        if one.palette and (one.place is place or one.run.startswith("app."))
    }


Way = Callable[[Stage], Awaitable[object]]


def by(*keys: str) -> Way:
    return lambda stage: stage.press(*keys)


def act(name: str) -> Way:
    return lambda stage: stage.pane.run_action(name)


# Proofs and picture open only where there is an application; their tables are compared above.
WAYS: dict[Place, Way] = {
    Place.CALENDAR: by(),
    Place.SESSION: by("enter"),
    Place.TODAY: by("T"),
    Place.MONEY: by("M"),
    Place.CLIENTS: by("C"),
    Place.CLIENT: by("C", "enter"),
    Place.INVITATIONS: by("C", "I"),
    Place.COURSE: by("L"),
    Place.CHAPTER: by("L", "enter"),
    Place.PROFILE: by("e"),
    Place.CHECKLIST: act("profile_checklist"),
    Place.LINKS: by("U"),
    Place.SETTINGS: by("S"),
    Place.KEYS: act("own_keys"),
}


@pytest.mark.parametrize("place", WAYS)
def test_the_palette_of_a_screen_has_its_actions_and_those_of_everywhere(
    place: Place, week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await WAYS[place](stage)
        await stage.settle()
        assert place is Place.CALENDAR or getattr(stage.app.screen, "PLACE", None) is place
        assert set(await offered(stage)) == expected(place)

    play(week, scene.therapist, walk)


def test_what_is_chosen_there_is_done_on_that_screen(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C", "ctrl+p", *"clients: invitations", "enter")
        assert isinstance(stage.app.screen, InvitationsScreen)
        await stage.press("ctrl+p", *"invitations: back", "enter")
        assert isinstance(stage.app.screen, ClientsScreen)

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("keys", [("s",), ("x",), ("g",), ("question_mark",)])
def test_forms_and_questions_offer_what_works_everywhere(
    keys: tuple[str, ...], week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        if keys != ("s",):
            await stage.go(scene.friday)
        await stage.press(*keys)
        below = stage.app.screen
        wanted = {one.verb for one in ACTIONS if one.palette and one.run.startswith("app.")}
        assert set(await offered(stage)) == wanted
        await stage.press("escape")
        assert stage.app.screen is below

    play(week, scene.therapist, walk)
