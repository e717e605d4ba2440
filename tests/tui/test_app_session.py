"""One session or slot opened: its facts, cancelling with the money first, closing a slot (M3)."""

from __future__ import annotations

import pytest

from helpspace.core import appointments, booking
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui import messages
from helpspace.tui.screens.ask import CancelModal, CloseSlotModal
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.session import OpenedModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, clicked, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


@BOTH
def test_a_session_is_opened(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter")
        assert_golden(stage.app, f"app_session_{name}")
        for said in ("李小龙", "● booked", "initial session", "Charged Wed 4 Mar 14:01"):
            assert said in stage.text
        await stage.press("f")
        assert isinstance(stage.app.screen, FollowUpModal)
        await stage.press("enter")
        session = stage.of(messages.FollowUpBooked)[0].session
        assert session.start == at(11, 14)
        assert len(stage.app.screen_stack) == 1

    play(week, scene.therapist, walk, size)


@BOTH
def test_cancelling_shows_the_money_first(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("x")
        assert_golden(stage.app, f"app_cancel_{name}")
        for said in (
            "the client gets £60 back, in full",
            "it is late: the fee of £60 stays paid",
            "If the client asked for this, let them cancel themselves",
        ):
            assert said in stage.flat
        await stage.press("x", "enter", "space")
        assert isinstance(stage.app.screen, CancelModal)
        assert stage.of(messages.AppointmentCancelled) == []
        await stage.press("y")
        done = stage.of(messages.AppointmentCancelled)[0]
        assert done.found.refund_pence == 6000
        assert stage.said == (
            "Cancelled Thu 5 Mar 10:00: £60 goes back to the client. Both get an e-mail."
        )
        assert f"✓ {stage.said}" in stage.text, "none of it is cut"
        view = appointments.appointment(week, scene.therapist, scene.paid)
        assert view.state == "cancelled_by_therapist"
        assert scene.paid not in stage.pane._entries

    play(week, scene.therapist, walk, size)


def test_every_other_key_keeps_the_session(week: Practice, scene: Scene) -> None:
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        for key in ("n", "escape", "q"):
            await stage.press("x", key)
            assert len(stage.app.screen_stack) == 1
        await stage.press("enter", "x")
        bar, where = clicked(stage, "asking.no")
        await stage.pilot.click(bar, offset=where)
        assert isinstance(stage.app.screen, OpenedModal)
        for key in ("q", "enter"):
            await stage.press(key)
            assert len(stage.app.screen_stack) == 1
            await stage.press("enter")
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


def test_what_changed_meanwhile_is_not_overwritten(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("x")
        booking.cancel(elsewhere, scene.anna, scene.paid)
        await stage.press("y")
        assert stage.said == "This session is cancelled already. Nothing was changed."
        await stage.press("escape")
        view = appointments.appointment(week, scene.therapist, scene.paid)
        assert view.state == "cancelled_by_client"

    play(week, scene.therapist, walk)


def test_a_session_that_began_meanwhile_is_not_cancelled(
    week: Practice, scene: Scene, week_clock: MovableClock
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("enter", "x")
        week_clock.move_to(at(3, 10, 1))
        await stage.press("y")
        assert "has started" in stage.said

    play(week, scene.therapist, walk)


def test_a_slot_is_closed_after_a_question(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.open_slot)
        await stage.press("s")
        assert isinstance(stage.app.screen, CloseSlotModal)
        assert_golden(stage.app, "app_close_80x24")
        await stage.press("n", "enter")
        assert isinstance(stage.app.screen, OpenedModal)
        await stage.press("s", "y")
        assert stage.of(messages.SlotClosed)[0].slot.id == scene.open_slot
        assert stage.said == "Closed Fri 6 Mar 11:00–11:50."
        assert len(stage.app.screen_stack) == 1
        await stage.go_to(at(4, 11, 50))
        await stage.press("s")
        assert "your profile is hidden without it" in stage.flat

    play(week, scene.therapist, walk)
