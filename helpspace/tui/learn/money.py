"""Exercises on money: when a fee is taken, and what cancelling means (chapters 3 and 8)."""

from __future__ import annotations

from helpspace.core import booking, moments, policy
from helpspace.core.actors import Actor
from helpspace.core.joining.lessons import figures
from helpspace.core.moments import DAY, HOUR, pounds
from helpspace.core.policy import Consequence, Party
from helpspace.tui.learn.exercise import Asked, Exercise, Question, Verdict
from helpspace.tui.learn.ground import Bench

_F = figures()


def _booked(bench: Bench, start: int) -> None:
    """Let Sam book a first session at an instant."""
    sam = bench.ground.add_client("Sam Taylor")
    session = bench.book(sam, bench.open_slot(start))
    bench.kept.update(sam=sam.id, session=session.id)


class ChargeMoment(Question):
    """When is the fee taken? The ground's clock is moved on until it is (M1, M2a, B3a)."""

    def __init__(self, ahead: int, story: str, why: str) -> None:
        self._ahead = ahead
        self._story = story
        self._why = why

    def _moments(self, bench: Bench) -> list[int]:
        """The instants to choose from, in their order."""
        session = bench.session(bench.kept["session"])
        at = session.booked_at + policy.CHARGE_GRACE
        later = policy.charge_from(session.terms)
        found = {at, later, policy.reminder_moment(session.start, bench.zone), session.end}
        return sorted(found)

    def ask(self, bench: Bench) -> Asked:
        now = bench.now
        _booked(bench, now + self._ahead)
        session = bench.session(bench.kept["session"])
        zone = bench.zone
        story = self._story.format(
            now=moments.show(now, zone),
            start=moments.show(session.start, zone),
            fee=pounds(session.fee_pence),
        )
        names = {
            policy.charge_from(session.terms): "once cancelling is no longer free",
            session.booked_at + policy.CHARGE_GRACE: "right after the booking",
            policy.reminder_moment(session.start, zone): "with the reminder",
            session.end: "when the session is over",
        }
        answers = []
        for at in self._moments(bench):
            word = f" ({names[at]})" if at in names else ""
            answers.append(f"{moments.show(at, zone)}{word}")
        return Asked(story, f"When are the {pounds(session.fee_pence)} taken?", tuple(answers))

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        (one,) = chosen
        asked = self._moments(bench)
        if "paid" not in bench.kept:
            bench.kept["paid"] = str(self._first_paid(bench, asked))
        session = bench.session(bench.kept["session"])
        until = moments.show(session.free_until, bench.zone)
        if asked[one] == int(bench.kept["paid"]):
            at = moments.show(asked[one], bench.zone)
            return Verdict(True, f"The clock was moved on: at {at} the payment reads “paid”.")
        return Verdict(False, self._why.format(until=until, grace=_F["grace"]))

    @staticmethod
    def _first_paid(bench: Bench, asked: list[int]) -> int:
        """Move the clock on and return the first instant by which the money was taken."""
        for at in asked:
            bench.ground.move_to(at)
            if bench.session(bench.kept["session"]).paid_pence:
                return at
        return asked[-1]


_EARLY = ChargeMoment(
    4 * DAY + HOUR,
    "It is {now}. Sam books a first session with you on {start}; the fee is {fee}, and Sam's card"
    " is on record.",
    "Sam can cancel free until {until}; the fee is taken once, {grace} after that moment.",
)
_LATE = ChargeMoment(
    DAY + HOUR,
    "It is {now} again, and this time Sam books a first session for tomorrow, {start}; the fee is"
    " {fee}.",
    f"Inside {_F['window']} a first session has no free time to cancel, so it is charged the same"
    " day, and the button said so.",
)


_NOTHING, _FULL, _HALF, _BACK = range(4)


class Cancelled(Question):
    """Who cancels, and how long before: the learner predicts, the core decides (M2–M4)."""

    def __init__(self, party: Party, hours: int) -> None:
        self._party = party
        self._hours = hours

    def ask(self, bench: Bench) -> Asked:
        start = bench.now + 4 * DAY + HOUR
        _booked(bench, start)
        bench.ground.move_to(start - self._hours * HOUR)
        session, zone = bench.session(bench.kept["session"]), bench.zone
        fee = pounds(session.fee_pence)
        so_far = "is paid already" if session.paid_pence else "is not charged yet"
        at, now = moments.show(start, zone), moments.show(bench.now, zone)
        story = (
            f"Sam's session is on {at}. It is {now} now, {self._hours} hours before the start."
            f" The fee of {fee} {so_far}."
        )
        who = "You cancel" if self._party is Party.THERAPIST else "Sam cancels"
        return Asked(
            story,
            f"{who} now. What does that mean for the money?",
            (
                "Nothing is charged",
                f"Sam pays the full fee of {fee}",
                f"Sam pays half of it, {pounds(session.fee_pence // 2)}",
                f"Sam gets the {fee} back in full",
            ),
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        (one,) = chosen
        practice, session_id = bench.practice, bench.kept["session"]
        client = self._party is Party.CLIENT
        actor = Actor.client(bench.kept["sam"], "course") if client else bench.you
        found = booking.preview_cancel(practice, actor, session_id)
        if one != outcome(found):
            return Verdict(False, self._why(found))
        _, found = booking.cancel(practice, actor, session_id, shown_owed_pence=found.owed_pence)
        bench.ground.move_to(bench.now + HOUR)
        paid = pounds(bench.session(session_id).paid_pence)
        return Verdict(True, f"It was just cancelled, and in the end Sam has paid {paid}.")

    @staticmethod
    def _why(found: Consequence) -> str:
        if found.by is Party.THERAPIST:
            return (
                "When you cancel before the start, the client pays nothing in the end: what was"
                " paid goes back in full, and what was not is never charged."
            )
        if found.late:
            return (
                f"Later than {_F['window']} before the start, a client who cancels owes the full"
                " fee; what was paid stays with you."
            )
        return f"Until {_F['window']} before the start a client cancels free: nothing is charged."


def outcome(found: Consequence) -> int:
    """Return which of the answers a consequence is."""
    if found.refund_pence:
        return _BACK
    if found.owed_pence == found.fee_pence:
        return _FULL
    return _NOTHING if found.owed_pence == 0 else _HALF


_SIDES = tuple(
    Cancelled(party, hours) for hours in (49, 47) for party in (Party.CLIENT, Party.THERAPIST)
)
"""An hour on either side of the decision window, for each of the two people."""

EXERCISES = (
    Exercise("payments", (_EARLY, _LATE)),
    Exercise("cancelling", _SIDES),
)
