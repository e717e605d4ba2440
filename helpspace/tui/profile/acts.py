"""What the calendar can do about the profile: acts, and what is said when they are done (P3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from helpspace.tui import messages
from helpspace.tui.outcomes import closed_words, opened_words
from helpspace.tui.part import Part

if TYPE_CHECKING:
    from textual.screen import Screen

    from helpspace.tui.desk import Desk
    from helpspace.tui.widgets.face import Face
    from helpspace.tui.widgets.status_line import StatusLine
    from helpspace.tui.widgets.week_grid import WeekGrid


class LastSlots(NamedTuple):
    """The last slots that were opened or closed here, for taking it back."""

    ids: tuple[str, ...]
    opened: bool


class ProfileActs(Part):
    """What a calendar is made from, which has a desk, a grid and a status line."""

    last_slots: LastSlots | None = None
    """What `u` takes back."""

    if TYPE_CHECKING:
        desk: Desk
        grid: WeekGrid
        view: WeekGrid | Face
        status: StatusLine

        def reload(self) -> None: ...
        def _ask(self, make: Callable[[], Screen[messages.Done | None]]) -> None: ...

    def action_profile_edit(self) -> None:
        """Edit the profile."""
        from helpspace.tui.profile.editor import ProfileEditor  # noqa: PLC0415 - after first paint

        self._ask(lambda: ProfileEditor(self.desk))

    def action_profile_checklist(self) -> None:
        """Show what stands between the therapist and clients."""
        from helpspace.tui.profile.checklist import ChecklistModal  # noqa: PLC0415 - when first wanted

        self.app.push_screen(ChecklistModal(self.desk), self._go_on)

    def _go_on(self, act: str | None) -> None:
        """Do what was chosen in the checklist."""
        if act is not None:
            self.call_later(self.run_action, act)

    def action_profile_holidays(self) -> None:
        """Ask before the profile is switched off, or on again."""
        from helpspace.tui.profile.holidays import HolidaysModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: HolidaysModal(self.desk))

    def action_profile_boundaries(self) -> None:
        """Set cap, break and minimum notice."""
        from helpspace.tui.profile.boundaries import BoundariesModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: BoundariesModal(self.desk))

    def action_profile_proofs(self) -> None:
        """Hand in a new proof."""
        from helpspace.tui.profile.proofs import ProofsModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: ProofsModal(self.desk))

    def action_profile_picture(self) -> None:
        """Hand in a new profile picture."""
        from helpspace.tui.profile.picture import PictureModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: PictureModal(self.desk))

    def action_profile_links(self) -> None:
        """Show the links to the profile and the calendar's address."""
        from helpspace.tui.profile.links import LinksModal  # noqa: PLC0415 - when first wanted

        self._ask(lambda: LinksModal(self.desk))

    # -- what happened ---------------------------------------------------------------------------

    def on_slots_opened(self, event: messages.SlotsOpened) -> None:
        """Put the cursor on what was opened, and say what it does to the profile (P3)."""
        self.last_slots = LastSlots(tuple(slot.id for slot in event.opened.slots), opened=True)
        self.reload()
        self.view.move_cursor_to(event.opened.slots[0].start)
        self.status.done(opened_words(event.opened, self.desk.therapist, self.desk.now()))

    def on_slot_closed(self, event: messages.SlotClosed) -> None:
        """Say what was closed, and whether that hides the profile (P3)."""
        self.last_slots = LastSlots((event.slot.id,), opened=False)
        was = self.desk.therapist.visible
        self.reload()
        hid = was and not self.desk.therapist.visible
        said = closed_words(event.slot, self.desk.therapist, self.desk.now(), hid=hid)
        self.status.done(said)

    def on_slots_taken_back(self, event: messages.SlotsTakenBack) -> None:
        """Say which slots are closed again, and with which something has happened."""
        from helpspace.tui.outcomes import taken_back_words  # noqa: PLC0415 - when first wanted

        self.last_slots = None
        was = self.desk.therapist.visible
        self.reload()
        hid = was and not self.desk.therapist.visible
        self.status.done(taken_back_words(event.done, self.desk.zone, self.desk.now(), hid=hid))

    def on_profile_saved(self, event: messages.ProfileSaved) -> None:
        """Say what was saved, and what that does to the profile."""
        from helpspace.tui.profile.words import saved_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(saved_words(event.saved))

    def on_boundaries_kept(self) -> None:
        """Say that the limits hold from now on."""
        self.reload()
        self.status.done("Kept: the forms say when a day goes beyond your boundaries.")

    def on_profile_switched(self, event: messages.ProfileSwitched) -> None:
        """Say what the switch for holidays did."""
        from helpspace.tui.profile.words import switched_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(switched_words(event.switched))
