"""A chapter to read, with what it leaves one with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.joining.course import CHAPTERS
from helpspace.core.joining.lessons import lesson
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.learn.base import CoursePage, takeaways
from helpspace.tui.learn.desk import Learning


class Onward(NamedTuple):
    """How a chapter ends: the chapter to mark in the list, and whether it is read at once."""

    name: str
    read: bool


class Page(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The text; the keys are the screen's."""

    DEFAULT_CSS = """
    Page { height: 1fr; width: 1fr; padding: 1 3 1 3; scrollbar-size-vertical: 1; }
    Page > Static { height: auto; max-width: 84; margin-bottom: 1; }
    Page > .title { text-style: bold; color: $primary; }
    Page > .takeaways { padding: 0 2; border-left: outer $primary; background: $grid-past; }
    """


class ChapterScreen(CoursePage[Onward]):
    """Reads one chapter; `waiting` means that its exercise waits underneath."""

    PLACE = Place.CHAPTER
    BINDINGS = bindings(Place.CHAPTER)

    def __init__(self, learning: Learning, name: str, *, waiting: bool = False) -> None:
        super().__init__(learning)
        self.lesson = lesson(name)
        self._waiting = waiting
        self.title_line = Static(Content(""), classes="title")
        self.text = Static(Content(""))
        self.takeaways = Static(Content(""), classes="takeaways")
        self.page = Page(self.title_line, self.text, self.takeaways)

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.contents, self.page, classes="main")

    def on_mount(self) -> None:
        self.look()

    def look(self) -> None:
        """Show the chapter from its beginning."""
        one = self.lesson
        self.show_progress(f"The course  chapter {one.number} of {len(CHAPTERS)}")
        self.show_contents(one.name)
        self.title_line.update(Content(one.title))
        self.text.update(Content("\n\n".join(one.paragraphs)))
        self.draw()
        self.page.scroll_home(animate=False)
        hidden = {"chapter.next"} if self._waiting else set()
        self.bar(
            [
                (action, self._word(action.id, word))
                for action, word in bar([Place.CHAPTER], Under.FREE)
                if action.id not in hidden
            ]
        )

    def draw(self) -> None:
        self.takeaways.update(takeaways(self.lesson.takeaways, self.room - 4))

    def _word(self, action_id: str, word: str) -> str:
        if action_id == "chapter.exercise" and self.learning.is_done(self.lesson.name):
            return "practise"
        return word

    def action_exercise(self) -> None:
        """Go to the exercise, or back to it."""
        if self._waiting:
            self.dismiss(None)
            return
        from helpspace.tui.learn.exercising import ExerciseScreen  # noqa: PLC0415 - a circle

        self.app.push_screen(ExerciseScreen(self.learning, self.lesson.name), self._ended)

    def _ended(self, onward: Onward | None) -> None:
        """Come back from the exercise: to this text, or on to the next chapter."""
        if onward is None:
            self.look()
        elif onward.read:
            self.lesson = lesson(onward.name)
            self.look()
        else:
            self.dismiss(onward)

    def action_on(self) -> None:
        self.page.scroll_page_down(animate=False)

    def action_page_back(self) -> None:
        self.page.scroll_page_up(animate=False)

    def action_up(self) -> None:
        self.page.scroll_up(animate=False)

    def action_down(self) -> None:
        self.page.scroll_down(animate=False)

    def action_top(self) -> None:
        self.page.scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.page.scroll_end(animate=False)

    def action_next(self) -> None:
        self._turn(1)

    def action_previous(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """Read another chapter."""
        at = CHAPTERS.index(self.lesson.name) + by
        if not self._waiting and 0 <= at < len(CHAPTERS):
            self.lesson = lesson(CHAPTERS[at])
            self.look()

    def action_back(self) -> None:
        self.dismiss(None if self._waiting else Onward(self.lesson.name, read=False))
