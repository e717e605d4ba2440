"""Exercises in the calendar's own forms: opening a slot, booking a follow-up (chapters 5 and 7)."""

from __future__ import annotations

from textual.screen import Screen

from helpspace.core import booking, moments, profiles
from helpspace.core.errors import CannotBeBooked
from helpspace.core.joining.lessons import figures
from helpspace.core.moments import DAY, HOUR
from helpspace.tui.learn.exercise import Asked, Deed, Exercise, Question, Verdict
from helpspace.tui.learn.ground import Bench
from helpspace.tui.messages import Done, FollowUpBooked, SlotsOpened

_F = figures()


def _open_soon(bench: Bench) -> int:
    """Open a slot that lies inside the minimum notice and return its start."""
    start = bench.now + 8 * HOUR
    bench.open_slot(start)
    return start


def _seen(bench: Bench) -> tuple[int, ...]:
    """Return the starts that a client sees now; none while the profile is hidden (P3)."""
    try:
        _, slots = profiles.profile(bench.practice, bench.you.id)
    except CannotBeBooked:
        return ()
    return tuple(slot.start for slot in slots)


class SeenSoon(Question):
    """Does a slot inside the minimum notice publish? (P2, P3)."""

    _WHY = (
        "An open slot publishes only if it can be booked, and this one is inside your notice.",
        "",
        "There is nothing to press: a profile is visible as soon as everything is in place.",
    )

    def ask(self, bench: Bench) -> Asked:
        start = _open_soon(bench)
        at = moments.show(start, bench.zone)
        now = moments.show(bench.now, bench.zone)
        return Asked(
            f"It is {now}. Your minimum notice is {_F['notice']}, and everything else is in place."
            f" You have one open slot, on {at}.",
            "Do clients see your profile?",
            (
                "Yes: a slot is open",
                "No: the slot is nearer than my minimum notice",
                "No: I have to press “publish” first",
            ),
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        (one,) = chosen
        right = 0 if _seen(bench) else 1
        if one == right:
            return Verdict(True, "The slot stands in your calendar, but clients do not see it.")
        return Verdict(False, self._WHY[one])


class OpenSlot(Deed):
    """Open a slot that clients can book (C1, P2, P3)."""

    def ask(self, bench: Bench) -> Asked:
        _open_soon(bench)
        now = moments.show(bench.now, bench.zone)
        return Asked(
            f"It is {now} in a practice that exists only here. Your minimum notice is"
            f" {_F['notice']}. Press Enter: the form is the one of your own calendar.",
            "Open a slot that clients can book. See what the form says of the time it suggests.",
        )

    def form(self, bench: Bench) -> Screen[Done | None]:
        from helpspace.tui.screens.slot import SlotModal  # noqa: PLC0415 - after first paint

        return SlotModal(bench.desk, bench.now + 6 * HOUR)

    def judge(self, bench: Bench, done: Done) -> Verdict:
        if not isinstance(done, SlotsOpened) or not _seen(bench):
            return Verdict(
                False,
                f"That time is nearer than your minimum notice of {_F['notice']}, so clients do not"
                " see it; choose one that is further away.",
            )
        return Verdict(True, "With it your profile is visible; nothing else had to be pressed.")


class ClientSees(Question):
    """What a client sees of two slots, one of them inside the minimum notice."""

    def ask(self, bench: Bench) -> Asked:
        zone = bench.zone
        soon, later = _open_soon(bench), bench.now + 3 * DAY + HOUR
        bench.open_slot(later)
        bench.kept.update(soon=str(soon), later=str(later))
        near, far = moments.show(soon, zone), moments.show(later, zone)
        return Asked(
            f"It is {moments.show(bench.now, zone)}. Two slots are open: {near} and {far}. Your"
            f" minimum notice is {_F['notice']}.",
            "Which times does a client see in the chat?",
            (f"{near} and {far}", f"only {far}", f"only {near}"),
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        (one,) = chosen
        soon, later = int(bench.kept["soon"]), int(bench.kept["later"])
        offered = ((soon, later), (later,), (soon,))
        if offered[one] == _seen(bench):
            return Verdict(True, "Only what can be booked is shown, to everybody alike.")
        return Verdict(
            False,
            f"A client books at least {_F['notice']} ahead here, so nearer times are not shown.",
        )


_AFTER = 8 * DAY + 5 * HOUR
"""From the practice's Monday at 09:00 to Tuesday of the next week at 14:00."""


class NextWeek(Deed):
    """Book what was agreed on with a client (B2)."""

    def ask(self, bench: Bench) -> Asked:
        sam = bench.ground.add_client("Sam Taylor")
        begun = bench.now
        session = bench.book(sam, bench.open_slot(begun + DAY + HOUR))
        bench.ground.move_to(session.end)
        bench.kept.update(sam=sam.id, session=session.id, agreed=str(begun + _AFTER))
        agreed = moments.show(begun + _AFTER, bench.zone)
        return Asked(
            f"It is {moments.show(session.end, bench.zone)}, and your first session with Sam ends."
            f" You both want to go on, next week on {agreed}. Press Enter: the form suggests the"
            " same time in a week.",
            f"Book the follow-up for {agreed}.",
        )

    def form(self, bench: Bench) -> Screen[Done | None]:
        from helpspace.tui.screens.follow_up import FollowUpModal  # noqa: PLC0415 - when first wanted

        session = bench.session(bench.kept["session"])
        return FollowUpModal(bench.desk, session.start, bench.kept["sam"], later=True)

    def judge(self, bench: Bench, done: Done) -> Verdict:
        agreed = int(bench.kept["agreed"])
        if not isinstance(done, FollowUpBooked) or done.session.start != agreed:
            at = moments.show(agreed, bench.zone)
            return Verdict(
                False,
                f"You had agreed on {at}; the form shows day and time once more before you press"
                " Enter.",
            )
        return Verdict(True, "Booked: both of you get an e-mail, and Sam cannot move it.")


class FreeUntil(Question):
    """Until when the client cancels a follow-up free, as the core has stored it (M1)."""

    def ask(self, bench: Bench) -> Asked:
        sam = bench.ground.add_client("Sam Taylor")
        begun, you = bench.now, bench.you
        session = bench.book(sam, bench.open_slot(begun + DAY + HOUR))
        bench.ground.move_to(session.end)
        booked = booking.book_follow_up(bench.practice, you, you.id, sam.id, begun + _AFTER)
        bench.kept["session"] = booked.id
        zone = bench.zone
        return Asked(
            f"The follow-up with Sam stands: {moments.show(booked.start, zone)}. You booked it on"
            f" {moments.show(booked.booked_at, zone)}.",
            "Until when can Sam cancel it free?",
            tuple(moments.show(at, zone) for at in self._moments(bench)),
        )

    @staticmethod
    def _moments(bench: Bench) -> list[int]:
        session = bench.session(bench.kept["session"])
        return sorted(
            {
                session.booked_at + 2 * HOUR,
                session.free_until,
                session.start - DAY,
                session.start,
            }
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        (one,) = chosen
        session = bench.session(bench.kept["session"])
        if self._moments(bench)[one] == session.free_until:
            return Verdict(True, f"{_F['grace']} after that moment the fee is taken, once.")
        return Verdict(
            False,
            f"With more than {_F['window']} to go, cancelling is free until {_F['window']} before"
            f" the start; the {_F['afterthought']} are for follow-ups booked later than that.",
        )


EXERCISES = (
    Exercise("publishing", (SeenSoon(), OpenSlot(), ClientSees())),
    Exercise("follow-ups", (NextWeek(), FreeUntil())),
)
