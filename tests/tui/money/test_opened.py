"""Waiving and marking as missed from an opened session; what it means is said first (M9)."""

from __future__ import annotations

from helpspace.core import appointments
from helpspace.core.practice import Practice
from helpspace.tui.money.missed import MissedModal
from helpspace.tui.money.waiving import WaiveModal
from tests.tui.money.lived import BOTH
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import Stage, play


@BOTH
def test_m9_a_session_is_marked_as_missed_and_its_fee_stands(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    own = scene.therapist

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(1, 14))
        assert stage.pane.entry is not None
        one = stage.pane.entry.id
        await stage.press("enter", "n")
        assert isinstance(stage.app.screen, MissedModal)
        assert_golden(stage.app, f"missed_{name}")
        assert "The fee of £60 stays paid." in stage.flat
        await stage.press("n")
        assert appointments.appointment(week, own, one).state == "completed"
        await stage.press("n", "y")
        assert appointments.appointment(week, own, one).state == "no_show"
        assert len(stage.app.screen_stack) == 1
        assert stage.said == "Marked Tue 3 Mar 14:00 as missed. The client is told."
        await stage.press("enter", "n")
        assert stage.said.startswith("It is marked as missed already")
        await stage.press("w")
        assert isinstance(stage.app.screen, WaiveModal)
        assert "The client gets £60 back, in full." in stage.flat
        await stage.press("y")
        assert stage.said == "Waived Tue 3 Mar 14:00: £60 goes back to the client."

    play(week, own, walk, size)


def test_m9_what_has_not_begun_is_not_marked(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter", "n")
        assert stage.said.startswith("This session has not started yet")
        await stage.press("escape")
        await stage.go(scene.open_slot)
        await stage.press("enter", "n")
        assert stage.said.startswith("There is no session here")
        await stage.press("w")
        assert stage.said.startswith("There is no session here")

    play(week, scene.therapist, walk)
