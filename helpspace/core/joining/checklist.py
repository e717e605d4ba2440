"""The checklist of publishing: each gate of P1, and how to mend what is missing (J1)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import moments, policy
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.joining.course import CHAPTERS
from helpspace.core.moments import pounds
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import bookable_slots, why_hidden
from helpspace.core.store.tables import Application, Chapter, Claim, Therapist


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of P1: whether it holds, what is so, and what to do when it does not.

    `code` is that of `policy.WHY_HIDDEN`.
    """

    code: str
    open: bool
    title: str
    words: str
    fix: str = ""
    waits: bool = False
    """Whether something else comes first: the team, or another gate."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Every gate in the order in which they are passed."""

    gates: tuple[Gate, ...]
    zone: str

    @property
    def visible(self) -> bool:
        """Whether clients find the profile now."""
        return all(gate.open for gate in self.gates)

    @property
    def words(self) -> str:
        """The state in one sentence."""
        missing = [gate for gate in self.gates if not gate.open]
        if not missing:
            return "Your profile is published: clients can find you."
        if len(missing) == 1:
            return f"Your profile is hidden: {policy.WHY_HIDDEN[missing[0].code]}."
        return f"Your profile is hidden: {len(missing)} things are missing."


def checklist(practice: Practice, actor: Actor, therapist_id: str) -> Checklist:
    """Return what stands between a therapist and clients, for themselves or the team (J1, P1)."""
    if actor.role not in ("team", "therapist"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    with practice.reading() as view:
        row = the_therapist(view, therapist_id)
        shut = why_hidden(view, row)
        gates = tuple(_gate(view, row, code, code not in shut) for code in policy.WHY_HIDDEN)
    return Checklist(gates, row.zone)


def _gate(view: View, row: Therapist, code: str, is_open: bool) -> Gate:
    title = _TITLES[code]
    if is_open:
        return Gate(code, True, title, _good(view, row, code))
    words, fix, waits = _bad(view, row, code)
    return Gate(code, False, title, words, fix, waits)


_TITLES = {
    "not_approved": "Application",
    "suspended": "Good standing",
    "payments_not_enabled": "Payments",
    "course_not_completed": "Course",
    "proofs_expired": "Proofs",
    "no_minimum_notice": "Minimum notice",
    "switched_off": "Switched on",
    "no_bookable_slot": "Open slot",
}


def _good(view: View, row: Therapist, code: str) -> str:
    if code == "proofs_expired" and row.proofs_until is not None:
        until = moments.local_date(row.proofs_until - 1, row.zone)
        return f"Valid until {until.day} {until:%B %Y}: insurance and registration."
    if code == "no_minimum_notice" and row.notice_s is not None:
        if not row.notice_s:
            return "New clients can book until a slot begins."
        return f"New clients book at least {moments.show_minutes(row.notice_s)} ahead."
    if code == "no_bookable_slot":
        slots = bookable_slots(view, row)
        first = moments.show(slots[0].start_at, row.zone, reference=view.now)
        return f"{_counted(len(slots))} can be booked, the first on {first}."
    return {
        "not_approved": "The team has approved it.",
        "suspended": "You are not suspended.",
        "payments_not_enabled": "Stripe takes clients' fees for you.",
        "course_not_completed": "Every chapter is completed.",
        "switched_off": f"Clients pay {pounds(row.initial_fee)} for a first session.",
    }[code]


Bad = tuple[str, str, bool]
"""What is so, what to do, and whether something else comes first."""


def _bad(view: View, row: Therapist, code: str) -> Bad:
    if code == "not_approved":
        return _application(view, row)
    if code == "course_not_completed":
        done = {one.name for one in view.find_all(Chapter, "therapist_id = ?", row.id)}
        left = len([name for name in CHAPTERS if name not in done])
        words = f"{left} of {len(CHAPTERS)} chapters are to be completed."
        return words, "Open the course.", False
    if code == "no_bookable_slot":
        return _slots(view, row)
    if code == "proofs_expired":
        return _proofs(row)
    return {
        "suspended": ("The team has suspended you.", "Write to the team; they told you why.", True),
        "payments_not_enabled": (
            "Stripe cannot take clients' fees for you yet.",
            "Enable payments; Stripe says what it still asks."
            if row.status == "approved"
            else "They come after the approval.",
            row.status != "approved",
        ),
        "no_minimum_notice": (
            "No minimum notice is chosen.",
            "Choose one in your profile; 24h suits most.",
            False,
        ),
        "switched_off": (
            "You have switched your profile off.",
            "Switch it on again when you are back.",
            False,
        ),
    }[code]


def _application(view: View, row: Therapist) -> Bad:
    found = view.get(Application, row.id)
    state = "submitted" if found is None else str(found.state)
    if state == "draft":
        return "It is not handed in yet.", "Finish it and hand it in.", False
    if state == "returned":
        return "The team has returned it.", "Mend what came back and hand it in again.", False
    return "The team is looking at it.", "You get an e-mail when that is done.", True


def _proofs(row: Therapist) -> Bad:
    if row.proofs_until is None:
        words = "Insurance and registration are not on record yet."
        return words, "They come with the application's approval.", True
    until = moments.local_date(row.proofs_until - 1, row.zone)
    words = f"Insurance or registration was valid until {until.day} {until:%B %Y}."
    return words, "Hand in the new proof; the team looks at it.", False


def _slots(view: View, row: Therapist) -> Bad:
    """Say why no slot can be booked: none, all held just now, or all inside the notice (P2)."""
    ahead = "therapist_id = ? AND purpose = 'slot' AND state IN ('open', 'held') AND start_at > ?"
    there = view.find_all(Claim, ahead, row.id, view.now)
    count = _counted(len(there))
    if not there:
        return "No slot is open.", "Open one in the calendar: it publishes your profile.", False
    notice = row.notice_s
    if notice is None:
        return f"{count} cannot be booked.", "Choose a minimum notice first.", True
    far = [one for one in there if policy.slot_is_bookable(one.start_at, notice, view.now)]
    if far:
        words = f"{_counted(len(far))} {'is' if len(far) == 1 else 'are'} being booked now."
        wait = "a time that is not booked is free again within 33 minutes."
        return words, f"Open another one, or wait: {wait}", False
    lie = "lies" if len(there) == 1 else "lie"
    words = f"{count} {lie} inside your notice of {moments.show_minutes(notice)}."
    return words, "Open one that is further ahead, or choose a shorter notice.", False


def _counted(count: int) -> str:
    return f"{count} open slot{'' if count == 1 else 's'}"
