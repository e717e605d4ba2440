"""The day: next session with a countdown, and all that waits, each with what mends it."""

from __future__ import annotations

import pytest

from helpspace.core import appointments, booking, heartbeat, outages, today
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Payment, Therapist
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.profile.checklist import ChecklistModal
from helpspace.tui.today.agreeing import AgreeModal
from helpspace.tui.today.screen import TodayScreen
from helpspace.tui.today.words import countdown
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


@pytest.fixture
def busy(week: Practice, scene: Scene) -> Practice:
    """The scene on a day on which everything waits at once."""
    booking.ask_to_move(week, scene.sam, scene.friday)
    makers.set_row(week, Therapist, scene.therapist.id, proofs_until=WEDNESDAY + 5 * DAY)
    makers.set_row(week, Therapist, scene.therapist.id, switched_off_at=WEDNESDAY)
    outages.unheard(week)
    return week


def kinds(practice: Practice, actor: Actor) -> list[str]:
    return [one.kind for one in today.today(practice, actor).needs]


def test_everything_that_waits_is_told_once(
    week: Practice, scene: Scene, week_clock: MovableClock
) -> None:
    own = scene.therapist
    found = today.today(week, own)
    assert [one.kind for one in found.needs] == ["jobs", "failed", "no_card"]
    assert found.next is not None
    assert found.next.start == min(
        one.start for one in appointments.appointments(week, own, ahead=True, live_only=True)
    )
    began = heartbeat.begin(week, "charge")
    heartbeat.record(week, "charge", began, 0, None)
    assert "jobs" not in kinds(week, own), "they ran just now"
    heartbeat.record(week, "clock", began, 0, "clock_skew")
    assert kinds(week, own)[0] == "clock"
    week_clock.move_to(WEDNESDAY + 10 * MINUTE)
    assert "jobs" not in kinds(week, own)
    week_clock.move_to(WEDNESDAY + 10 * MINUTE + 1)
    assert "jobs" in kinds(week, own)
    outages.unheard(week)
    week_clock.move_to(week.now() + outages.PATIENCE)
    assert "stripe" in kinds(week, own)
    outages.heard(week)
    assert "stripe" not in kinds(week, own)


def test_a1_only_a_therapist_has_a_day_and_only_their_own(week: Practice, scene: Scene) -> None:
    other = makers.add_therapist(week, "Somebody Else")
    assert {one.kind for one in today.today(week, other).needs} <= {"jobs", "hidden", "proof"}
    assert today.today(week, other).next is None
    for actor in (scene.sam, makers.TEAM):
        with pytest.raises(NotAllowed):
            today.today(week, actor)


def test_b2_a_request_to_move_waits_until_it_is_answered(week: Practice, scene: Scene) -> None:
    own = scene.therapist
    booking.ask_to_move(week, scene.sam, scene.friday)
    assert kinds(week, own).count("move_asked") == 1
    booking.refuse_move(week, own, scene.friday)
    assert "move_asked" not in kinds(week, own)


def test_m6_a_paid_or_waived_fee_waits_no_more(week: Practice, scene: Scene) -> None:
    own = scene.therapist
    (need,) = [one for one in today.today(week, own).needs if one.kind == "failed"]
    assert need.session is not None
    assert need.pence == 6000
    booking.waive(week, own, need.session.id)
    assert "failed" not in kinds(week, own)


@BOTH
def test_the_day_is_one_screen(
    busy: Practice, scene: Scene, week_clock: MovableClock, name: str, size: tuple[int, int]
) -> None:
    week_clock.move_to(WEDNESDAY + 5 * MINUTE)

    async def walk(stage: Stage) -> None:
        await stage.press("T")
        assert_golden(stage.app, f"today_{name}")
        for words in ("Waits for you", "Stripe has not answered", "The jobs have not run yet"):
            assert words in stage.text
        await stage.press("question_mark", "escape")
        await stage.press("escape")
        assert len(stage.app.screen_stack) == 1

    play(busy, scene.therapist, walk, size)


async def mark(stage: Stage, kind: str) -> None:
    """Put the mark on a thing of the list by its keys."""
    screen = stage.app.screen
    assert isinstance(screen, TodayScreen)
    for _ in range(12):
        if getattr(screen.chosen, "kind", "") == kind:
            return
        await stage.press("down")
    raise AssertionError(kind)


def failed_session(practice: Practice, scene: Scene) -> str:
    """Return the session whose fee could not be taken."""
    needs = today.today(practice, scene.therapist).needs
    return next(one.session.id for one in needs if one.kind == "failed" and one.session)


def test_the_mark_stays_on_its_thing_whatever_others_do(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """A key acts on what is marked: a line that goes above it must not put another one there."""

    async def walk(stage: Stage) -> None:
        await stage.press("T")
        await mark(stage, "no_card")
        screen = stage.app.screen
        assert isinstance(screen, TodayScreen)
        before = screen.list.highlighted
        booking.waive(elsewhere, scene.therapist, failed_session(week, scene))
        screen._follow()
        await stage.settle()
        assert screen.list.highlighted != before
        assert isinstance(screen.chosen, today.Need)
        assert screen.chosen.kind == "no_card"

    play(week, scene.therapist, walk)


def test_a_day_that_could_not_be_read_is_read_at_the_next_look(
    week: Practice, elsewhere: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("T")
        screen = stage.app.screen
        assert isinstance(screen, TodayScreen)
        booking.waive(elsewhere, scene.therapist, failed_session(week, scene))
        with monkeypatch.context() as failing:
            failing.setattr(today, "today", refuse)
            screen._follow()
            await stage.settle()
        assert screen.status.text.startswith("The store is busy")
        assert screen.day is not None
        assert "failed" in [one.kind for one in screen.day.needs]
        screen._follow()
        await stage.settle()
        assert "failed" not in [one.kind for one in screen.day.needs]

    def refuse(*_: object) -> None:
        raise Invalid("The store is busy", "It is read again.")

    play(week, scene.therapist, walk)


def test_each_key_mends_what_it_stands_beside(busy: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("T")
        await mark(stage, "hidden")
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChecklistModal)
        await stage.press("escape", "T")
        await mark(stage, "proof")
        await stage.press("enter")
        assert stage.said.startswith("No key of yours"), "they have no application to add it to"
        await stage.press("escape")
        await stage.press("T")
        await mark(stage, "move_asked")
        await stage.press("enter")
        assert stage.pane.entry is not None
        assert stage.pane.entry.id == scene.friday
        await stage.press("T")
        await mark(stage, "jobs")
        await stage.press("enter")
        assert stage.said.startswith("No key of yours")
        await stage.press("a")
        assert stage.said.startswith("No report of an absence is marked")
        await stage.press("w")
        assert stage.said.startswith("No session is marked")
        await mark(stage, "failed")
        await stage.press("w", "y")
        assert stage.said == "Waived Wed 4 Mar 15:00: nothing is charged."
        assert "failed" not in kinds(busy, scene.therapist)

    play(busy, scene.therapist, walk)


@BOTH
def test_m9_agreeing_to_an_absence_shows_the_money_first(
    week: Practice, scene: Scene, week_clock: MovableClock, name: str, size: tuple[int, int]
) -> None:
    week_clock.move_to(WEDNESDAY + 2 * DAY)
    booking.report_absence(week, scene.sam, scene.friday)
    own = scene.therapist

    async def walk(stage: Stage) -> None:
        await stage.press("T")
        await mark(stage, "absence")
        await stage.press("a")
        assert isinstance(stage.app.screen, AgreeModal)
        assert_golden(stage.app, f"today_agree_{name}")
        assert "the client gets £60 back, in full" in stage.flat
        await stage.press("n")
        assert kinds(week, own).count("absence") == 1
        await stage.press("a", "y")
        assert stage.said.startswith("Agreed: Fri 6 Mar 09:00 is not charged.")
        assert "absence" not in kinds(week, own)
        assert makers.row(week, Payment, scene.friday)["waived_at"] is not None

    play(week, own, walk, size)


def test_names_are_dots_where_they_are_hidden(busy: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("asterisk", "T")
        for word in ("Taylor", "Hughes", "Newman"):
            assert word not in stage.text

    play(busy, scene.therapist, walk)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-MINUTE, "now, 49 min left"), (1, "in 1 s"), (59, "in 59 s"), (60, "in 1 min"),
        (HOUR - 1, "in 59 min"), (HOUR, "in 1 h 00 min"), (DAY - 1, "in 23 h 59 min"),
        (DAY, "in 1 day 0 h"), (49 * HOUR, "in 2 days 1 h"),
    ],
)  # fmt: skip
def test_the_countdown_says_how_long_it_is(left: int, words: str) -> None:
    assert countdown(1_000_000 + left, 1_000_000 + left + 50 * MINUTE, 1_000_000) == words
