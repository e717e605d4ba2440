"""Every refusal a person can meet: what happened, and what to do next, in one place."""

from __future__ import annotations


class HelpspaceError(Exception):
    """A refusal or failure told in two short sentences: a title and a hint with the next step."""

    title = "That did not work"
    hint = "Nothing was changed; please try again."

    def __init__(self, title: str | None = None, hint: str | None = None) -> None:
        self.title = title or type(self).title
        self.hint = hint or type(self).hint
        super().__init__(f"{self.sentence} {self.hint}")

    @property
    def sentence(self) -> str:
        """The title with its stop; a question keeps its own mark."""
        return self.title if self.title.endswith("?") else f"{self.title}."


class NotFound(HelpspaceError):
    """What one may not see answers exactly like what does not exist (A1)."""

    title = "There is no such entry"
    hint = "Look it up in the list and try again."


class NotAllowed(HelpspaceError):
    """An act that is nobody's in this role, whatever id is named (A1)."""

    title = "That is not yours to do"
    hint = "Nothing was changed."


class Invalid(HelpspaceError):
    """A value that cannot be taken as it stands."""

    title = "That cannot be right"
    hint = "Correct it and try again."


class NoSuchTime(Invalid):
    """A wall time that the clock change skips (C5)."""

    title = "That time does not exist"
    hint = "The clocks go forward then; choose a time an hour earlier or later."


class TimeOccursTwice(Invalid):
    """A wall time that the clock change repeats, and nobody said which one is meant (C5)."""

    title = "That time happens twice"
    hint = "The clocks go back then; say which one by its offset."


class Overlap(HelpspaceError):
    """Claimed time in the way (C2)."""

    title = "Something else is there already"
    hint = "Choose another time, or free that one first."


class SlotTaken(HelpspaceError):
    """Somebody was quicker, or the slot is gone (C4)."""

    title = "That time has just gone"
    hint = "Nothing was booked or charged; please choose another time."


class NoticeTooShort(HelpspaceError):
    """Inside the therapist's minimum notice (B1)."""

    title = "That time is too soon to book"
    hint = "Nothing was booked; please choose a later time."


class TermsChanged(HelpspaceError):
    """What was shown on the button is not what would be booked now (M7a)."""

    title = "The terms have changed since you looked"
    hint = "Nothing was booked; please look at them again."


class AlreadyWithTherapist(HelpspaceError):
    """One live initial session per client and therapist, ever (B5)."""

    title = "You already have a first session with this person"
    hint = "Further sessions are booked for you in the session itself."


class TooManyAhead(HelpspaceError):
    """At most three future initial sessions and holds per client (B5)."""

    title = "You have three first sessions ahead already"
    hint = "Cancel one of them to book another."


class OwnOverlap(HelpspaceError):
    """A client cannot book over their own live appointment (C3)."""

    title = "You have a session at that time already"
    hint = "Nothing was booked; please choose another time."


class NotYourClient(HelpspaceError):
    """Follow-ups are only for clients with a live appointment or an accepted invitation (B2)."""

    title = "You cannot book this person"
    hint = "Choose a client who has a session with you and has not ended the work together."


class CannotBeBooked(HelpspaceError):
    """New initial sessions are closed for this therapist just now (P1)."""

    title = "No space at the moment"
    hint = "Nothing was booked; please look for somebody else."


class TooLate(HelpspaceError):
    """After the start nobody cancels (M2, M3)."""

    title = "This session has started"
    hint = "It can no longer be cancelled; the fee can still be waived."


class AlreadyCancelled(HelpspaceError):
    """A cancelled appointment stays as it was cancelled."""

    title = "This session is cancelled already"
    hint = "Nothing was changed."


class BeingCharged(HelpspaceError):
    """The card is being charged, or its client is at the bank's page; the end is open (M5, M10)."""

    title = "The fee is being taken just now"
    hint = "Nothing was changed; try again in a few minutes, when the bank has answered."


class NothingToWaive(HelpspaceError):
    """A fee that nobody owes, or that was waived before (M9)."""

    title = "There is no fee to waive"
    hint = "Nothing was changed."


class Changed(HelpspaceError):
    """Somebody else changed the thing since it was shown."""

    title = "This has changed since you looked"
    hint = "Nothing was done; look again and decide."


class Busy(HelpspaceError):
    """The store is held by somebody else for too long."""

    title = "The store is busy"
    hint = "Nothing was changed; please try again in a moment."


class StoreFault(HelpspaceError):
    """The store cannot be used as it is."""

    title = "The store cannot be used"
    hint = "Run `helpspace store check`."


class SettingsFault(HelpspaceError):
    """A setting that cannot be worked with."""

    title = "A setting is wrong"
    hint = "Run `helpspace doctor`."


class OutsideFault(HelpspaceError):
    """Stripe, Telegram or mail did not answer as needed, for an act a person is waiting for."""

    title = "The other side did not answer"
    hint = "Nothing was lost; please try again in a minute."


class KeyFault(OutsideFault):
    """Stripe cannot be asked with the key there is; waiting does not help, the team does (A5)."""

    title = "Stripe cannot be asked with this key"
    hint = "Run `helpspace doctor`."
