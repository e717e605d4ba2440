"""The forms: they show what they understood, refuse in one line, and act once."""

from __future__ import annotations

import threading

import pytest
from textual.widgets import Input

from helpspace.core import accounts, booking
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.tui import messages
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.slot import SlotModal
from helpspace.tui.widgets.status_line import StatusLine
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_a_slot_is_opened(week: Practice, scene: Scene, name: str, size: tuple[int, int]) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("s" if size == SMALL else "enter")
        await stage.fill("weeks", "3")
        assert_golden(stage.app, f"app_slot_{name}")
        await stage.press("enter")
        opened = stage.of(messages.SlotsOpened)[0].opened
        assert [slot.start for slot in opened.slots] == [at(5 + 7 * n, 13) for n in range(3)]
        assert stage.said == "Opened Sat 7 Mar 13:00–13:50 and 2 more weeks."
        assert stage.pane.grid.chosen is not None
        assert stage.pane.grid.chosen.id == opened.slots[0].id

    play(week, scene.therapist, walk, size)


def test_keys_that_come_faster_than_the_screen_are_what_enter_acts_on(
    week: Practice, scene: Scene
) -> None:
    """Over a line that had stalled everything typed arrives at once, Enter with it."""

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("s")
        stage.app.screen.query_one("#day Input", Input).value = ""
        await stage.rush(*"sun", "tab", *(["backspace"] * 5), *"16:00", "enter")
        assert [one.start for one in stage.of(messages.SlotsOpened)[0].opened.slots] == [at(6, 16)]

    play(week, scene.therapist, walk, SMALL)


def test_opening_says_what_it_does_to_the_profile(week: Practice, scene: Scene) -> None:
    """P3: published, inside the notice, or still hidden and why."""

    async def walk(stage: Stage) -> None:
        for slot in (scene.open_slot, None):
            await stage.go_to(at(4, 11, 50))
            if slot:
                await stage.go(slot)
            await stage.press("s", "y")
        assert stage.said.endswith(
            "That was your last open slot: your profile is hidden until you open another."
        )
        assert "hidden: no open slot" in stage.text
        await stage.go_to(at(2, 20))
        await stage.press("s")
        assert "Inside your notice of 24 h" in stage.text
        await stage.press("enter")
        assert stage.said.endswith("Inside your notice of 24 h: clients cannot book it.")
        await stage.go_to(at(5, 9))
        await stage.press("s")
        assert "clients see your profile again" in stage.text
        await stage.press("enter")
        assert stage.said.endswith("Your profile is published: clients find you.")
        makers.set_row(week, Therapist, scene.therapist.id, course_done_at=None)
        await stage.go_to(at(5, 10))
        await stage.press("s", "enter")
        assert stage.said.endswith("Your profile stays hidden: the course is not completed.")

    play(week, scene.therapist, walk, LARGE)


SLOT_REFUSALS = [
    ("day", "", "A date is missing"),
    ("day", "thu 6 mar", "6 Mar 2026 is a Friday"),
    ("day", "[@click=app.quit]x[/]", "is no date"),
    ("day", "1 mar 2026", "That time has passed"),
    ("time", "25:00", "is no time"),
    ("time", "09:00", "It overlaps something at Fri 6 Mar 09:00–09:50"),
    ("time", "10:45", "It overlaps an open slot at Fri 6 Mar 11:00–11:50"),
    ("minutes", "5", "A session has 10 to 240 minutes"),
    ("minutes", "long", "is no number of minutes"),
    ("weeks", "0", "A repeat has 1 to 52 weeks"),
    ("weeks", "53", "A repeat has 1 to 52 weeks"),
]


def test_a_slot_form_refuses_in_one_line(week: Practice, scene: Scene) -> None:
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("s")
        await refuses(stage, SLOT_REFUSALS)
        await stage.press("escape")
        await stage.go_to(at(6, 1, 30))
        await stage.press("s")
        await refuses(stage, [("weeks", "5", "01:30 on Sun 29 Mar does not exist")])
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


async def refuses(stage: Stage, cases: list[tuple[str, str, str]]) -> None:
    """Put each text into its field, and see it refused both while typing and at Enter."""
    form = stage.app.screen
    for field, text, said in cases:
        right = form.query_one(f"#{field} Input", Input).value
        refused = len(stage.of(messages.ActRefused))
        await stage.fill(field, text)
        assert said[:20] in stage.flat
        await stage.press("enter")
        assert said in stage.said
        assert stage.app.screen is form
        assert len(stage.of(messages.ActRefused)) == refused + 1
        await stage.fill(field, right)


def test_an_hour_that_happens_twice_is_asked_about(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("s")
        await stage.fill("day", "25 oct")
        await stage.fill("time", "1:30")
        assert "Write 01:30 BST or 01:30 GMT." in stage.text
        await stage.fill("time", "1:30 gmt")
        await stage.press("enter")
        opened = stage.of(messages.SlotsOpened)[0].opened.slots[0]
        assert opened.start == 1_792_891_800

    play(week, scene.therapist, walk)


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_a_follow_up_is_booked(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("f")
        assert_golden(stage.app, f"app_follow_up_{name}")
        for said in (
            "Thu 12 Mar 10:00–10:50  Anna Karenina  £60",
            "Free to cancel until Tue 10 Mar 10:00, charged Tue 10 Mar 10:01",
            "For them it is 06:00 New York time.",
        ):
            assert said in stage.text
        await stage.fill("fee", "45.50")
        await stage.fill("minutes", "60")
        await stage.press("enter")
        session = stage.of(messages.FollowUpBooked)[0].session
        assert (session.start, session.minutes, session.fee_pence) == (at(10, 10), 60, 4550)
        assert session.client_id == scene.anna.id
        assert stage.said.startswith("Booked Thu 12 Mar 10:00–11:00 for Anna Karenina.")
        assert stage.pane.grid.chosen is not None
        assert stage.pane.grid.chosen.id == session.id

    play(week, scene.therapist, walk, size)


def test_the_client_is_chosen_by_a_part_of_the_name(week: Practice, scene: Scene) -> None:
    """Nobody is booked for before somebody was chosen."""

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("f")
        form = stage.app.screen
        assert isinstance(form, FollowUpModal)
        assert "Nobody is chosen yet" in stage.text
        await stage.press("enter")
        assert "Nobody is chosen yet" in stage.said
        for character in "ka":
            await stage.pilot.press(character)
        assert "Fri 6 Mar 18:00–18:50  Anna Karenina  £60" in stage.text
        await stage.fill("client", "nobody of that name")
        assert "Nobody fits that name" in stage.text
        await stage.fill("client", "o")
        assert "Nobody is chosen yet" in stage.text
        await stage.press("down", "down", "up")
        first = form._fitting[0]
        assert f"18:00–18:50  {first.name}  £60" in stage.text
        await stage.pilot.click(form.list, offset=(3, 1))
        second = form._fitting[1]
        assert f"18:00–18:50  {second.name}  £60" in stage.text
        await stage.press("enter")
        assert stage.of(messages.FollowUpBooked)[0].session.client_id == second.id

    play(week, scene.therapist, walk)


def test_what_a_follow_up_does_to_others_is_shown(week: Practice, scene: Scene) -> None:
    """B7 and C6: a client without a card, an open slot in the way, a free session."""

    async def walk(stage: Stage) -> None:
        await stage.go(scene.open_slot)
        await stage.press("f")
        await stage.fill("client", "newman")
        assert "Your open slot at that time is closed with it." in stage.text
        assert "No card on record: the client will be asked for one." in stage.text
        await stage.fill("fee", "0")
        assert "Free of charge" in stage.text
        assert "No card" not in stage.text
        await stage.press("enter")
        assert stage.of(messages.FollowUpBooked)[0].session.fee_pence == 0
        assert scene.open_slot not in stage.pane._entries

    play(week, scene.therapist, walk, LARGE)


FOLLOW_UP_REFUSALS = [
    ("day", "31 feb", "There is no 31 February"),
    ("day", "fri 6 mar", "Fri 6 Mar 14:00–14:50 is booked already"),
    ("day", "2 mar 2026", "That time has passed"),
    ("time", "", "A time is missing"),
    ("minutes", "241", "A session has 10 to 240 minutes"),
    ("fee", "0.20", "A fee is £0, or from 30p"),
    ("fee", "=1+1", "is no amount"),
]


def test_a_follow_up_form_refuses_in_one_line(week: Practice, scene: Scene) -> None:
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("f")
        await refuses(stage, FOLLOW_UP_REFUSALS)
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


def test_who_ended_the_work_cannot_be_booked(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("f")
        booking.end_relationship(week, scene.anna, scene.therapist.id)
        before = makers.snapshot(week)
        await stage.press("enter")
        assert "You cannot book this person" in stage.said
        await stage.press("escape", "f")
        assert "Anna" not in str(stage.app.screen.query_one("ClientList"))
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


def test_leaving_a_form_does_nothing(week: Practice, scene: Scene) -> None:
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 18))
        await stage.press("s", "tab", "tab", "shift+tab", "escape")
        await stage.press("f", "escape")
        assert stage.seen == []
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


def test_a_busy_store_does_not_stop_the_screen(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    """The act waits on its own thread; Enter again does not act twice, Esc does not lose it."""
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with elsewhere.change():
            held.set()
            release.wait(20)
        elsewhere.store.close()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.pilot.press("s", "enter")
        while stage.said != "One moment …":  # after half a second, not at once
            await stage.pilot.pause(0.05)
        await stage.pilot.press("enter", "escape", "tab")
        assert isinstance(stage.app.screen, SlotModal)
        assert isinstance(stage.app.focused, Input)
        release.set()
        await stage.settle()
        assert len(stage.of(messages.SlotsOpened)) == 1
        assert stage.said == "Opened Sat 7 Mar 13:00–13:50."

    try:
        play(week, scene.therapist, walk)
    finally:
        release.set()
        other.join()


def test_a_fault_of_our_own_is_told_calmly(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("helpspace.core.calendar.open_slots", broken)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.pilot.press("s", "enter")
        await stage.pilot.pause(0.05)
        assert stage.said == "That did not work. Nothing was changed; please try again."
        await stage.pilot.press("escape")

    play(week, scene.therapist, walk)


def test_what_is_pasted_keeps_no_control_character(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("f")
        field = stage.app.screen.query_one("#client Input", Input)
        field.value = "\x1b]52;c;aGk=\x07Zoë\u202e محمد\u200d"
        assert field.value == "]52;c;aGk=Zoë محمد\u200d"

    play(week, scene.therapist, walk)


def test_the_card_of_a_new_client_is_read_afresh(week: Practice, scene: Scene) -> None:
    """The list is read when the form opens, so a name that was changed is the new one."""
    accounts.set_name(week, scene.sam, "Samantha")

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("f")
        await stage.fill("client", "samantha")
        assert "13:00–13:50  Samantha  £60" in stage.text

    play(week, scene.therapist, walk)


def test_what_is_quick_is_done_without_a_word_about_waiting(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    real = StatusLine.hint

    def hint(line: StatusLine, text: str) -> None:
        said.append(text)
        real(line, text)

    monkeypatch.setattr(StatusLine, "hint", hint)
    monkeypatch.setattr(StatusLine, "PATIENCE", 20.0)  # however slow the machine

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        await stage.press("s", "enter")
        assert stage.said == "Opened Sat 7 Mar 13:00–13:50."

    play(week, scene.therapist, walk)
    assert "One moment …" not in said
