"""The checklist of publishing: each gate green, or what is missing and how to mend it (J1, P1)."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.errors import HelpspaceError
from helpspace.core.joining import checklist
from helpspace.core.joining.checklist import Checklist, Gate
from helpspace.tui.actions import ACTIONS, Action, Place, Under, action, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.look import LOOKS
from helpspace.tui.own_keys import USUAL, Keys, keys_of
from helpspace.tui.profile.doors import DOORS, ELSEWHERE
from helpspace.tui.screens.base import Panel

_TITLES = 16
_WIDTH = 68
_KEY = 4
_AROUND = 6
"""Lines of the panel that are not gates."""


class ChecklistModal(Panel[str | None]):
    """Ends with the name of the calendar's act to do next, or with None; follows what changes."""

    HEADING = "Publish your profile"
    PLACE = Place.CHECKLIST
    BINDINGS = bindings(Place.CHECKLIST)
    DEFAULT_CSS = """
    ChecklistModal > .panel { padding: 0 3; }
    ChecklistModal StatusLine { margin-top: 0; }
    ChecklistModal .gates { height: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.shown = Static(Content(""))
        self.gates = VerticalScroll(self.shown, classes="gates")
        self._was: Checklist | None = None

    def body(self) -> Iterable[Widget]:
        yield self.gates

    def on_mount(self) -> None:
        super().on_mount()
        self.gates.focus()
        self.look()
        self.set_interval(LOOKS, self.look)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the keys in sight where there is no room for every gate."""
        self.gates.styles.max_height = max(event.size.height - _AROUND, 3)

    def look(self) -> None:
        """Show how every gate stands now."""
        desk = self.desk
        try:
            found = checklist.checklist(desk.practice, desk.actor, desk.actor.id)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        if found != self._was:
            self._was = found
            width = min(_WIDTH, self.app.size.width - 8)
            self.shown.update(page(found, width, keys_of(self.app)))

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.CHECKLIST], Under.FREE)

    def action_slot(self) -> None:
        self.dismiss("slot")

    def action_edit(self) -> None:
        self.dismiss("profile_edit")

    def action_holidays(self) -> None:
        self.dismiss("profile_holidays")

    def action_proofs(self) -> None:
        self.dismiss("profile_proofs")

    def action_learn(self) -> None:
        self.dismiss("app.learn")

    def action_back(self) -> None:
        self.dismiss(None)


def page(found: Checklist, width: int, keys: Keys = USUAL) -> Content:
    """Return the whole checklist as text."""
    lines = [
        Content.styled(line, "bold $success" if found.visible else "bold $warning")
        for line in wrapped(found.words, width)
    ]
    for gate in found.gates:
        lines += _gate(gate, width, keys)
    return Content("\n").join(lines)


def _gate(gate: Gate, width: int, keys: Keys) -> list[Content]:
    """Return a gate's lines; the key that mends it stands at the right of the first."""
    room = width - _TITLES - 2 - _KEY
    style = "$success" if gate.open else "$warning"
    sign = "✓" if gate.open else "…" if gate.waits else "!"
    said = [(line, "$grid-quiet" if gate.open else style) for line in wrapped(gate.words, room)]
    if not gate.open:
        where = "" if gate.waits else keys.say(ELSEWHERE.get(gate.code, ""))
        said += [(line, "") for line in wrapped(f"{gate.fix} {where}".strip(), room)]
    heads = [Content.assemble((f"{sign} ", f"bold {style}"), gate.title.ljust(_TITLES))]
    heads += [Content(" " * (_TITLES + 2))] * (len(said) - 1)
    ends = [_key(gate, keys)] + [""] * (len(said) - 1)
    return [
        Content.assemble(head, (line + " " * (room - cell_len(line)), tone), (end, "bold $accent"))
        for head, (line, tone), end in zip(heads, said, ends, strict=True)
    ]


def _key(gate: Gate, keys: Keys) -> str:
    """Return the key that mends a gate, where one does."""
    known = {one.id for one in ACTIONS}
    door = DOORS.get(gate.code, "")
    if gate.open or gate.waits or door not in known:
        return ""
    return keys.first(action(door)).rjust(_KEY)
