"""The course's screens: reading, progress that survives, and looking things up again (J6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import Busy
from helpspace.core.joining import course
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.joining.lessons import lessons
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Therapist
from helpspace.sandbox.practice_ground import open_ground
from helpspace.tui.app import TherapistApp
from helpspace.tui.learn.exercising import ExerciseScreen
from helpspace.tui.learn.screen import LearnScreen
from helpspace.tui.screens.help import HelpModal
from tests import makers
from tests.tui.learn.classroom import Classroom, attend, complete, done
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x40"])


def name_of(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@SIZES
def test_the_list_says_what_is_done_and_what_is_next(
    practice: Practice, therapist: Actor, size: tuple[int, int]
) -> None:
    complete(practice, therapist, *CHAPTERS[:3])

    async def walk(room: Classroom) -> None:
        assert "3 of 8 done" in room.text
        assert "3 Payments completed Mon 2 Mar" in room.text
        assert "▸ · 4 Initial sessions and follow-ups next" in room.text
        assert lessons()[3].takeaways[0] in room.text
        assert_golden(room.app, f"learn_list_{name_of(size)}")

    attend(practice, therapist, walk, size)


@pytest.mark.parametrize("whole", [False, True])
def test_every_chapters_takeaways_are_in_sight(
    practice: Practice, therapist: Actor, whole: bool
) -> None:
    complete(practice, therapist, *(CHAPTERS if whole else ()))

    async def walk(room: Classroom) -> None:
        await room.press(*["up"] * 8)
        for one in lessons():
            seen = room.text.replace("▌ ", "")
            for text in one.takeaways:
                assert text in seen
            await room.press("down")

    attend(practice, therapist, walk)


@SIZES
@pytest.mark.parametrize("name", ["payments", "cancelling"])
def test_a_chapter(practice: Practice, therapist: Actor, name: str, size: tuple[int, int]) -> None:
    complete(practice, therapist, *CHAPTERS[:2])

    async def walk(room: Classroom) -> None:
        number = CHAPTERS.index(name) + 1
        for _ in range(number - 3):
            await room.press("down")
        await room.press("enter")
        assert f"chapter {number} of 8 2 of 8 done" in room.text
        assert_golden(room.app, f"learn_{name}_{name_of(size)}")

    attend(practice, therapist, walk, size)


@SIZES
def test_an_exercise(practice: Practice, therapist: Actor, size: tuple[int, int]) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(8)
        await room.press("down", "enter")
        assert_golden(room.app, f"learn_exercise_{name_of(size)}")

    attend(practice, therapist, walk, size)


def test_every_chapter_can_be_read_to_its_end(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        await room.press("enter")
        for one in lessons():
            assert room.chapter.lesson == one
            seen = room.text
            for _ in range(4):
                await room.press("space")
                seen += room.text
            assert "Key takeaways" in seen
            assert " ".join(one.takeaways[-1].split()[-3:]) in seen.replace("▌ ", "")
            assert one.paragraphs[0].split(".")[0] in seen
            await room.press("right_square_bracket")
        assert room.chapter.lesson == lessons()[-1]
        await room.press(*["left"] * 9)
        assert room.chapter.lesson == lessons()[0]
        await room.press("down", "end", "up", "pageup", "home")
        assert room.chapter.page.scroll_y == 0
        await room.press("escape")
        assert isinstance(room.app.screen, LearnScreen)

    attend(practice, therapist, walk)


def test_j6_what_is_completed_survives_leaving_in_the_middle(
    practice: Practice, other: Practice, therapist: Actor
) -> None:
    async def first(room: Classroom) -> None:
        await room.press("enter", "enter", "down", "down", "enter", "enter", "down", "enter")
        assert done(practice, therapist) == {"helpspace"}
        await room.press("enter")
        assert room.chapter.lesson.name == "joining"
        await room.press("enter", "down", "down", "enter", "enter")
        assert room.exercise.number == 1

    async def second(room: Classroom) -> None:
        assert "1 of 8 done" in room.text
        assert isinstance(room.app.screen, LearnScreen)
        assert room.app.screen.lesson.name == "joining"
        await room.press("x")
        assert room.exercise.number == 0

    grounds = attend(practice, therapist, first)
    assert all(ground.practice.store.db.is_closed() for ground in grounds)
    attend(other, therapist, second)


def test_p1_the_last_chapter_completes_the_course(practice: Practice, therapist: Actor) -> None:
    makers.set_row(practice, Therapist, therapist.id, course_done_at=None)
    complete(practice, therapist, *(name for name in CHAPTERS if name != "helpspace"))

    async def walk(room: Classroom) -> None:
        await room.to_exercise(1)
        await room.press("down", "down", "enter", "enter", "down", "enter")
        assert "You have completed the course." in room.text
        await room.press("enter")
        assert isinstance(room.app.screen, LearnScreen)
        assert "8 of 8 done" in room.text
        assert "You have completed the course. Every chapter is here" in room.text

    attend(practice, therapist, walk)
    assert makers.row(practice, Therapist, therapist.id)["course_done_at"] == makers.NOW


def test_afterwards_it_is_help_and_writes_nothing(practice: Practice, therapist: Actor) -> None:
    complete(practice, therapist, *CHAPTERS)
    before = makers.snapshot(practice)

    async def walk(room: Classroom) -> None:
        await room.press("enter")
        assert "Enter practise" in room.bar
        await room.press("enter", "down", "down", "enter", "enter", "down", "enter")
        assert room.exercise.is_over
        await room.press("enter")
        assert isinstance(room.app.screen, LearnScreen)

    attend(practice, therapist, walk)
    assert makers.snapshot(practice) == before


def test_nothing_of_an_exercise_reaches_the_real_store(
    practice: Practice, therapist: Actor
) -> None:
    before = makers.snapshot(practice)

    async def walk(room: Classroom) -> None:
        await room.to_exercise(8)
        for keys in (["enter"], ["enter", "enter"], ["enter", "down", "enter"]):
            await room.press(*keys)
        assert room.is_right

    attend(practice, therapist, walk)
    assert makers.snapshot(practice) == before


def test_back_leads_everywhere_back(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        await room.press("enter", "enter")
        await room.press("down", "r")
        assert room.chapter.lesson.name == "helpspace"
        await room.press("right_square_bracket")
        assert room.chapter.lesson.name == "helpspace"
        await room.press("enter")
        assert room.exercise.list.highlighted == 1
        await room.press("r", "escape")
        assert isinstance(room.app.screen, ExerciseScreen)
        for kind in ("ChapterScreen", "LearnScreen", "Screen"):
            await room.press("escape")
            assert type(room.app.screen).__name__ == kind
        assert done(practice, therapist) == set()

    attend(practice, therapist, walk)


def test_a_wider_terminal_shows_the_chapters_beside_the_text(
    practice: Practice, therapist: Actor
) -> None:
    async def walk(room: Classroom) -> None:
        await room.press("enter")
        assert not room.chapter.contents.has_class("-wide")
        await room.pilot.resize_terminal(*LARGE)
        await room.settle()
        assert "▸ · 1 What Helpspace is" in room.text
        await room.press("enter")
        await room.pilot.resize_terminal(*SMALL)
        await room.settle()
        assert "▸ · 1 What Helpspace is" not in room.text
        assert "● Into Helpspace, beside the session" in room.text

    attend(practice, therapist, walk)


def test_the_keys_are_in_sight_and_in_the_help(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        for keys in ((), ("enter",), ("enter",)):
            await room.press(*keys)
            assert "Enter " in room.bar
            assert "Esc back" in room.bar
            assert "? help" in room.bar
        await room.press("question_mark")
        assert isinstance(room.app.screen, HelpModal)
        assert "Read the marked chapter." in room.text
        await room.press("escape")
        assert isinstance(room.app.screen, ExerciseScreen)

    attend(practice, therapist, walk)


@contextmanager
def refusing(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing be kept for a while."""

    def refuse(*_given: object) -> course.Progress:
        raise Busy

    with patch.context() as within:
        within.setattr(course, "complete", refuse)
        yield


def test_what_could_not_be_kept_can_be_tried_again(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(room: Classroom) -> None:
        await room.to_exercise(1)
        await room.press("down", "down", "enter", "enter", "down")
        with refusing(monkeypatch):
            await room.press("enter")
            assert "The store is busy. Nothing was changed" in room.text
            assert not room.exercise.is_over
        await room.press("enter")
        assert room.exercise.is_over
        assert done(practice, therapist) == {"helpspace"}

    attend(practice, therapist, walk)


def test_it_opens_from_the_calendar_by_key_and_palette(
    practice: Practice, therapist: Actor
) -> None:
    app = TherapistApp(practice, therapist, ground=open_ground, debug=True)

    async def walk(stage: Stage) -> None:
        await stage.press("L")
        assert isinstance(app.screen, LearnScreen)
        app.action_learn()
        await stage.settle()
        assert sum(isinstance(one, LearnScreen) for one in app.screen_stack) == 1
        await stage.press("escape")
        assert app.screen is app.screen_stack[0]
        await stage.press("ctrl+p", *"learn")
        await stage.settle()
        await stage.press("enter")
        assert isinstance(app.screen, LearnScreen)

    play(practice, therapist, walk, app=app)


def test_without_a_ground_it_says_so(practice: Practice, therapist: Actor) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("L")
        assert not isinstance(stage.app.screen, LearnScreen)
        said = [one.message for one in stage.app._notifications]
        assert said == ["The course opens from `helpspace tui`."]

    play(practice, therapist, walk, app=TherapistApp(practice, therapist, debug=True))


def test_a_store_that_does_not_answer_is_told_calmly(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = TherapistApp(practice, therapist, ground=open_ground, debug=True)

    def refuse(*_given: object) -> course.Progress:
        raise Busy

    async def walk(stage: Stage) -> None:
        monkeypatch.setattr(course, "progress", refuse)
        await stage.press("L")
        assert not isinstance(app.screen, LearnScreen)
        assert [one.message.partition(".")[0] for one in app._notifications] == [
            "The store is busy"
        ]

    play(practice, therapist, walk, app=app)


def test_the_trail_has_one_row_a_chapter(practice: Practice, therapist: Actor) -> None:
    async def walk(room: Classroom) -> None:
        for _ in range(2):
            await room.to_exercise(1)
            await room.press("down", "down", "enter", "enter", "down", "enter", "escape")

    attend(practice, therapist, walk)
    rows = [row for row in makers.all_rows(practice, Audit) if row["thing"] == "chapter"]
    assert [(row["thing_id"], row["actor_id"]) for row in rows] == [("helpspace", therapist.id)]
