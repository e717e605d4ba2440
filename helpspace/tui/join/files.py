"""The files of a page: handed in by a path or from a list, shown with verdicts, taken away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from helpspace.core.errors import HelpspaceError
from helpspace.core.files.content import read_upload
from helpspace.core.joining.application import ApplicationView, DocumentView
from helpspace.core.joining.topics import DocumentKind
from helpspace.core.plain import plain
from helpspace.tui.actions import Place, action, bindings
from helpspace.tui.join.paths import LONGEST, read_path, shown_size
from helpspace.tui.widgets.field import CleanInput
from helpspace.tui.widgets.grid_text import fit

if TYPE_CHECKING:
    from helpspace.tui.join.base import JoinScreen

_TYPES = {"pdf": "PDF", "png": "PNG", "jpeg": "JPEG"}
_TAKE = "take away"


class DocumentRow(Widget, can_focus=True, inherit_bindings=False):
    """A file that was handed in: its name, what the team said, and a word that takes it away."""

    ALLOW_SELECT = False
    BINDINGS = bindings(Place.DOCUMENT)
    DEFAULT_CSS = """
    DocumentRow { height: auto; width: 1fr; padding: 0 1; color: $grid-text; }
    DocumentRow:focus { background: $grid-range; }
    """

    class TakenAway(Message):
        """The file is not wanted any more."""

        def __init__(self, document: DocumentView) -> None:
            super().__init__()
            self.document = document

    def __init__(self, document: DocumentView, verdict: tuple[bool, str] | None) -> None:
        super().__init__(classes="-takes-away")
        self.document = document
        self._verdict = verdict

    def render(self) -> Content:
        one, width = self.document, self.content_size.width
        end = f"{_TYPES.get(one.type, '')} {shown_size(one.size)}"
        word = "" if self.is_disabled else f"{action('document.take_away').first_key} {_TAKE}"
        name = fit(plain(one.name), max(8, width - len(end) - len(word) - 8))
        mark, style = "✓", "$success"
        if self._verdict is not None and not self._verdict[0]:
            mark, style = "!", "$warning"
        parts: list[str | tuple[str, str]] = [
            (f"{mark} ", f"bold {style}"),
            name,
            f"  {end}  ",
            (word, "$accent"),
        ]
        if self._verdict is not None:
            accepted, reason = self._verdict
            said = "accepted" if accepted else f"came back: {plain(reason, 300)}"
            parts.append((f"\n  {said}", style))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Take the file away when the word is clicked."""
        word = len(f"{action('document.take_away').first_key} {_TAKE}")
        at = event.get_content_offset(self)
        if at is not None and at.y == 0 and at.x >= self.content_size.width - word - 2:
            event.stop()
            self.action_take_away()

    def action_take_away(self) -> None:
        """Take the file out of the application."""
        if not self.is_disabled:
            self.post_message(self.TakenAway(self.document))


class PathInput(CleanInput):
    """A path; a dropped or pasted file is handed in by Enter."""


class FilesPart(Vertical):
    """The files of one kind."""

    BINDINGS = bindings(Place.FILE)
    DEFAULT_CSS = """
    FilesPart { height: auto; width: 1fr; margin-bottom: 1; }
    FilesPart > .label { height: 1; color: $grid-text; }
    FilesPart > .rows { height: auto; padding-left: 2; }
    FilesPart > .row { height: 1; padding-left: 3; }
    FilesPart > .row > .label { width: 6; color: $grid-quiet; }
    FilesPart > .row > Input {
        width: 1fr; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    FilesPart > .row > .choose { width: auto; padding-left: 2; color: $accent; }
    FilesPart > .line { height: auto; min-height: 1; padding-left: 9; color: $grid-quiet; }
    FilesPart.-closed > .row { display: none; }
    """

    class Changed(Message):
        """A file was handed in or taken away."""

    def __init__(self, kind: DocumentKind, *, hosted: bool) -> None:
        super().__init__(id=f"files-{kind.name}")
        self.kind = kind
        self._hosted = hosted
        self._shown: object = None
        self._rows = Vertical(classes="rows")
        self._line = Static(Content(""), classes="line")
        self.path = PathInput(
            placeholder="type, paste or drop a path, then Enter",
            compact=True, max_length=LONGEST, select_on_focus=False,
        )  # fmt: skip

    @property
    def home(self) -> JoinScreen:
        """The screen around."""
        return cast("JoinScreen", self.screen)

    def compose(self) -> ComposeResult:
        types = "PNG or JPEG" if self.kind.picture else "PDF, PNG or JPEG"
        more = f"; up to {self.kind.most}" if self.kind.most > 1 else ""
        yield Static(
            Content.assemble(
                (self.kind.label, "bold"), (f"  {types}, at most 10 MB{more}", "$grid-quiet")
            ),
            classes="label",
        )
        yield self._rows
        if not self._hosted:
            with Horizontal(classes="row"):
                yield Static(Content("File"), classes="label")
                yield self.path
                yield Choose(Content("Ctrl+O choose"), classes="choose")
        yield self._line

    # -- showing ---------------------------------------------------------------------------------

    def show(self, seen: ApplicationView) -> None:
        """Show the files that are there, each with what the team said of it."""
        is_open = self.kind.name in seen.scope.kinds
        found = []
        for one in seen.of_kind(self.kind.name):
            verdict = seen.verdicts.get(f"document:{one.id}")
            said = (verdict.accepted, verdict.reason) if verdict else None
            found.append((one, said, one.id in seen.scope.documents))
        self.set_class(not is_open, "-closed")
        if self._shown == (found, is_open):
            return
        self._shown = (found, is_open)
        self._rows.remove_children()
        rows = [DocumentRow(one, said) for one, said, _ in found]
        for row, (_, _, may_go) in zip(rows, found, strict=True):
            row.disabled = not may_go
        self._rows.mount_all(rows)
        self._ask(is_open=is_open)

    def _ask(self, *, is_open: bool) -> None:
        """Say how a file is handed in where that is done through another door."""
        if not self._hosted:
            return
        name = "picture.jpg" if self.kind.picture else f"{self.kind.name}.pdf"
        words = (
            "On your own machine, in another terminal, with HOST as you signed in here:\n"
            f"ssh HOST upload {self.kind.name} < {name}\n"
            "It appears here by itself."
        )
        self._line.update(Content(words if is_open else ""))

    def tell(self, words: str, style: str = "$grid-quiet") -> None:
        """Say how an upload is getting on."""
        self._line.update(Content.styled(plain(words, 300), style))

    # -- acting ----------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_hand_in()

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was said of the path before holds no longer."""
        event.stop()
        if not self.home.acting:
            self._line.update(Content(""))

    def action_hand_in(self) -> None:
        """Hand in the file whose path is typed."""
        if self._hosted or self.has_class("-closed"):
            return
        try:
            path = read_path(self.path.value)
        except HelpspaceError as error:
            self._failed(error)
        else:
            self.hand_in(path)

    def hand_in(self, path: Path) -> None:
        """Read a file of this machine and hand it in."""
        if self.home.acting:
            return
        self.tell(f"Reading {path.name} …")
        tell = partial(self.app.call_from_thread, self.tell)
        desk, name = self.home.desk, path.name
        self.home.act(
            lambda: desk.hand_in(self.kind.name, name, _reader(path, tell)),
            self._done,
            self._failed,
        )

    def _done(self) -> None:
        with self.prevent(Input.Changed):
            self.path.value = ""
        self.tell("✓ Handed in: checked, encrypted and kept.", "$success")
        self.post_message(self.Changed())

    def _failed(self, error: HelpspaceError) -> None:
        self.tell(f"{error.title}. {error.hint}", "$warning")

    def choose(self) -> None:
        """Choose a file from a list; never where the machine is somebody else's."""
        if self._hosted or self.has_class("-closed"):
            return
        from helpspace.tui.join.picker import PickerModal  # noqa: PLC0415 - when first wanted

        desk = self.home.desk
        self.app.push_screen(PickerModal(desk.folder, pictures=self.kind.picture), self._chosen)

    def _chosen(self, path: Path | None) -> None:
        if path is not None:
            self.home.desk.folder = path.parent
            self.hand_in(path)

    def on_document_row_taken_away(self, event: DocumentRow.TakenAway) -> None:
        event.stop()
        desk, document = self.home.desk, event.document
        self.home.act(lambda: desk.take_away(document.id), self._gone, self._failed)

    def _gone(self) -> None:
        self.tell("Taken away.")
        self.post_message(self.Changed())
        if not self._hosted:
            self.path.focus()


class Choose(Static):
    """The word that opens the list of files, for the mouse."""

    ALLOW_SELECT = False

    def on_click(self, event: events.Click) -> None:
        event.stop()
        part = self.parent.parent if self.parent else None
        if isinstance(part, FilesPart):
            part.choose()


def _reader(path: Path, tell: Callable[[str], object]) -> Callable[[], bytes]:
    """Return what reads a file on the acting thread and says how far it is."""

    def read() -> bytes:
        raw = read_upload(path)
        tell(f"Checking and encrypting {shown_size(len(raw))} …")
        return raw

    return read
