"""Choosing a file from a list: folders, and of the files only PDFs and pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core.plain import plain
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.join.paths import shown_size
from helpspace.tui.screens.base import Panel
from helpspace.tui.widgets.grid_text import fit

_PICTURES = (".png", ".jpg", ".jpeg")
MOST = 2000
"""Entries of one folder that are shown at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder or a file that can be chosen."""

    path: Path
    is_folder: bool
    size: int = 0


def entries(folder: Path, *, pictures: bool) -> list[Entry]:
    """Return what can be chosen in a folder, folders first; OSError where it cannot be read.

    Hidden names, links to files and everything that is no PDF or picture are left out.
    """
    endings = _PICTURES if pictures else (".pdf", *_PICTURES)
    found: list[Entry] = []
    with os.scandir(folder) as listed:
        for one in listed:
            if one.name.startswith("."):
                continue
            try:
                if one.is_dir():
                    found.append(Entry(folder / one.name, is_folder=True))
                elif one.name.lower().endswith(endings) and one.is_file(follow_symlinks=False):
                    size = one.stat(follow_symlinks=False).st_size
                    found.append(Entry(folder / one.name, is_folder=False, size=size))
            except OSError:
                continue
            if len(found) >= MOST:
                break
    return sorted(found, key=lambda one: (not one.is_folder, one.path.name.casefold()))


def starting_folder() -> Path:
    """Return where to begin: the folder of documents, else the own one."""
    try:
        home = Path.home()
    except RuntimeError:
        return Path("/")
    documents = home / "Documents"
    return documents if documents.is_dir() else home


class FolderList(OptionList):
    """The entries of a folder."""

    DEFAULT_CSS = """
    FolderList {
        height: 1fr; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option { padding: 0 1; color: $grid-text; }
        & > .option-list--option-highlighted { background: $grid-range; color: $grid-text; }
        &:focus { border: none; background-tint: transparent; }
        &:focus > .option-list--option-highlighted {
            background: $grid-range; color: $grid-text; text-style: none;
        }
    }
    """


class PickerModal(Panel[Path | None]):
    """Ends with the file that was chosen, or with None."""

    HEADING = "Choose a file"
    BINDINGS = bindings(Place.FOLDER)
    DEFAULT_CSS = """
    PickerModal > .panel { height: 22; }
    PickerModal .body { height: 1fr; }
    PickerModal .where { height: 1; color: $grid-quiet; }
    """

    def __init__(self, folder: Path | None, *, pictures: bool) -> None:
        super().__init__()
        self._pictures = pictures
        self._folder = folder or starting_folder()
        self._entries: list[Entry] = []
        self.where = Static(Content(""), classes="where")
        self.list = FolderList()

    def body(self) -> Iterable[Widget]:
        return (self.where, self.list)

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.FOLDER], Under.FREE)

    def on_mount(self) -> None:
        super().on_mount()
        self.list.focus()
        self._open(self._folder)

    @work(thread=True, exclusive=True, group="folder", exit_on_error=False)
    def _open(self, folder: Path) -> None:
        try:
            found = entries(folder, pictures=self._pictures)
        except OSError:
            self.app.call_from_thread(self._refused, folder)
        else:
            self.app.call_from_thread(self._show, folder, found)

    def _refused(self, folder: Path) -> None:
        self.status.hint(f"{folder.name or folder} cannot be opened.")

    def _show(self, folder: Path, found: list[Entry]) -> None:
        """Show a folder; the cursor goes to the one that was left."""
        left, self._folder, self._entries = self._folder, folder, found
        self.status.clear()
        self.where.update(Content(_shortened(plain(str(folder), 400), 68)))
        self.list.set_options(Option(_row(one)) for one in found)
        here = next((n for n, one in enumerate(found) if one.path == left), 0)
        self.list.highlighted = here if found else None
        if not found:
            words = "No picture in here" if self._pictures else "No PDF or picture in here"
            self.status.hint(f"{words}; ← goes to the folder above.")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click chooses."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Choose the marked file, or open the marked folder."""
        here = self.list.highlighted
        if here is None or here >= len(self._entries):
            return
        one = self._entries[here]
        if one.is_folder:
            self._open(one.path)
        else:
            self.dismiss(one.path)

    def action_up(self) -> None:
        """Go to the folder above."""
        self._open(self._folder.parent)

    def action_leave(self) -> None:
        self.dismiss(None)


def _row(one: Entry) -> Content:
    name = plain(one.path.name, 200)
    if one.is_folder:
        return Content.assemble(("▸ ", "$primary"), f"{name}/")
    return Content.assemble("  ", fit(name, 52), (f"{shown_size(one.size):>10}", "$grid-quiet"))


def _shortened(text: str, width: int) -> str:
    """Keep the end of a path, which says most."""
    return text if len(text) <= width else f"…{text[-(width - 1) :]}"
