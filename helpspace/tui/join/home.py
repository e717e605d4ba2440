"""The home of joining: the three steps as a checklist, and what opens each of them (J1)."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core.errors import HelpspaceError, NotAllowed
from helpspace.core.joining.topics import TOPICS
from helpspace.tui.actions import Place, Under, action, bar, bindings
from helpspace.tui.join.base import JoinScreen
from helpspace.tui.join.checklist import Line, Mark, is_complete, lines
from helpspace.tui.join.desk import Standing
from helpspace.tui.widgets.grid_text import fit

_STYLES = {
    Mark.DONE: "$success",
    Mark.MISSING: "$warning",
    Mark.WAITING: "$primary",
    Mark.LATER: "$grid-quiet",
}
_NAMES = 20
"""Cells for a gate's name."""


class StepList(OptionList, inherit_bindings=False):
    """The lines of the checklist; the keys are the screen's."""

    DEFAULT_CSS = """
    StepList {
        height: 1fr; margin: 1 1 0 1; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option { padding: 0; color: $grid-text; }
        & > .option-list--option-highlighted { background: $grid-range; color: $grid-text; }
        &:focus { border: none; background-tint: transparent; }
        &:focus > .option-list--option-highlighted {
            background: $grid-range; color: $grid-text; text-style: none;
        }
    }
    """


class HomeScreen(JoinScreen):
    """Where joining begins, is taken up again, and ends."""

    BINDINGS = bindings(Place.JOINING)
    DEFAULT_CSS = """
    HomeScreen > .how { height: 3; width: 1fr; padding: 0 2; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.list = StepList()
        self.how = Static(Content(""), classes="how")
        self.standing: Standing | None = None
        self.lines: list[Line] = []
        self._shown = 0
        self._stage: object = None
        """How far the counsellor was when the mark was last set."""

    def body(self) -> Iterable[Widget]:
        return (self.list, self.how)

    def on_mount(self) -> None:
        super().on_mount()
        self.list.focus()

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._shown:
            self.look()

    # -- showing ---------------------------------------------------------------------------------

    def look(self) -> None:
        if not self.desk.therapist_id:
            return
        try:
            standing = self.desk.standing()
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        was = self.line
        self.standing, self._shown = standing, self.size.width
        self.lines = lines(standing, self.doors)
        with self.prevent(OptionList.OptionHighlighted):
            self.list.set_options(Option(self._row(line)) for line in self.lines)
            self.list.highlighted = self._cursor(was, standing)
        next_step = standing.joining.step
        words = f"next: {next_step}" if next_step else "● published"
        self.head.show(f"Joining Helpspace  {standing.therapist.name}", words,
                       "$warning" if next_step else "$success")  # fmt: skip
        self._tell()

    def _cursor(self, was: Line | None, standing: Standing) -> int:
        """Return the line to be marked: the one that was, else the first that can be mended.

        When somebody else took the counsellor a step on, or back, the mark goes where they go on.
        """
        seen, next_step = standing.seen, standing.joining.step
        stage = (seen.state if seen else "", next_step)
        moved, self._stage = stage != self._stage, stage
        there = (
            n for n, line in enumerate(self.lines) if was and line.name == was.name and not moved
        )
        first = next((n for n, line in enumerate(self.lines) if _to_do(line)), 0)
        return next(there, first)

    @property
    def doors(self) -> frozenset[str]:
        """The actions that can be taken here now."""
        if self.standing is None:
            return frozenset()
        why = self.standing.therapist.why_hidden
        found = {"steps.open", "steps.help"}
        found |= {f"steps.{name}" for name in self.joining.doors}
        if self.desk.draft is not None:
            found.add("steps.application")
        if "not_approved" not in why:
            found.add("steps.payments")
        else:
            found -= {"steps.calendar", "steps.profile"}
        if "not_approved" in why or self.standing.seen is None:
            found.discard("steps.proofs")
        if is_complete(self.standing.seen):
            found.add("steps.hand_in")
        return frozenset(found)

    def _row(self, line: Line) -> Content:
        own = line.act not in ("", "steps.open") and line.mark is not Mark.DONE
        key = action(line.act).first_key if own else ""
        width = max(self.size.width - 3, 40)
        indent = "" if line.step else "  "
        name = fit(f"{indent}{line.name}", _NAMES)
        words = fit(line.words, width - _NAMES - 4 - 3)
        style = _STYLES[line.mark]
        return Content.assemble(
            (f" {line.mark.value} ", f"bold {style}"),
            (name, "bold" if line.step else "$grid-text"),
            " ",
            (words, style if line.mark is not Mark.DONE else "$grid-quiet"),
            (f"{' ' * (3 - cell_len(key))}{key}", "$accent"),
        )

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._tell()

    def _tell(self) -> None:
        """Say all about the marked line, and show the keys."""
        line = self.line
        if line is None:
            return
        name = Content.assemble((line.name, "bold"), "  ", line.words)
        parts = [name, Content.styled(line.how, "$grid-quiet")] if line.how else [name]
        if line.act:
            one = action(line.act)
            keys = "Enter" if one.first_key == "Enter" else f"Enter or {one.first_key}"
            words = one.bar[Under.FREE]
            parts[-1] = Content.assemble(parts[-1], (f"  {keys}: {words}", "$accent"))
        self.how.update(Content("\n").join(parts))
        doors = self.doors
        if "steps.proofs" in doors:
            # Approved: the application is only to be read, and its line says the key.
            doors -= {"steps.application"}
        shown = bar([Place.JOINING, Place.EVERYWHERE], Under.FREE)
        self.bar([(one, word) for one, word in shown
                  if one.place is Place.EVERYWHERE or one.id in doors])  # fmt: skip

    @property
    def line(self) -> Line | None:
        """The marked line."""
        here = self.list.highlighted
        return self.lines[here] if here is not None and here < len(self.lines) else None

    # -- acting ----------------------------------------------------------------------------------

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click opens the line."""
        event.stop()
        self.action_open()

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_open(self) -> None:
        """Open what the marked line is about."""
        line = self.line
        if line is None:
            return
        if line.topic:
            self.joining.open_page(line.topic)
        elif line.act:
            getattr(self, f"action_{action(line.act).run}")()
        elif line.how:
            self.status.hint(f"Nothing to do here now: {line.words}.")

    def action_application(self) -> None:
        """Open the application at the first page that lacks something."""
        if self._may("steps.application", "There is no application here"):
            marked = [one.topic for one in self.lines if one.topic and one.mark is not Mark.DONE]
            self.joining.open_page(marked[0] if marked else TOPICS[0].name)

    def action_hand_in(self) -> None:
        """Hand the application in."""
        if self._may("steps.hand_in", "The application is not complete, or handed in already"):
            self.act(self.desk.submit, self._handed_in)

    def _handed_in(self) -> None:
        self.look()
        self.status.done("Handed in. The team writes to you when they have looked at it.")

    def action_payments(self) -> None:
        if self._may("steps.payments", "Payments come after the approval"):
            from helpspace.tui.join.payments import PaymentsScreen  # noqa: PLC0415 - when first wanted

            self.app.push_screen(PaymentsScreen())

    def action_learn(self) -> None:
        self._go("learn", "The course is not part of this terminal")

    def action_profile(self) -> None:
        self._go("profile", "The profile is edited after the approval")

    def action_proofs(self) -> None:
        self._go("proofs", "New proofs come after the approval")

    def action_calendar(self) -> None:
        self._go("calendar", "The calendar opens after the approval")

    def _go(self, name: str, closed: str) -> None:
        if self._may(f"steps.{name}", closed):
            self.joining.go(name)

    def _may(self, act: str, closed: str) -> bool:
        if act in self.doors:
            return True
        self.refuse(NotAllowed(closed, "The marked lines say what comes first."))
        return False

    def action_again(self) -> None:
        """Read everything afresh."""
        self.joining.check_store(always=True)
        self.status.hint("Read again.")

    def action_help(self) -> None:
        self.joining.show_help()


def _to_do(line: Line) -> bool:
    """Whether a line says what to do; the application's own pages say it better than its head."""
    if line.step:
        return line.mark is Mark.MISSING and line.act == "steps.payments"
    return line.mark is not Mark.DONE and bool(line.act)
