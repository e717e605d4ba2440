"""Each exercise by keys: a wrong answer gets its reason, a right one goes on (J6)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpspace.core.actors import Actor
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.practice import Practice
from helpspace.tui.learn.exercise import Deed
from helpspace.tui.learn.exercises import EXERCISES
from tests.tui.learn.classroom import Classroom, attend, done

DOWN, ENTER, SPACE = "down", "enter", "space"


@dataclass(frozen=True)
class Step:
    """One step by keys: those of a wrong answer and what is said of it, then those of the right.

    An empty reason stands for steps that are only answered rightly. A text among the keys of a form
    is typed.
    """

    wrong: tuple[str, ...]
    why: str
    right: tuple[str, ...]
    praise: str


WALKS = {
    "helpspace": (
        Step((ENTER,), "no place for session notes", (DOWN, DOWN, ENTER), "notes stay with you"),
        Step((ENTER,), "Nobody sits behind the chat", (DOWN, ENTER), "shown at once"),
    ),
    "joining": (
        Step((ENTER,), "Approval comes before", (DOWN, DOWN, ENTER), "First the application"),
        Step(
            (SPACE, DOWN, DOWN, SPACE, ENTER), "payments are enabled",
            ("up", "up", SPACE, DOWN, DOWN, DOWN, DOWN, SPACE, ENTER), "Sam's session stands",
        ),
    ),
    "payments": (
        Step((ENTER,), "free until Wed 4 Mar 10:00", (DOWN, ENTER), "Wed 4 Mar 10:01"),
        Step((DOWN, ENTER), "Inside 48 hours", ("up", ENTER), "at Mon 2 Mar 09:01"),
    ),
    "sessions": (
        Step(
            (SPACE, DOWN, DOWN, SPACE, ENTER), "Only you book follow-ups",
            (SPACE, DOWN, SPACE, ENTER), "only these two were not refused",
        ),
    ),
    "publishing": (
        Step((ENTER,), "inside your notice", (DOWN, ENTER), "clients do not see it"),
        Step(
            (ENTER, ENTER), "nearer than your minimum notice of 24 hours",
            (ENTER, "thu", ENTER), "your profile is visible",
        ),
        Step((ENTER,), "at least 24 hours ahead", (DOWN, ENTER), "Only what can be booked"),
    ),
    "first-session": (
        Step(
            (SPACE, DOWN, SPACE, DOWN, SPACE, ENTER), "Nothing is recorded",
            (SPACE, DOWN, SPACE, DOWN, SPACE, ENTER), "the time is theirs",
        ),
    ),
    "follow-ups": (
        Step(
            (ENTER, ENTER), "You had agreed on Tue 10 Mar 14:00",
            (ENTER, "tab", "14:00", ENTER), "Sam cannot move it",
        ),
        Step((ENTER,), "until 48 hours before", (DOWN, ENTER), "the fee is taken, once"),
    ),
    "cancelling": (
        Step((DOWN, ENTER), "a client cancels free", ("up", ENTER), "Sam has paid £0"),
        Step((DOWN, ENTER), "When you cancel", ("up", ENTER), "Sam has paid £0"),
        Step((ENTER,), "owes the full fee", (DOWN, ENTER), "Sam has paid £60"),
        Step((DOWN, DOWN, ENTER), "goes back in full", (DOWN, ENTER), "Sam has paid £0"),
    ),
}  # fmt: skip


async def give(room: Classroom, keys: tuple[str, ...]) -> None:
    """Press keys; what is no key is typed. Enter is waited for, as it opens forms and acts."""
    for key in keys:
        if key == ENTER:
            await room.press(key)
        elif key in {DOWN, SPACE, "up", "tab"}:
            await room.pilot.press(key)
        else:
            await room.pilot.press(*("colon" if one == ":" else one for one in key))


def test_every_chapter_ends_in_an_exercise() -> None:
    assert set(EXERCISES) == set(CHAPTERS) == set(WALKS)
    for name, exercise in EXERCISES.items():
        assert len(exercise.steps) == len(WALKS[name])


@pytest.mark.parametrize("name", CHAPTERS)
def test_j6_a_chapter_is_completed_by_its_right_answers_only(
    practice: Practice, therapist: Actor, name: str
) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(CHAPTERS.index(name) + 1)
        for number, step in enumerate(WALKS[name]):
            assert room.exercise.number == number
            assert room.why == ""
            await give(room, step.wrong)
            assert not room.is_right
            assert step.why in room.why
            assert f"Not quite. {room.why}" in room.text
            assert room.why.count(".") == 1
            assert done(practice, therapist) == set()
            await give(room, step.right)
            assert room.is_right, room.why
            assert step.praise in room.why
            assert "Enter go on" in room.bar
            if number + 1 < len(WALKS[name]):
                assert done(practice, therapist) == set()
                await room.press(ENTER)
        assert done(practice, therapist) == {name}
        assert "This chapter is completed: 1 of 8 done." in room.text

    grounds = attend(practice, therapist, walk)
    assert all(ground.practice.store.db.is_closed() for ground in grounds)


@pytest.mark.parametrize("name", ["joining", "sessions", "first-session"])
def test_nothing_marked_is_no_answer(practice: Practice, therapist: Actor, name: str) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(CHAPTERS.index(name) + 1)
        while not room.exercise.asked.many:
            await give(room, (DOWN, DOWN, ENTER, ENTER))
        await room.press(ENTER)
        assert room.exercise.verdict is None
        assert "Mark what is right with Space" in room.text

    attend(practice, therapist, walk)


@pytest.mark.parametrize("name", ["publishing", "follow-ups"])
def test_leaving_the_form_is_no_answer(practice: Practice, therapist: Actor, name: str) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(CHAPTERS.index(name) + 1)
        if name == "publishing":
            await give(room, (DOWN, ENTER, ENTER))
        assert isinstance(room.exercise.step, Deed)
        await room.press(ENTER, "escape")
        assert room.exercise.verdict is None
        assert done(practice, therapist) == set()

    attend(practice, therapist, walk)


def test_a_right_answer_cannot_be_taken_back(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(4)
        await give(room, WALKS["sessions"][0].wrong + WALKS["sessions"][0].right)
        marked = set(room.exercise.marked)
        await room.press("up", SPACE)
        assert room.exercise.marked == marked
        assert room.is_right

    attend(practice, therapist, walk)


def test_the_mouse_answers_too(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        await room.click("Rows", 10, 0)
        assert room.chapter.lesson.name == "helpspace"
        await room.click("KeyBar", 2, 0)
        await room.click("Rows", 10, 2)
        assert room.is_right
        await room.click("Rows", 10, 0)
        assert room.is_right
        await room.click("KeyBar", 2, 0)
        assert room.exercise.number == 1
        await room.click("Rows", 10, 1)
        assert done(practice, therapist) == {"helpspace"}

    attend(practice, therapist, walk)
