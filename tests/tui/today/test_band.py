"""At start-up one calm line says what comes next and what waits, after the first paint."""

from __future__ import annotations

import dataclasses

from rich.cells import cell_len

from helpspace.core import booking, heartbeat, today
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Payment, Therapist
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.app import TherapistApp
from helpspace.tui.messages import ActRefused, VideoOpened
from helpspace.tui.today.band import band
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import LARGE, SMALL, Stage, play


def test_the_line_names_the_next_session_and_counts_what_waits(
    week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        assert stage.said == "", "nothing is told before it is asked for"
        stage.pane.tell_day()
        await stage.settle()
        assert stage.said.startswith("Next: ")
        assert stage.said == "Next: Tom Hughes in 3 h 48 min (V: video). 3 things wait for you (T)."
        assert stage.said in stage.flat, "it is not clipped"

    for size in (SMALL, LARGE):
        play(week, scene.therapist, walk, size)


def test_one_thing_is_told_as_it_is_and_nothing_says_nothing(
    practice: Practice, therapist: Actor
) -> None:
    """On both databases; of a practice in which only the jobs are late, and then nothing is."""
    makers.open_slot(practice, therapist)
    found = today.today(practice, therapist)
    assert [one.kind for one in found.needs] == ["jobs"]
    app = TherapistApp(practice, therapist)
    assert band(found, app.pane.desk) == "For you: the jobs are late (T shows it)."
    heartbeat.record(practice, "charge", heartbeat.begin(practice, "charge"), 0, None)
    assert band(today.today(practice, therapist), app.pane.desk) == ""
    app.pane.desk.close()


def test_what_was_said_meanwhile_stays(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        stage.pane.refuse(Invalid("Something else", "Look at it."))
        stage.pane.tell_day()
        await stage.settle()
        assert stage.said == "Something else. Look at it."

    play(week, scene.therapist, walk)


def test_names_are_dots_in_the_line_where_they_are_hidden(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        stage.pane.desk.blur = True
        stage.pane.tell_day()
        await stage.settle()
        day = today.today(week, scene.therapist)
        assert day.next is not None
        assert stage.said.startswith("Next: ")
        assert day.next.other_name not in stage.said

    play(week, scene.therapist, walk)


def test_one_key_opens_the_next_session_s_video_from_anywhere(
    week: Practice, scene: Scene, week_clock: MovableClock
) -> None:
    day = today.today(week, scene.therapist)
    assert day.next is not None

    async def walk(stage: Stage) -> None:
        await stage.go_to(WEDNESDAY + 40 * 86400)
        await stage.press("V")
        assert [one.url for one in stage.of(VideoOpened)] == [day.next.video_url]  # type: ignore[union-attr]
        week_clock.move_to(WEDNESDAY + 400 * 86400)
        await stage.press("V")
        assert stage.of(ActRefused)

    play(week, scene.therapist, walk)


def test_m6_b7_the_day_is_read_alike_on_both_databases(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    """All its questions with something to find: owed, no card, asked to move, hidden, expiring."""
    client = makers.add_client(practice)
    makers.acquaint(practice, therapist, client)
    session = makers.follow_up(practice, therapist, client, practice.now() + 5 * DAY)
    booking.ask_to_move(practice, client, session.id)
    soon = makers.follow_up(practice, therapist, client, practice.now() + DAY)
    other = makers.add_client(practice, "Pat Newman", card=False)
    makers.acquaint(practice, therapist, other)
    makers.follow_up(practice, therapist, other, practice.now() + 6 * DAY)
    clock.move_to(soon.free_until + 3600)
    makers.set_row(practice, Payment, soon.id, status="failed", reason="card_declined")
    makers.set_row(practice, Therapist, therapist.id, proofs_until=practice.now() + 7 * DAY)
    found = today.today(practice, therapist)
    kinds = {one.kind for one in found.needs}
    assert kinds == {"jobs", "failed", "no_card", "move_asked", "hidden", "proof"}
    assert found.next is not None
    assert found.next.id == soon.id


def test_the_longest_line_stands_on_eighty_columns(week: Practice, scene: Scene) -> None:
    """A name of any width is cut before the words that follow it."""
    day = today.today(week, scene.therapist)
    assert day.next is not None
    app = TherapistApp(week, scene.therapist)
    for name in ("W" * 200, "\u674e" * 90, "[@click=app.quit]x[/]" * 4):
        late = day.now + 13 * DAY + 23 * 3600
        far = day.next._replace(other_name=name, start=late, end=late + 3000)
        longest = dataclasses.replace(day, next=far, needs=day.needs * 4)
        line = band(longest, app.pane.desk)
        assert cell_len(line) <= 76
        assert line.endswith("12 things wait for you (T).")
    app.pane.desk.close()
