"""A practice lived through for a year, with its money at the sandbox's Stripe.

Every client has a session a week at the same wall time. What becomes of each is drawn by chance:
held, cancelled by either in time or late, moved, not attended, waived, declined in every way, paid
by a tap, given back at once or later. People act at moments of their own, the jobs when something
is due.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE, instant_of
from helpspace.core.payments import paying
from helpspace.core.policy import Party, State
from helpspace.core.store.tables import Appointment, Payment, Refund
from tests import makers
from tests.jobs.world import PAYS, World
from tests.soak.year_pages import agree_ahead

MONDAY = datetime(2026, 3, 9)  # noqa: DTZ001 - a wall time
FEES = (6000, 4555, 7033, 9999, 30, 5201, 8850, 6667)
FATES = {
    "held": 56, "cancelled_free": 6, "cancelled_late": 5, "cancelled_paid": 3,
    "therapist_early": 3, "therapist_paid": 4, "refund_later": 1, "moved_early": 3,
    "moved_for_client": 2, "moved_then_cancelled": 2, "not_attended": 3, "waived_paid": 1,
    "absent_therapist": 1, "short_of_money": 3, "lost_card": 2, "approval": 2, "owed_to_the_end": 1,
    "owed_then_waived": 1, "short_notice": 1,
}  # fmt: skip
"""What becomes of a session, and how often in a hundred."""


class Year:
    """The people, what they will do, and the loop that lets time pass."""

    def __init__(self, world: World, *, seed: int, therapists: int, clients: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.did: Counter[str] = Counter()
        self.foreseen = 0
        """Pence that the money screens said would be charged until the next night, all together."""
        self._plans: list[tuple[int, int, Callable[[], object]]] = []
        self._number = itertools.count()
        self._turns = itertools.count(1)
        self.pairs: list[tuple[Actor, Actor, int]] = []
        world.bank.pay_out_daily()
        for one in range(therapists):
            fee = FEES[one % len(FEES)]
            self._meet(one, fee, clients)

    def _meet(self, number: int, fee: int, clients: int) -> None:
        """A therapist and their clients, each of whom has booked a first session."""
        world = self.world
        therapist = world.therapist(
            f"T{number}",
            initial_fee=0 if number % 4 == 3 else fee,
            follow_up_fee=fee,
            proofs_until=makers.NOW + 900 * DAY,
        )
        for place in range(clients):
            client = world.client(PAYS)
            self.pairs.append((therapist, client, place))
            start = instant_of(MONDAY + self._place(place), LONDON)
            session = makers.session(world.practice, therapist, client, start)
            self._destiny(session, therapist, client)

    @staticmethod
    def _place(place: int) -> timedelta:
        """A client's place in the week: a weekday and an hour of the morning."""
        return timedelta(days=place % 5, hours=9 + place // 5)

    # Time

    def at(self, instant: int, act: Callable[[], object]) -> None:
        """Plan something for an instant."""
        heapq.heappush(self._plans, (instant, next(self._number), act))

    def live(self, weeks: int) -> None:
        """Let so many weeks pass, and what is left of them come to rest."""
        for week in range(1, weeks + 1):
            book_at = instant_of(MONDAY + timedelta(weeks=week - 2, hours=31), LONDON)
            for therapist, client, place in self.pairs:
                start = instant_of(MONDAY + timedelta(weeks=week) + self._place(place), LONDON)
                self.at(book_at, self._book(therapist, client, start))
            self.at(book_at, self._look_ahead)
        while self._plans or self._due() is not None:
            self._step()
        self.world.clock.advance(5 * DAY)
        booking.complete_past(self.world.practice)
        self._settle()

    def _due(self) -> int | None:
        with self.world.practice.reading() as view:
            found = view.sql("SELECT min(next_at) FROM payment WHERE next_at IS NOT NULL")
        return None if found[0][0] is None else int(found[0][0])

    def _step(self) -> None:
        """Go on to what comes next: a plan of somebody's, or something due for the jobs."""
        due = self._due()
        coming = [self._plans[0][0]] if self._plans else []
        clock = self.world.clock
        clock.move_to(max(clock.now(), min([*coming, *([] if due is None else [due])])))
        if due is not None and due <= clock.now():
            self._settle()
        while self._plans and self._plans[0][0] <= clock.now():
            _, _, act = heapq.heappop(self._plans)
            act()

    def _settle(self) -> None:
        if next(self._turns) % 50 == 0:
            booking.complete_past(self.world.practice)
        self.world.charge()

    def _look_ahead(self) -> None:
        """Have every therapist look at what is charged until tomorrow night."""
        for therapist in dict.fromkeys(therapist for therapist, _, _ in self.pairs):
            self.foreseen += agree_ahead(self.world, therapist.id)

    # People

    def _book(self, therapist: Actor, client: Actor, start: int) -> Callable[[], None]:
        def book() -> None:
            fate = self.chance.choices([*FATES], [*FATES.values()])[0]
            if fate == "short_notice":
                self.at(start - 20 * HOUR, lambda: self._follow_up(therapist, client, start, fate))
            else:
                self._follow_up(therapist, client, start, fate)

        return book

    def _follow_up(self, therapist: Actor, client: Actor, start: int, fate: str) -> None:
        practice = self.world.practice
        self.did["booked"] += 1
        session = makers.follow_up(practice, therapist, client, start)
        self._destiny(session, therapist, client, fate)

    def _destiny(
        self, session: Any, therapist: Actor, client: Actor, fate: str | None = None
    ) -> None:
        """Plan what becomes of a session."""
        if fate is None or fate == "held":
            return
        Destiny(self, session, therapist, client).plan(fate)

    def tries(self, what: str, act: Callable[[], object]) -> Callable[[], None]:
        """An act that the rules may refuse; both are counted."""

        def do() -> None:
            try:
                act()
            except HelpspaceError as refusal:
                self.did[f"{what} refused: {type(refusal).__name__}"] += 1
            else:
                self.did[what] += 1

        return do

    def rows(self, model: Any) -> list[dict[str, Any]]:
        return self.world.rows(model)


class Destiny:
    """One session's fate: who does what, and when."""

    def __init__(self, year: Year, session: Any, therapist: Actor, client: Actor) -> None:
        self.year = year
        self.world = year.world
        self.session = session
        self.therapist = therapist
        self.client = client

    def plan(self, fate: str) -> None:
        act = getattr(self, fate, None)
        if act is not None:
            act()

    def _at(self, instant: int, what: str, act: Callable[[], object]) -> None:
        self.year.at(instant, self.year.tries(what, act))

    def _between(self, first: int, last: int) -> int:
        return self.year.chance.randint(first, max(first, last))

    def _in_time(self) -> int:
        until = self.session.free_until
        return self._between(max(self.world.clock.now(), until - 3 * DAY), until)

    def _late(self) -> int:
        return self._between(self.session.free_until + 61, self.session.start - MINUTE)

    def _cancel(self, actor: Actor) -> Callable[[], object]:
        return lambda: booking.cancel(self.world.practice, actor, self.session.id)

    def _answers(self, *words: str) -> Callable[[], None]:
        """Lay out what the client's bank says next."""
        return lambda: self.world.bank.card_answers(self.world.card_of(self.client), words)

    # Cancelling

    def cancelled_free(self) -> None:
        self._at(self._in_time(), "cancelled free", self._cancel(self.client))

    def cancelled_late(self) -> None:
        at = self.session.free_until + self._between(1, 59)
        self._at(at, "cancelled late", self._cancel(self.client))

    def cancelled_paid(self) -> None:
        self._at(self._late(), "cancelled after it was paid", self._cancel(self.client))

    def therapist_early(self) -> None:
        self._at(self._in_time(), "therapist cancelled early", self._cancel(self.therapist))

    def therapist_paid(self) -> None:
        self._at(self._late(), "therapist cancelled paid", self._cancel(self.therapist))

    def refund_later(self) -> None:
        """The refund is on its way for some days."""

        def cancel() -> None:
            self.world.bank.refund_answers(["pending"])
            booking.cancel(self.world.practice, self.therapist, self.session.id)

        at = self._late()
        self._at(at, "refund pending", cancel)
        self._at(at + 2 * DAY, "refund finished", self._finish_refunds)

    def _finish_refunds(self) -> None:
        bank = self.world.bank
        for row in self.year.rows(Refund):
            if row["state"] == "pending" and bank.get(row["stripe_id"])["status"] == "pending":
                bank.finish_refund(row["stripe_id"], ok=True)

    # Moving

    def _move(self, hours: int, asked_by: Party) -> Callable[[], object]:
        return lambda: booking.move(
            self.world.practice,
            self.therapist,
            self.session.id,
            self.session.start + hours * HOUR,
            asked_by=asked_by,
        )

    def moved_early(self) -> None:
        self._at(self._in_time(), "moved early", self._move(6, Party.THERAPIST))

    def moved_for_client(self) -> None:
        self._at(self._late(), "moved for the client", self._move(6, Party.CLIENT))

    def moved_then_cancelled(self) -> None:
        """Paid, moved by the therapist, and cancelled in the new free time (M10)."""
        at = self.session.free_until + 2 * HOUR
        self._at(at, "moved paid", self._move(4 * 24 + 6, Party.THERAPIST))
        self._at(at + DAY, "cancelled after a move", self._cancel(self.client))

    # After the session

    def not_attended(self) -> None:
        act = lambda: booking.no_show(  # noqa: E731
            self.world.practice, self.therapist, self.session.id
        )
        self._at(self.session.end + HOUR, "not attended", act)

    def waived_paid(self) -> None:
        self._at(self.session.end + DAY, "waived paid", self._waive)

    def _waive(self) -> None:
        booking.waive(self.world.practice, self.therapist, self.session.id)

    def absent_therapist(self) -> None:
        practice, ident = self.world.practice, self.session.id
        self._at(
            self.session.end + HOUR,
            "absence reported",
            lambda: booking.report_absence(practice, self.client, ident),
        )
        self._at(
            self.session.end + DAY,
            "absence agreed",
            lambda: booking.answer_absence(practice, self.therapist, ident, agreed=True),
        )

    # Declined

    def _before_the_charge(self, *words: str) -> None:
        self._at(self.session.free_until, "bank " + words[0], self._answers(*words))

    def short_of_money(self) -> None:
        self._before_the_charge("insufficient_funds")

    def lost_card(self) -> None:
        self._before_the_charge("lost_card")
        again = lambda: self.world.type_card(self.client, PAYS)  # noqa: E731
        self._at(self.session.free_until + 5 * HOUR, "new card", again)

    def approval(self) -> None:
        self._before_the_charge("authentication_required")
        self._at(self.session.free_until + 7 * HOUR, "approved by a tap", self._tap)

    def _tap(self) -> None:
        """The client taps, the bank asks, the client approves (M6)."""
        self._answers("authentication_required")()
        practice = self.world.practice
        tapped = paying.pay(practice, self.world.stripe, self.client, self.session.id)
        assert tapped.outcome is paying.Outcome.BANK, tapped
        with practice.reading() as view:
            text = "SELECT stripe_id FROM intent WHERE appointment_id = ? AND state = 'open'"
            ((intent,),) = view.sql(text, self.session.id)
        assert self.world.bank.approve(intent).ok
        paying.returned(practice, intent)

    def owed_to_the_end(self) -> None:
        self._before_the_charge(*["insufficient_funds"] * 3)

    def owed_then_waived(self) -> None:
        self._before_the_charge("lost_card")
        self._at(self.session.end + DAY, "waived unpaid", self._waive)
        again = lambda: self.world.type_card(self.client, PAYS)  # noqa: E731
        self._at(self.session.end + 2 * DAY, "new card later", again)


def unpaid(year: Year) -> dict[str, str]:
    """Return the payments that came to nothing, by appointment."""
    ends = ("failed", "needs_approval")
    return {
        row["appointment_id"]: row["status"] for row in year.rows(Payment) if row["status"] in ends
    }


def states(year: Year) -> Counter[State]:
    """Return how many appointments ended in which state."""
    return Counter(State(row["state"]) for row in year.rows(Appointment))
