"""An exercise: one question after another, each answer checked by the core at once."""

from __future__ import annotations

from collections.abc import Iterable

from textual import work
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core.errors import HelpspaceError
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.joining.lessons import lesson
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.learn.base import CoursePage, hung
from helpspace.tui.learn.chapter import ChapterScreen, Onward
from helpspace.tui.learn.desk import Learning
from helpspace.tui.learn.exercise import Asked, Deed, Step, Verdict
from helpspace.tui.learn.exercises import EXERCISES
from helpspace.tui.messages import Done
from helpspace.tui.widgets.rows import Rows, cursor


class Sheet(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Story, question, answers, and what is said of them."""

    DEFAULT_CSS = """
    Sheet { height: 1fr; width: 1fr; padding: 1 3 0 3; scrollbar-size-vertical: 1; }
    Sheet > * { max-width: 84; }
    Sheet > Static { height: auto; }
    Sheet > .question { margin: 1 0; text-style: bold; }
    Sheet > .verdict { margin-top: 1; padding: 0 1; }
    """


class ExerciseScreen(CoursePage[Onward | None]):
    """Asks, listens, and says in one sentence why something is not so; nobody counts."""

    PLACE = Place.EXERCISE
    BINDINGS = bindings(Place.EXERCISE)

    def __init__(self, learning: Learning, name: str) -> None:
        super().__init__(learning)
        self.lesson = lesson(name)
        self.exercise = EXERCISES[name]
        self.bench = learning.bench()
        self.number = 0
        """Which of the exercise's steps is asked."""
        self.asked = Asked("", "")
        self.verdict: Verdict | None = None
        self.is_over = False
        """Whether every step was answered and the chapter counts as completed."""
        self.marked: set[int] = set()
        self._keeping = False
        self.story = Static(Content(""))
        self.question = Static(Content(""), classes="question")
        self.list = Rows()
        self.said = Static(Content(""), classes="verdict")
        self.sheet = Sheet(self.story, self.question, self.list, self.said)

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.contents, self.sheet, classes="main")

    def on_mount(self) -> None:
        self.show_contents(self.lesson.name)
        self.begin()
        self.list.focus()

    def on_unmount(self) -> None:
        self.bench.clear()

    @property
    def step(self) -> Step:
        """The step that is asked."""
        return self.exercise.steps[self.number]

    # -- asking ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Ask the step on a fresh ground."""
        self.verdict = None
        self.marked = set()
        self.status.clear()
        self._set_scene()
        self.story.update(Content(self.asked.story))
        self.question.update(Content(self.asked.question))
        self.list.display = bool(self.asked.answers)
        if self.asked.answers:
            self.list.focus()
        self._show_answers(0)
        self._show_verdict()
        self.sheet.scroll_home(animate=False)

    def _set_scene(self) -> None:
        self.bench.clear()
        try:
            self.asked = self.step.ask(self.bench)
        except HelpspaceError as error:
            self.status.refuse(error)

    def _show_answers(self, here: int) -> None:
        with self.prevent(OptionList.OptionHighlighted):
            self.list.set_options(Option("") for _ in self.asked.answers)
            if self.asked.answers:
                self.list.highlighted = here
        self.draw()

    def draw(self) -> None:
        for number, text in enumerate(self.asked.answers):
            sign = Content.styled(self._sign(number), "$accent")
            row = hung(sign, text, self.room - 2)
            self.list.replace_option_prompt_at_index(number, row)

    def _sign(self, number: int) -> str:
        here = number == self.list.highlighted
        if not self.asked.many:
            return "● " if here else "○ "
        return f"{cursor(here=here)}{'[x]' if number in self.marked else '[ ]'} "

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.draw()

    # -- saying ----------------------------------------------------------------------------------

    def _show_verdict(self) -> None:
        """Show what is said of the answer, how far one is, and the keys."""
        found = self.verdict
        if found is None:
            self.said.update(Content(""))
        else:
            style = "bold $success" if found.right else "bold $warning"
            words = found.why if found.right else f"Not quite. {found.why}"
            sign = Content.styled("✓ " if found.right else "! ", style)
            parts = [hung(sign, words, self.room - 2)]
            if self.is_over:
                parts.append(Content.styled(f"  {self._end_words()}", "bold $success"))
            self.said.update(Content("\n").join(parts))
            self.call_after_refresh(self.sheet.scroll_end, animate=False)
        self.show_progress(
            f"{self.lesson.title}  exercise {self.number + 1} of {len(self.exercise.steps)}"
        )
        self.show_contents(self.lesson.name)
        self._show_keys()

    def _end_words(self) -> str:
        if self.learning.is_whole:
            return "That was this exercise. You have completed the course."
        return f"This chapter is completed: {self.learning.so_far}."

    def _show_keys(self) -> None:
        words = {"exercise.go": self._go_word()}
        hidden = set()
        if not self.asked.many or self._is_right:
            hidden.add("exercise.mark")
        if not self.asked.answers or self._is_right:
            hidden.add("exercise.down")
        self.bar(
            [
                (one, words.get(one.id, word))
                for one, word in bar([Place.EXERCISE], Under.FREE)
                if one.id not in hidden
            ]
        )

    def _go_word(self) -> str:
        if self._is_right:
            return "go on"
        return self.step.VERB if isinstance(self.step, Deed) else "answer"

    @property
    def _is_right(self) -> bool:
        return self.verdict is not None and self.verdict.right

    # -- answering -------------------------------------------------------------------------------

    def action_go(self) -> None:
        """Give the answer, open the form, or go on after a right answer."""
        if self._is_right:
            self._go_on()
        elif isinstance(self.step, Deed):
            self._act(self.step)
        else:
            self._answer()

    def _answer(self) -> None:
        step, here = self.step, self.list.highlighted
        if isinstance(step, Deed) or here is None:
            return
        chosen = frozenset(self.marked) if self.asked.many else frozenset({here})
        if not chosen:
            self.status.hint("Mark what is right with Space, then press Enter.")
            return
        self.status.clear()
        try:
            self._judged(step.judge(self.bench, chosen))
        except HelpspaceError as error:
            self.status.refuse(error)

    def _act(self, step: Deed) -> None:
        """Open the calendar's own form over the ground."""
        self.status.clear()
        if self.verdict is not None:
            # What was done before is undone by beginning on a new ground.
            self._set_scene()
        try:
            form = step.form(self.bench)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.app.push_screen(form, self._acted)

    def _acted(self, done: Done | None) -> None:
        """Judge what was done in the form."""
        step = self.step
        if done is None or not isinstance(step, Deed):
            return
        try:
            self._judged(step.judge(self.bench, done))
        except HelpspaceError as error:
            self.status.refuse(error)

    def _judged(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self._show_verdict()
        if verdict.right and self.number == len(self.exercise.steps) - 1:
            self._finish()

    # -- going on --------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Keep that the chapter is completed, unless it was before."""
        if self.learning.is_done(self.lesson.name):
            self.is_over = True
            self._show_verdict()
        elif not self._keeping:
            self._keeping = True
            self._keep()

    @work(group="keep", exit_on_error=False)
    async def _keep(self) -> None:
        try:
            await self.learning.complete(self.lesson.name)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.is_over = True
            self._show_verdict()
        finally:
            self._keeping = False

    def _go_on(self) -> None:
        if self.number < len(self.exercise.steps) - 1:
            self.number += 1
            self.begin()
        elif self.is_over:
            self.dismiss(self._onward())
        else:
            self._finish()

    def _onward(self) -> Onward:
        """The next chapter to do, or the list once the course is whole."""
        following = self.learning.progress.next
        if following is None:
            return Onward(self.lesson.name, read=False)
        after = CHAPTERS.index(self.lesson.name) + 1
        later = [one for one in CHAPTERS[after:] if not self.learning.is_done(one)]
        return Onward(later[0] if later else following, read=True)

    # -- moving ----------------------------------------------------------------------------------

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_mark(self) -> None:
        """Mark an answer, or take the mark off; where one answer is asked for, give it."""
        here = self.list.highlighted
        if self._is_right or here is None:
            return
        if not self.asked.many:
            self.action_go()
            return
        self.marked ^= {here}
        self.draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click marks, or answers where one answer is asked for."""
        event.stop()
        if not self._is_right:
            self.action_mark()

    def action_again(self) -> None:
        """Read the chapter, while the exercise waits."""
        self.app.push_screen(ChapterScreen(self.learning, self.lesson.name, waiting=True))

    def action_back(self) -> None:
        self.dismiss(None)
