"""A new profile picture after the approval: handed in here, shown once the team accepts it (J4)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual import events, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from helpspace.core import moments
from helpspace.core.errors import HelpspaceError, NotAllowed, NotFound
from helpspace.core.files.content import read_upload
from helpspace.core.joining import application, documents, pictures, renewal
from helpspace.core.joining.renewal import RenewalView
from helpspace.core.plain import plain
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.join.files import PathInput
from helpspace.tui.join.paths import LONGEST, read_path
from helpspace.tui.join.picker import PickerModal
from helpspace.tui.join.preview import Pixels, Preview, pixels_of
from helpspace.tui.look import LOOKS
from helpspace.tui.screens.base import ActingPanel

_AROUND = 14
"""Lines of the screen that are not the pictures."""

_ELSEWHERE = (
    "On your own machine, in another terminal, with HOST as you signed in here:\n"
    "ssh HOST upload picture < picture.jpg\n"
    "It appears here by itself."
)


class Side(Vertical):
    """One of the two pictures, under a word that says which."""

    DEFAULT_CSS = """
    Side { width: 1fr; height: auto; padding-right: 2; }
    Side > Static { height: 1; color: $grid-quiet; }
    Side > Preview { margin: 0; }
    """

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word
        self.preview = Preview()

    def compose(self) -> Iterable[Widget]:
        yield Static(Content(self.word))
        yield self.preview


class PictureModal(ActingPanel):
    """Shows the picture that clients see and the one that waits, and takes a new one."""

    HEADING = "Your picture"
    PLACE = Place.PICTURE
    BINDINGS = bindings(Place.PICTURE)
    DEFAULT_CSS = """
    PictureModal > .panel { padding: 0 3; }
    PictureModal .heading { margin-bottom: 0; }
    PictureModal .sides { height: auto; width: 1fr; margin-bottom: 1; }
    PictureModal .state { height: auto; width: 1fr; }
    PictureModal .row { height: 1; width: 1fr; }
    PictureModal .row > .label { width: 10; color: $grid-quiet; }
    PictureModal .row > Input {
        width: 1fr; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    PictureModal .elsewhere { height: auto; color: $grid-quiet; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        _check_joined(desk)
        self.folder: Path | None = None
        self.now, self.new = Side("Clients see"), Side("Handed in")
        self.state = Static(Content(""), classes="state")
        self.path = PathInput(
            placeholder="type, paste or drop a path", compact=True, max_length=LONGEST,
            select_on_focus=False,
        )  # fmt: skip
        self._was: object = None

    @property
    def is_hosted(self) -> bool:
        """Whether the machine is not theirs: then no path is ever taken."""
        return bool(getattr(self.app, "is_hosted", False))

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.now, self.new, classes="sides")
        yield self.state
        if self.is_hosted:
            yield Static(Content(_ELSEWHERE), classes="elsewhere")
        else:
            label = Static(Content("New one"), classes="label")
            yield Horizontal(label, self.path, classes="row")

    def on_mount(self) -> None:
        super().on_mount()
        if not self.is_hosted:
            self.path.focus()
        self.look()
        self.set_interval(LOOKS, self.look)

    def on_resize(self, event: events.Resize) -> None:
        # The pictures take the lines that the rest leaves.
        for side in (self.now, self.new):
            side.preview.styles.height = max(3, min(16, event.size.height - _AROUND))

    def bar(self) -> list[tuple[Action, str]]:
        without = {"picture.hand_in", "picture.choose"} if self.is_hosted else set()
        return bar([Place.PICTURE], Under.FREE, without)

    # -- showing ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Show which picture counts and what became of the last one handed in."""
        desk = self.desk
        try:
            shown = pictures.picture_of(desk.practice, desk.actor.id)
            found = renewal.renewals(
                desk.practice, desk.actor, therapist_id=desk.actor.id, waiting=False
            )
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        mine = [one for one in found if one.proof == "picture" and one.state != "replaced"]
        # What waits is the newest, even among those of one second.
        mine.sort(key=lambda one: (one.state == "waiting", one.created_at, one.decided_at or 0))
        last = mine[-1] if mine else None
        if (shown, last) == self._was:
            return
        self._was = (shown, last)
        words, style = _outcome(last, desk.zone, desk.now())
        self.state.update(Content.styled(words, style))
        waits = last.id if last is not None and last.state == "waiting" else None
        self._draw(None if shown is None else shown.id, waits)

    @work(group="preview", exclusive=True, exit_on_error=False)
    async def _draw(self, shown: str | None, waiting: str | None) -> None:
        desk = self.desk

        def read() -> tuple[Pixels, Pixels]:
            now = documents.look_at(desk.practice, desk.actor, shown)[1] if shown else None
            new = renewal.look_at(desk.practice, desk.actor, waiting)[1] if waiting else None
            return (pixels_of(now) if now else []), (pixels_of(new) if new else [])

        try:
            now, new = await desk.act(read)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self.now.preview.show(now)
        self.new.preview.show(new)
        self.new.display = bool(new)

    # -- acting ----------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter hands the picture in."""
        event.stop()
        self.action_hand_in()

    def action_hand_in(self) -> None:
        """Hand in the picture whose path is typed."""
        if self.acting or self.is_hosted:
            return
        try:
            path = read_path(self.path.value)
        except HelpspaceError as error:
            self.refuse(error)
            return
        self.acting = True
        self._hand_in(path)

    @work(group="act", exit_on_error=False)
    async def _hand_in(self, path: Path) -> None:
        desk = self.desk

        def call() -> str:
            raw = read_upload(path)
            return renewal.renew_picture(desk.practice, desk.actor, desk.actor.id, path.name, raw)

        try:
            with self.status.patience():
                await desk.act(call)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.path.value = ""
            self.look()
            self.status.done("Handed in. The team looks at it and writes to you.")
        finally:
            self.acting = False

    def action_choose(self) -> None:
        """Choose the picture from a list; never where the machine is somebody else's."""
        if not self.is_hosted:
            self.app.push_screen(PickerModal(self.folder, pictures=True), self._chosen)

    def _chosen(self, path: Path | None) -> None:
        if path is not None:
            self.folder = path.parent
            self.path.value = str(path)
            self.path.focus()

    def action_back(self) -> None:
        self.leave()


def _check_joined(desk: Desk) -> None:
    """Refuse where the team entered somebody: there is no application that a picture goes with."""
    try:
        application.application(desk.practice, desk.actor, desk.actor.id)
    except NotFound:
        support = desk.practice.settings.support_email
        whom = plain(support) if support else "them"
        raise NotAllowed(
            "The team entered you, so you have no application", f"Send the picture to {whom}."
        ) from None


def _outcome(one: RenewalView | None, zone: str, now: int) -> tuple[str, str]:
    """Return what became of the last picture that was handed in, and in which style to say it."""
    if one is None:
        return "A new one is shown once the team has accepted it.", "$grid-quiet"
    at = moments.show(one.decided_at or one.created_at, zone, reference=now)
    if one.state == "waiting":
        return f"… waiting for the team, handed in {at}", "$primary"
    if one.state == "rejected":
        return f"! came back: {one.reason}", "$warning"
    return f"✓ accepted {at}", "$success"
