"""Two terminals on one thing cannot overwrite each other: the later act is refused in one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.core import booking, calendar, invitations, links, time_off
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Refund
from tests import makers
from tests.surfaces.names import harmless
from tests.tui.scenes import Scene, at
from tests.tui.stage import Stage, play

Else = Callable[[Practice, Scene], object]

HELD = at(1, 14)
"""A session that was held, and paid."""


def held(practice: Practice, scene: Scene) -> str:
    """The id of the session that was held."""
    every = calendar.between(practice, scene.therapist, scene.therapist.id, HELD, HELD + 1)
    return every[0].id


def cancels(practice: Practice, scene: Scene) -> object:
    return booking.cancel(practice, scene.therapist, scene.paid)


def client_cancels(practice: Practice, scene: Scene) -> object:
    return booking.cancel(practice, scene.anna, scene.paid)


def moves(practice: Practice, scene: Scene) -> object:
    start = at(5, 10)
    return booking.move(practice, scene.therapist, scene.paid, start, asked_by=Party.THERAPIST)


def waives(practice: Practice, scene: Scene) -> object:
    return booking.waive(practice, scene.therapist, held(practice, scene))


def misses(practice: Practice, scene: Scene) -> object:
    return booking.no_show(practice, scene.therapist, held(practice, scene))


def closes(practice: Practice, scene: Scene) -> object:
    return calendar.close_slot(practice, scene.therapist, scene.open_slot)


def books(practice: Practice, scene: Scene) -> object:
    client = makers.add_client(practice, "Nadia Newcomer")
    return makers.book_initial(practice, client, scene.open_slot)


def takes_off(practice: Practice, scene: Scene) -> object:
    me = scene.therapist
    return time_off.take(practice, me, me.id, at(3, 0), at(4, 0), cancel=False)


def books_again(practice: Practice, scene: Scene) -> object:
    return makers.follow_up(practice, scene.therapist, scene.sam, at(8, 10))


def opens(practice: Practice, scene: Scene) -> object:
    return makers.open_slot(practice, scene.therapist, at(5, 13))


def books_the_new_one(practice: Practice, scene: Scene) -> object:
    found = calendar.between(practice, scene.therapist, scene.therapist.id, at(5, 13), at(5, 14))
    client = makers.add_client(practice, "Nadia Newcomer")
    return makers.book_initial(practice, client, found[0].id)


async def to_quick_add(stage: Stage, scene: Scene) -> str:
    await stage.go_to(at(5, 13))
    await stage.press("a")
    await stage.fill("line", "tue 10 mar 10:00 sam")
    return "enter"


async def to_paint(stage: Stage, scene: Scene) -> str:
    await stage.go_to(at(5, 13))
    await stage.press("J", "J", "J", "s")
    return "enter"


async def to_undo(stage: Stage, scene: Scene) -> str:
    await stage.go_to(at(5, 13))
    await stage.press("s", "enter")
    return "u"


async def to_cancel(stage: Stage, scene: Scene) -> str:
    await stage.go(scene.paid)
    await stage.press("x")
    return "y"


async def to_move(stage: Stage, scene: Scene) -> str:
    await stage.go(scene.paid)
    await stage.press("m", "m")
    await stage.fill("asked", "me")
    await stage.fill("day", "sat 7 mar")
    await stage.fill("time", "15:00")
    return "enter"


async def to_take_off(stage: Stage, scene: Scene) -> str:
    await stage.go_to(at(3, 8))
    await stage.press("o")
    await stage.fill("sessions", "cancel")
    return "enter"


async def to_waive(stage: Stage, scene: Scene) -> str:
    await stage.go_to(HELD)
    await stage.press("enter", "w")
    return "y"


async def to_miss(stage: Stage, scene: Scene) -> str:
    await stage.go_to(HELD)
    await stage.press("enter", "n")
    return "y"


async def to_close(stage: Stage, scene: Scene) -> str:
    await stage.go(scene.open_slot)
    await stage.press("s")
    return "y"


async def to_follow_up(stage: Stage, scene: Scene) -> str:
    await stage.go(scene.open_slot)
    await stage.press("f")
    await stage.fill("client", "Sam Taylor")
    return "enter"


HERE = {
    "cancel": (to_cancel, (cancels, client_cancels, moves, takes_off)),
    "move": (to_move, (cancels, client_cancels, moves)),
    "time off": (to_take_off, (cancels, client_cancels, moves, takes_off)),
    "waive": (to_waive, (waives,)),
    "no-show": (to_miss, (misses,)),
    "close": (to_close, (closes, books)),
    "follow-up": (to_follow_up, (books,)),
    "quick add": (to_quick_add, (books_again,)),
    "paint": (to_paint, (opens,)),
    "undo": (to_undo, (books_the_new_one,)),
}
MATRIX = [(here, there) for here, (_, others) in HERE.items() for there in others]

HARMLESS = {("cancel", "takes_off")}
"""Pairs in which what was shown is still true: the later act is done as well."""


@pytest.mark.parametrize(
    ("here", "there"), MATRIX, ids=[f"{here}-{there.__name__}" for here, there in MATRIX]
)
def test_the_later_act_is_refused_in_one_line(
    week: Practice, elsewhere: Practice, scene: Scene, here: str, there: Else
) -> None:
    """M3, M5, M9, M10, C7: nothing of what the other one did is lost, and no refund is owed
    twice."""
    begin, _ = HERE[here]

    async def walk(stage: Stage) -> None:
        key = await begin(stage, scene)
        form = stage.app.screen
        there(elsewhere, scene)
        after = makers.snapshot(week)
        await stage.press(key)
        refunds = [row["appointment_id"] for row in makers.all_rows(week, Refund)]
        assert len(refunds) == len(set(refunds))
        if (here, there.__name__) in HARMLESS:
            return
        assert makers.snapshot(week) == after, stage.text
        said = stage.said
        assert stage.app.screen is form, said
        assert said or "changed" in stage.flat, stage.text
        assert "\n" not in said
        harmless(said, allowed="")
        assert "did not work" not in said

    play(week, scene.therapist, walk)


def test_an_invitation_taken_back_elsewhere(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """K1: taken back twice is taken back once."""
    links.remember_bot(week, "practice_bot")
    made = invitations.invite(week, scene.therapist)

    async def walk(stage: Stage) -> None:
        await stage.press("C", "I", "x")
        found = invitations.invitations(elsewhere, scene.therapist)
        invitations.revoke(elsewhere, scene.therapist, found[0].id)
        after = makers.snapshot(week)
        await stage.press("y")
        assert makers.snapshot(week) == after
        assert stage.said
        assert made

    play(week, scene.therapist, walk)


def test_what_is_typed_cursor_and_focus_stay_while_the_form_follows(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """Each act elsewhere is seen behind the form, which keeps every character and its cursor."""

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("f", "tab", *"sa")
        form, field = stage.app.screen, stage.app.focused
        typed = [one.value for one in form.query("Input")]  # type: ignore[attr-defined]
        place = field.cursor_position  # type: ignore[union-attr]
        for act in (moves, cancels, closes, misses):
            act(elsewhere, scene)
            stage.pane.check_store()
            await stage.settle()
            assert stage.app.screen is form
            assert stage.app.focused is field
            assert field.cursor_position == place  # type: ignore[union-attr]
            assert [one.value for one in form.query("Input")] == typed  # type: ignore[attr-defined]
        await stage.press("escape")
        assert scene.paid not in stage.pane._entries

    play(week, scene.therapist, walk)
