"""The course: its chapters with what each leaves one with, and the way into them (J6)."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining.lessons import Lesson, lessons
from helpspace.core.moments import LONDON, local_date, show_day
from helpspace.core.practice import Practice
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.learn.base import CoursePage, mark_of, takeaways
from helpspace.tui.learn.chapter import ChapterScreen, Onward
from helpspace.tui.learn.desk import Learning
from helpspace.tui.learn.exercising import ExerciseScreen
from helpspace.tui.learn.ground import MakeGround
from helpspace.tui.widgets.rows import Rows, cursor

_NEW = (
    "Eight short chapters, each with an exercise in a practice that exists only here. You may stop"
    " at any time; what is done stays done."
)
_DONE = (
    "You have completed the course. Every chapter is here to be read again, and the exercises are"
    " yours to play with: nothing in them is real."
)


class LearnScreen(CoursePage[None]):
    """Eight chapters; `make_ground` gives the throw-away practice that exercises act on."""

    PLACE = Place.COURSE
    BINDINGS = bindings(Place.COURSE)
    DEFAULT_CSS = """
    LearnScreen > .page { height: 1fr; padding: 1 2 0 2; overflow-y: auto; }
    LearnScreen > .page > * { max-width: 88; }
    LearnScreen .intro { height: auto; color: $grid-quiet; margin: 0 1 1 1; }
    LearnScreen .gist { height: auto; margin: 1 0 0 0; padding: 0 1; color: $grid-text;
        border-left: outer $grid-line; }
    """

    def __init__(self, practice: Practice, actor: Actor, make_ground: MakeGround) -> None:
        super().__init__(Learning(practice, actor, make_ground))
        self.id = "learn"
        self.intro = Static(Content(""), classes="intro")
        self.list = Rows()
        self.gist = Static(Content(""), classes="gist")

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.intro, self.list, self.gist, classes="page")

    def on_mount(self) -> None:
        first = self.learning.progress.next
        names = [one.name for one in lessons()]
        self.look(names.index(first) if first else 0)
        self.list.focus()
        self.bar(bar([Place.COURSE], Under.FREE))

    def on_unmount(self) -> None:
        self.learning.close()

    def look(self, here: int | None = None) -> None:
        """Show how far the therapist is."""
        try:
            self.learning.read_again()
        except HelpspaceError as error:
            self.status.refuse(error)
        at = self.list.highlighted if here is None else here
        with self.prevent(OptionList.OptionHighlighted):
            self.list.set_options(Option("") for _ in lessons())
            self.list.highlighted = at or 0
        self.intro.update(Content(_DONE if self.learning.is_whole else _NEW))
        self.show_progress("The course")
        self._tell()

    def draw(self) -> None:
        self._tell()

    def _rows(self) -> list[Content]:
        here = self.list.highlighted
        return [self._row(one, here=one.number - 1 == here) for one in lessons()]

    def _row(self, one: Lesson, *, here: bool) -> Content:
        done = self.learning.progress.done.get(one.name)
        state = ("next", "$accent") if self.learning.progress.next == one.name else ("", "")
        if done is not None:
            state = (f"completed {show_day(local_date(done, LONDON))}", "$success")
        return Content.assemble(
            (cursor(here=here), "$accent"),
            mark_of(self.learning, one.name),
            f" {one.number}  {one.title}".ljust(40),
            state,
        )

    @property
    def lesson(self) -> Lesson:
        """The marked chapter."""
        return lessons()[self.list.highlighted or 0]

    def _tell(self) -> None:
        """Show which chapter is marked, and what it leaves one with."""
        for number, row in enumerate(self._rows()):
            self.list.replace_option_prompt_at_index(number, row)
        self.gist.update(takeaways(self.lesson.takeaways, self.room - 2))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._tell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click reads the chapter."""
        event.stop()
        self.action_read()

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_read(self) -> None:
        """Read the marked chapter."""
        self.app.push_screen(ChapterScreen(self.learning, self.lesson.name), self._ended)

    def action_exercise(self) -> None:
        """Go to the exercise of the marked chapter."""
        self.app.push_screen(ExerciseScreen(self.learning, self.lesson.name), self._ended)

    def _ended(self, onward: Onward | None) -> None:
        """Come back from a chapter; after a completed one the next is read at once."""
        names = [one.name for one in lessons()]
        self.look(names.index(onward.name) if onward else None)
        if onward and onward.read:
            self.action_read()

    def action_back(self) -> None:
        self.dismiss(None)
