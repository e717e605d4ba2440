"""The calendar follows what others do, without taking cursor or focus away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from helpspace.core import booking, outages
from helpspace.core.errors import Busy
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui import messages
from helpspace.tui.actions import Under
from helpspace.tui.layout import Status
from helpspace.tui.look import LOOKS
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.stage import LARGE, SMALL, Stage, play


def statuses(stage: Stage, start: int) -> list[Status]:
    return [block.status for block in stage.pane.grid._blocks if block.start == start]


def test_a_booking_elsewhere_appears(week: Practice, elsewhere: Practice, scene: Scene) -> None:
    client = makers.add_client(week, "Nadia Newcomer")

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go(scene.friday)
        cursor = pane.grid.cursor
        pane.check_store()
        stage.seen.clear()
        pane.check_store()
        await stage.settle()
        assert stage.seen == []
        makers.book_initial(elsewhere, client, scene.open_slot)
        pane.check_store()
        await stage.settle()
        assert len(stage.of(messages.CalendarReloaded)) == 1
        assert statuses(stage, at(4, 11)) == [Status.BOOKED]
        assert "Nadia Newc" in stage.text
        assert (pane.grid.cursor, stage.app.focused) == (cursor, pane.grid)
        booking.cancel(elsewhere, client, _id_at(stage, at(4, 11)))
        pane.check_store()
        await stage.settle()
        assert statuses(stage, at(4, 11)) == [Status.OPEN]

    play(week, scene.therapist, walk, LARGE)


def _id_at(stage: Stage, start: int) -> str:
    return next(entry.id for entry in stage.pane._entries.values() if entry.start == start)


def test_it_follows_behind_an_open_form(week: Practice, elsewhere: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("s")
        field = stage.app.focused
        makers.open_slot(elsewhere, scene.therapist, at(4, 18, 20))
        stage.pane.check_store()
        await stage.settle()
        assert stage.app.focused is field
        assert statuses(stage, at(4, 18, 20)) == [Status.OPEN]
        await stage.press("enter")
        assert "It overlaps an open slot" in stage.said

    play(week, scene.therapist, walk)


def test_a_timer_looks_twice_a_second(week: Practice, scene: Scene) -> None:
    """What is told within a second leaves half of it for reading and drawing."""

    async def walk(stage: Stage) -> None:
        timers = [timer for timer in stage.pane._timers if timer._interval == LOOKS]
        assert len(timers) == 1
        assert LOOKS <= 0.5

    play(week, scene.therapist, walk)


def test_the_passing_of_time_shows(week: Practice, scene: Scene, week_clock: MovableClock) -> None:
    """Holds end, sessions begin, slots come inside the notice, days pass: by the clock alone."""

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        assert statuses(stage, at(3, 14)) == [Status.HELD]
        week_clock.advance(40 * 60)
        pane.check_store()
        await stage.settle()
        assert statuses(stage, at(3, 14)) == [Status.OPEN]
        assert "11:52" in stage.text
        await stage.go(scene.paid)
        assert pane.under is Under.SESSION
        week_clock.move_to(at(3, 10, 5))
        pane.check_store()
        await stage.settle()
        assert pane.under is Under.OVER
        assert "hidden: no open slot can be booked now" not in stage.text
        week_clock.move_to(at(3, 12))
        pane.check_store()
        await stage.settle()
        assert "hidden: no open slot can be booked now" in stage.text
        assert "Thu 5 · today" in stage.text or "Thu 5" in stage.text
        week_clock.move_to(at(7, 0, 1))
        pane.check_store()
        await stage.press("t")
        assert "9–15 March 2026" in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_a_store_that_does_not_answer_is_said_once_and_forgotten(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def away() -> Iterator[None]:
        raise Busy
        yield

    async def walk(stage: Stage) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(week.store, "version", lambda: (_ for _ in ()).throw(Busy()))
            stage.pane.check_store()
            assert stage.said.startswith("The store is busy.")
        stage.pane.check_store()
        assert stage.said == ""
        with monkeypatch.context() as broken:
            broken.setattr(week.store, "reading", away)
            await stage.press("right_square_bracket")
            assert stage.said.startswith("The store is busy.")
            assert "2–8 March 2026" in stage.text
            for key in ("enter", "f", "g"):
                await stage.press(key)
                assert "The store is busy." in stage.text
                if len(stage.app.screen_stack) > 1:
                    await stage.press("escape")
        await stage.press("right_square_bracket")
        assert "9–15 March 2026" in stage.text

    play(week, scene.therapist, walk)


def test_a_silent_stripe_is_said_until_it_answers(
    week: Practice, elsewhere: Practice, scene: Scene, week_clock: MovableClock
) -> None:
    """M6a: since when, in the therapist's zone, beside whatever else is told."""

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        outages.unheard(elsewhere)
        pane.check_store()
        await stage.settle()
        assert "Stripe" not in pane.status.standing
        week_clock.advance(outages.PATIENCE)
        pane.check_store()
        await stage.settle()
        assert "Stripe has not answered since" in pane.status.standing
        assert "Stripe has not answered since" in stage.text
        pane.status.hint("Something else")
        await stage.settle()
        assert "Something else" in stage.text
        pane.status.clear()
        outages.heard(elsewhere)
        pane.check_store()
        await stage.settle()
        assert "Stripe has not answered" not in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_what_changed_while_it_was_hidden_is_there_when_it_is_shown(
    week: Practice, scene: Scene
) -> None:
    """As in the demo, where the phone takes the calendar's place on a narrow screen."""

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go(scene.open_slot)
        assert "Slot for an initial session" in stage.text
        pane.display = False
        await stage.pilot.pause()
        assert pane.grid.select(scene.to_come)
        await stage.pilot.pause()
        pane.display = True
        await stage.pilot.pause()
        await stage.pilot.pause(0.1)
        assert "李小龙" in pane.detail.facts.title
        assert "Slot for an initial session" not in stage.text
        assert "李小龙" in stage.text.split("\n", 19)[-1]

    play(week, scene.therapist, walk, SMALL)


def test_what_others_do_leaves_the_cursor_after_the_week_was_asked_for_again(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """The place that one form hands to the next is taken once, also where nothing else changed."""

    async def walk(stage: Stage) -> None:
        await stage.press("2")
        await stage.go(scene.to_come)
        makers.open_slot(elsewhere, scene.therapist, at(5, 13))
        stage.pane.check_store()
        await stage.settle()
        assert statuses(stage, at(5, 13)) == [Status.OPEN]
        assert stage.pane.grid.cursor == at(4, 14)

    play(week, scene.therapist, walk, LARGE)
