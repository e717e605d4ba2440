"""The profile's editor: a form, and what clients see of it as it is typed."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.errors import Changed, HelpspaceError, Invalid
from helpspace.core.joining import profile
from helpspace.core.joining.profile_fields import FIELDS, field_of
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.messages import ProfileSaved
from helpspace.tui.profile import words
from helpspace.tui.profile.rows import Row
from helpspace.tui.screens.base import ActingPanel, Panel

WIDE = 110
"""Columns from which on the preview stands beside the form."""


class Scroller(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls by the editor's own keys and the mouse; the fields take the focus."""


class ProfileEditor(ActingPanel):
    """Every field, explicitly saved; refuses to overwrite what was changed elsewhere."""

    HEADING = "Your profile"
    PLACE = Place.PROFILE
    BINDINGS = bindings(Place.PROFILE)
    DEFAULT_CSS = """
    ProfileEditor {
        & > .panel {
            width: 100%; height: 100%; padding: 0 1; overflow-y: hidden;
        }
        .heading { margin-bottom: 0; }
        .body { height: 1fr; }
        .sides { height: 1fr; width: 1fr; }
        .form { width: 78; height: 1fr; scrollbar-size-vertical: 1; padding-right: 1; }
        .preview {
            width: 1fr; height: 1fr; scrollbar-size-vertical: 1; padding: 0 2;
            background: $grid-ground; color: $grid-text;
        }
        .preview > Static { height: auto; width: 1fr; }
        Row { margin-bottom: 1; }
        .note { height: auto; width: 1fr; color: $grid-quiet; }
        .about { height: 2; width: 1fr; color: $grid-quiet; }
        StatusLine { margin-top: 0; }
        &.-narrow .form { width: 1fr; }
        &.-narrow .preview { display: none; }
        &.-narrow.-looking .form { display: none; }
        &.-narrow.-looking .preview { display: block; }
    }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.draft = profile.profile_draft(desk.practice, desk.actor, desk.actor.id)
        self.rows = [Row(field, self.draft.texts[field.name]) for field in FIELDS]
        self.shown = Static(Content(""))
        self.about = Static(Content(""), classes="about")
        self.form = Scroller(*self.rows, Static(self._picture(), classes="note"), classes="form")
        self.preview = Scroller(self.shown, classes="preview")

    def _picture(self) -> Content:
        """Say how the picture is changed: clients see a new one once the team accepts it (J4)."""
        words = "F3 hands in a new one; the team looks at it first."
        return Content.assemble("Picture".ljust(16), words)

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.form, self.preview, classes="sides")
        yield self.about

    def compose(self) -> ComposeResult:
        self._fit(self.app.size.width)
        yield from super().compose()

    def on_mount(self) -> None:
        super().on_mount()
        self.rows[0].input.focus()
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size.width)
        self.keys.show(self.bar())

    def _fit(self, width: int) -> None:
        self.set_class(width < WIDE, "-narrow")

    def bar(self) -> list[tuple[Action, str]]:
        narrow, looking = self.has_class("-narrow"), self.has_class("-looking")
        shown = bar([Place.PROFILE], Under.FREE)
        return [
            (one, "form" if looking and one.id == "editor.preview" else word)
            for one, word in shown
            if narrow or one.id != "editor.preview"
        ]

    # -- what is typed ---------------------------------------------------------------------------

    @property
    def texts(self) -> dict[str, str]:
        """The answers as they are typed."""
        return {row.field.name: row.text for row in self.rows}

    @property
    def changes(self) -> dict[str, str]:
        """The answers that differ from what was read."""
        old = self.draft.texts
        return {name: text for name, text in self.texts.items() if text != old[name]}

    def look(self) -> None:
        """Show what clients would see now."""
        self.shown.update(words.preview(self.draft, self.draft.preview(self.texts)))

    def on_row_changed(self, event: Row.Changed) -> None:
        event.stop()
        self.status.clear()
        self.look()
        self._tell()

    def on_row_entered(self, event: Row.Entered) -> None:
        event.stop()
        self._tell(event.row)

    def _tell(self, row: Row | None = None) -> None:
        """Say what the field with the focus is for, or what is wrong with it."""
        here = row or next((one for one in self.rows if one.has_focus_within), self.rows[0])
        line, style = here.line
        named = Content.assemble((here.field.label, "bold"), "  ", (line, style))
        self.about.update(named)

    # -- acting ----------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Save what was changed, all of it or nothing."""
        wrong = next((row for row in self.rows if row.problem and self._counts(row)), None)
        if wrong is not None:
            self._show_form()
            wrong.input.focus()
            hint = wrong.problem or ""
            self.refuse(Invalid(f"{wrong.field.label} will not do yet", hint))
            return
        desk, changes, version = self.desk, self.changes, self.draft.version
        self.act(
            lambda: profile.change_profile(
                desk.practice, desk.actor, desk.actor.id, changes, version=version
            ),
            ProfileSaved,
        )

    def _counts(self, row: Row) -> bool:
        """Whether a wrong answer stands in the way: only one that was typed here."""
        return row.field.name in self.changes

    def refuse(self, error: HelpspaceError) -> None:
        """Say why nothing was saved; what was typed stays, also when it was changed elsewhere."""
        if isinstance(error, Changed):
            error = self._meet(error)
        super().refuse(error)

    def _meet(self, error: Changed) -> HelpspaceError:
        """Read afresh what was changed elsewhere; what is typed here stays and can be saved."""
        desk, old = self.desk, self.draft
        try:
            self.draft = profile.profile_draft(desk.practice, desk.actor, desk.actor.id)
        except HelpspaceError:
            return error
        theirs = [name for name, text in self.draft.texts.items() if text != old.texts[name]]
        for row in self.rows:
            name = row.field.name
            if name in theirs and row.text == old.texts[name]:
                row.show(self.draft.texts[name])
        labels = ", ".join(field_of(name).label for name in theirs) or "something"
        self.look()
        return Changed(
            f"Changed elsewhere: {labels}",
            "Nothing was saved. What you typed is still here: look again, then save.",
        )

    def action_preview(self) -> None:
        """Show the preview in place of the form, or the form again."""
        if not self.has_class("-narrow"):
            return
        self.toggle_class("-looking")
        if self.has_class("-looking"):
            self.look()
            self.set_focus(None)
        else:
            self.rows[0].input.focus()
        self.keys.show(self.bar())

    def _show_form(self) -> None:
        self.remove_class("-looking")
        self.keys.show(self.bar())

    def action_picture(self) -> None:
        """Hand in a new picture; what is typed here stays."""
        from helpspace.tui.profile.picture import PictureModal  # noqa: PLC0415 - when first wanted

        if self.acting:
            return
        try:
            modal = PictureModal(self.desk)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.app.push_screen(modal)

    def action_scroll(self, pages: int) -> None:
        """Scroll the preview, or the form where there is no preview."""
        hidden = self.has_class("-narrow") and not self.has_class("-looking")
        shown = self.form if hidden else self.preview
        (shown.scroll_page_down if pages > 0 else shown.scroll_page_up)(animate=False)

    def action_leave(self) -> None:
        """Leave; what is not saved is asked about once."""
        if self.acting:
            return
        if not self.changes:
            self.leave()
            return
        self.app.push_screen(LeaveModal(len(self.changes)), self._asked)

    def _asked(self, leaves: bool | None) -> None:
        if leaves:
            self.leave()


class LeaveModal(Panel[bool]):
    """Asks before what was typed is lost."""

    HEADING = "Leave without saving?"
    BINDINGS = bindings(Place.ASKING)

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def body(self) -> Iterable[Widget]:
        what = "One field is" if self._count == 1 else f"{self._count} fields are"
        yield Static(Content(f"{what} changed and not saved. What you typed there would be lost."))

    def bar(self) -> list[tuple[Action, str]]:
        said = {"asking.yes": "leave, lose it", "asking.no": "go on editing"}
        return [(one, said[one.id]) for one, _ in bar([Place.ASKING], Under.SESSION)]

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)
