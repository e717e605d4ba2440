"""Stories of money from a booking to its rest, told in steps that may be begun again (M1–M10).

A step is done by the practice's process, and once more by the next one if it was killed in it: so
it looks first, as people do who are not sure that it went through. What happens at the bank is a
step of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from helpspace.core import booking, cards, time_off
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import paying
from helpspace.core.payments.paying import Outcome
from helpspace.core.policy import Party
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    CardRequest,
    Client,
    Debt,
    Dispute,
    Intent,
    Ledger,
    Notice,
    Payment,
    Refund,
)
from helpspace.jobs import charges, roles
from tests import makers
from tests.core.invariants import always_bookings, always_money, always_notices, settled_money
from tests.jobs.weather import books
from tests.jobs.world import ASKS, PAYS, World

LATER = makers.SOON + 7 * DAY


class Life(World):
    """A practice whose people find each other by name, in whatever process."""

    known: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["known"][name]
        except KeyError:
            raise AttributeError(name) from None

    # Jobs

    def pass_(self, *jobs: str) -> None:
        """One pass of some jobs, and settlement as the one that settles, one case at a time."""
        if jobs:
            self.sweep(*jobs)
        roles.alone(
            self.practice,
            self.outside,
            lambda still: charges.sweep(
                self.practice,
                self.stripe,
                worker=self.practice.ids.new(),
                parallel=1,
                still=still,
            ),
        )

    def rest(self, longest: int, *jobs: str) -> None:
        """Let the jobs run until nothing more is due within a while."""
        until = self.clock.now() + longest
        for _ in range(100):
            self.pass_(*jobs)
            payments = self.rows(Payment)
            turns = [row["held_until" if row["holder"] else "next_at"] for row in payments]
            for queue in (CardRequest, Debt):
                turns += [row["next_at"] for row in self.rows(queue)]
            due = min((turn for turn in turns if turn is not None), default=None)
            if due is None or due > until:
                return
            self.clock.move_to(max(due, self.clock.now() + 1))
        rows = [(row["status"], row["next_at"], row["held_until"]) for row in self.rows(Payment)]
        raise AssertionError(f"settlement never comes to rest: {rows} at {self.clock.now()}")

    def state(self) -> str:
        return self.session_of(self.first).state

    def intent(self) -> str:
        """The payment of the first session at Stripe."""
        for row in self.bank.ledger():
            if row.metadata["appointment"] == self.first.id:
                return row.payment_intent
        raise AssertionError("there is no payment")


class Bank:
    """A step that happens at Stripe or at the bank, beside the practice."""

    def __init__(self, act: Callable[[Life], object]) -> None:
        self._act = act

    def __call__(self, life: Any) -> None:
        self._act(life)


Step = Callable[[Life], None]
Story = tuple[Step, ...]


# --- what there is before


def booked(card: str = PAYS) -> Callable[[Life], None]:
    """A session of £60 on Friday between Zoë and Sam."""

    def prologue(life: Life) -> None:
        first = life.booked(card)
        life.known.update(zoe=life.zoe, sam=life.sam, first=first)

    return prologue


def in_series(life: Life) -> None:
    """Three weekly sessions."""
    zoe, sam = life.therapist(), life.client(PAYS)
    makers.acquaint(life.practice, zoe, sam)
    plan = booking.plan_series(life.practice, zoe, zoe.id, sam.id, makers.SOON, 3)
    made = booking.book_series(life.practice, zoe, zoe.id, sam.id, makers.SOON, 3, accept=plan.free)
    life.known.update(zoe=zoe, sam=sam, first=made[0], series=made)


# --- what people and jobs do


def falls_due(life: Life) -> None:
    life.clock.move_to(life.first.free_until + MINUTE)
    life.rest(HOUR)


def cancels(who: str, when: Callable[[AppointmentView], int]) -> Step:
    """Cancelling counts from when it was received, however late it is carried out (M2a)."""

    def act(life: Life) -> None:
        at = when(life.session_of(life.first))
        life.clock.move_to(at)
        if life.state() == "booked":
            booking.cancel(life.practice, getattr(life, who), life.first.id, at=at)

    return act


def rests(longest: int, *jobs: str) -> Step:
    return lambda life: life.rest(longest, *jobs)


def moves(start: int) -> Step:
    def act(life: Life) -> None:
        if life.session_of(life.first).start != start:
            asked_by = Party.THERAPIST
            booking.move(life.practice, life.zoe, life.first.id, start, asked_by=asked_by)

    return act


def ends(life: Life) -> None:
    """The session is over."""
    life.clock.move_to(life.session_of(life.first).end + HOUR)
    life.rest(MINUTE)
    booking.complete_past(life.practice)


def waived(life: Life) -> None:
    if not life.rows(Payment)[0]["waived_at"]:
        booking.waive(life.practice, life.zoe, life.first.id)


def not_attended(life: Life) -> None:
    if life.state() != "no_show":
        booking.no_show(life.practice, life.zoe, life.first.id)


def reports_absence(life: Life) -> None:
    if not life.rows(Absence):
        booking.report_absence(life.practice, life.sam, life.first.id)


def admits_absence(life: Life) -> None:
    if not life.rows(Payment)[0]["waived_at"]:
        booking.answer_absence(life.practice, life.zoe, life.first.id, agreed=True)


def asks_for_page(life: Life) -> None:
    request = cards.ask_for_card(life.practice, life.sam)
    cards.page(life.practice, life.stripe, life.sam, request)


def is_back(life: Life) -> None:
    cards.look_now(life.practice, client_id=life.sam.id)
    life.rest(10 * MINUTE, "cards")


def taps(life: Life) -> None:
    """The client taps until the bank's page opens."""
    for _ in range(20):
        done = paying.pay(life.practice, life.stripe, life.sam, life.first.id)
        if done.outcome is Outcome.BANK:
            return
        assert done.outcome is Outcome.BUSY, done.outcome
        life.clock.advance(15)
    raise AssertionError("the bank's page never opens")


def takes_time_off(life: Life) -> None:
    """A week off from the second session on."""
    if not time_off.listed(life.practice, life.zoe, life.zoe.id):
        begin = life.series[1].start - DAY
        plan = time_off.plan(life.practice, life.zoe, life.zoe.id, begin, begin + 7 * DAY)
        span = (plan.start, plan.end)
        time_off.take(life.practice, life.zoe, life.zoe.id, *span, cancel=True, shown=plan)


def hears(life: Life) -> None:
    life.sweep("stripe-events", "disputes")
    life.rest(HOUR)


# --- what happens at the bank


def types_card(life: Life) -> None:
    with life.bank.turn() as world:
        pages = [one for one in world.all("checkout.session") if one["status"] == "open"]
    assert life.bank.type_card(pages[-1]["id"], PAYS).ok


def says(*answers: str) -> Bank:
    def act(life: Life) -> None:
        with life.bank.turn() as world:
            methods = [one["id"] for one in world.all("payment_method")]
        life.bank.card_answers(methods[0], answers)

    return Bank(act)


def approves(life: Life) -> None:
    assert life.bank.approve(life.intent()).ok


def short(yes: bool) -> Bank:
    def act(life: Life) -> None:
        account = str(life.bank.ledger()[0].destination)
        life.bank.short_of_money(account, short=yes)

    return Bank(act)


def disputes(life: Life) -> None:
    with life.bank.turn() as world:
        charge = world.all("charge")[0]["id"]
    life.bank.open_dispute(charge)


def after_charge(session: AppointmentView) -> int:
    return session.free_until + HOUR


REFUNDED = rests(2 * DAY)

STORIES: dict[str, tuple[Callable[[Life], None], Any]] = {
    "a plain charge": (booked(), (falls_due,)),
    "cancelled in time": (
        booked(), (cancels("sam", lambda one: one.free_until), falls_due)
    ),
    "cancelled late": (
        booked(), (cancels("sam", lambda one: one.free_until + 1), falls_due)
    ),
    "cancelled by the therapist": (
        booked(), (falls_due, cancels("zoe", after_charge), REFUNDED)
    ),
    "another card": (
        booked(),
        (says("lost_card"), falls_due, asks_for_page, Bank(types_card), is_back),
    ),
    "approved": (booked(ASKS), (falls_due, taps, Bank(approves), rests(2 * HOUR))),
    "never approved": (
        booked(ASKS),
        (falls_due, rests(2 * DAY), cancels("zoe", lambda one: one.start - 30 * MINUTE), REFUNDED),
    ),
    "short of money": (
        booked(),
        (
            falls_due, short(True), cancels("zoe", after_charge), rests(10 * MINUTE, "debts"),
            short(False), rests(DAY, "debts"),
        ),
    ),
    "moved": (
        booked(),
        (
            moves(makers.SOON + DAY), falls_due, rests(2 * DAY), moves(LATER),
            cancels("sam", lambda one: one.free_until), REFUNDED,
        ),
    ),
    "owed and waived": (booked(), (says("lost_card"), falls_due, ends, waived, rests(DAY))),
    "not attended": (booked(), (falls_due, ends, not_attended, rests(DAY))),
    "the therapist did not come": (
        booked(), (falls_due, ends, reports_absence, admits_absence, rests(DAY))
    ),
    "time off in a series": (
        in_series,
        (falls_due, takes_time_off, rests(20 * DAY)),
    ),
    "disputed": (booked(), (falls_due, Bank(disputes), hears, rests(DAY))),
}  # fmt: skip
"""What was there before, and the steps from there on."""


# --- how it ended


def settled_end(world: World) -> dict[str, Any]:
    """See that every rule was kept, and return what counts, without ids and times."""
    practice, stripe = world.practice, books(world)
    world.bank.check("appointment")
    disputed = world.rows(Dispute)
    always_bookings(practice)
    always_notices(practice)
    if not disputed:
        # What a bank takes back is in no invariant but that of the books.
        always_money(practice, stripe)
        settled_money(practice, stripe)
    world.clock.advance(1)
    assert reconcile(practice, world.stripe) == []
    sessions = sorted(world.rows(Appointment), key=lambda row: row["start_at"])
    places = {row["id"]: place for place, row in enumerate(sessions)}
    payments = {row["appointment_id"]: row for row in world.rows(Payment)}
    told = Counter(
        (str(places.get(row["appointment_id"])), row["event"], row["party"], row["channel"])
        for row in world.rows(Notice)
    )
    return {
        "sessions": [
            (
                row["state"], row["start_at"], row["sequence"], payments[row["id"]]["status"],
                payments[row["id"]]["reason"], payments[row["id"]]["waived_at"] is not None,
            )
            for row in sessions
        ],
        "ledger": sorted(
            (places[row["appointment_id"]], row["kind"], row["amount"], row["commission"],
             row["undoes"])
            for row in world.rows(Ledger)
        ),
        "notices": sorted([*key, count] for key, count in told.items()),
        "debts": [(row["amount"], row["state"]) for row in world.rows(Debt)],
        "disputes": [(row["amount"], row["status"]) for row in disputed],
        "refunds": sorted(row["state"] for row in world.rows(Refund) if row["stripe_id"]),
        "cards": [row["card"] is not None for row in world.rows(Client)],
        "open": sum(row["state"] in ("asked", "open") for row in world.rows(Intent)),
        "at Stripe": sorted(
            (places[row.metadata["appointment"]], row.gross, row.refunded, row.reversed,
             row.fee - row.fee_refunded)
            for row in world.bank.ledger() if row.gross
        ),
    }  # fmt: skip
