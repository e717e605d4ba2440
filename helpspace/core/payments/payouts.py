"""Payouts to a therapist's bank, and the sessions in each (M7).

Read from Stripe when somebody asks, and kept nowhere: what goes to a bank is between the therapist
and Stripe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.gateways import EntrySeen, PayoutSeen, StripeGateway
from helpspace.core.payments.figures import whose
from helpspace.core.payments.store_name import store_name
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Intent, Refund, Therapist

STATES = {
    "pending": "about to leave for the bank",
    "in_transit": "on its way to the bank",
    "paid": "paid to the bank",
    "failed": "sent back by the bank",
    "canceled": "cancelled",
}
"""Stripe's states of a payout, in words."""

BY_HAND = "Stripe does not say what is in a payout that was asked for by hand"
OTHER_CURRENCY = "not in pounds"

OTHERS = {
    "adjustment": "a correction by Stripe, such as a dispute",
    "advance": "an advance by Stripe",
    "advance_funding": "an advance by Stripe",
    "application_fee": "a commission of the account's own",
    "charge": "a payment that did not come through this practice",
    "payment": "a payment that did not come through this practice",
    "payment_failure_refund": "a payment from elsewhere that failed later",
    "payment_refund": "a refund of a payment that did not come through this practice",
    "payout_failure": "an earlier payout that the bank sent back",
    "refund": "a refund of a payment that did not come through this practice",
    "reserve_hold": "money that Stripe holds back for a while",
    "reserve_release": "money that Stripe had held back",
    "reserve_transaction": "money that Stripe holds back for a while",
    "reserved_funds": "money that Stripe holds back for a while",
    "stripe_fee": "a fee of Stripe for the account",
    "tax_fee": "a tax on Stripe's fees",
    "topup": "money that was put in from a bank",
    "transfer": "money that was passed on outside a session",
}
"""What is in a payout and belongs to no session, in words, by Stripe's type."""


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A session's money in a payout, in pence; a refund is negative.

    `fee_pence` is the platform's commission that was kept of it, negative when it came back.
    """

    appointment_id: str
    start: int
    what: str
    amount_pence: int
    fee_pence: int

    @property
    def net_pence(self) -> int:
        """What of it went to the bank."""
        return self.amount_pence - self.fee_pence


@dataclass(frozen=True, slots=True)
class OtherMoney:
    """What is in a payout and belongs to no session here, in words; pence after fees."""

    words: str
    net_pence: int


@dataclass(frozen=True, slots=True)
class PayoutView:
    """A payout for its therapist and the team; instants in UTC epoch seconds.

    Sessions and others add up to `amount_pence`, unless `note` says why they are not known.
    """

    id: str
    therapist_id: str
    state: str
    state_words: str
    amount_pence: int
    created_at: int
    arrives_at: int
    sessions: tuple[PaidOut, ...]
    others: tuple[OtherMoney, ...]
    note: str | None

    @property
    def fees_pence(self) -> int:
        """The commission kept of its sessions."""
        return sum(one.fee_pence for one in self.sessions)


@dataclass(frozen=True, slots=True)
class _Ours:
    """What the store knows of the payments and refunds of some payouts."""

    name: str
    intents: dict[str, str]
    refunds: dict[str, str]
    starts: dict[str, int]


def payouts(
    practice: Practice,
    stripe: StripeGateway | None,
    actor: Actor,
    *,
    since: int,
    therapist_id: str | None = None,
) -> list[PayoutView]:
    """Return payouts since an instant, newest first: a therapist's own, or for the team anybody's.

    Asks Stripe, so it takes seconds; raises OutsideFault if Stripe is silent.
    """
    with practice.reading() as view:
        accounts = _accounts(view, whose(view, actor, therapist_id))
    if stripe is None:
        raise HelpspaceError("Stripe is not set up", "Set HELPSPACE_STRIPE_KEY.")
    seen = [(owner, one) for owner, account in accounts for one in stripe.payouts(account, since)]
    with practice.reading() as view:
        ours = _ours(view, [entry for _, one in seen for entry in one.entries or ()])
    found = [_view(ours, owner, one) for owner, one in seen]
    return sorted(found, key=lambda one: (-one.created_at, one.therapist_id, one.id))


def _accounts(view: View, therapist_id: str | None) -> list[tuple[str, str]]:
    """Return whose accounts are asked, as far as they are within reach."""
    query = Therapist.select().where(
        Therapist.account.is_null(False), Therapist.account_gone_at.is_null()
    )
    if therapist_id is not None:
        query = query.where(Therapist.id == therapist_id)
    return sorted((row.id, row.account) for row in view.rows(query))


def _ours(view: View, entries: Sequence[EntrySeen]) -> _Ours:
    """Look up the sessions behind movements by the ids that Stripe tells."""
    name = store_name(view)
    intents: dict[str, str] = {}
    for page in _pages(one.payment_intent for one in entries):
        rows = view.rows(Intent.select().where(Intent.stripe_id.in_(page)))
        intents.update({row.stripe_id: row.appointment_id for row in rows})
    refunds: dict[str, str] = {}
    for page in _pages(one.refund for one in entries):
        query = Refund.select(Refund, Intent).join(
            Intent, on=(Refund.intent_id == Intent.id), attr="intent"
        )
        rows = view.rows(query.where(Refund.stripe_id.in_(page)))
        refunds.update({row.stripe_id: row.intent.appointment_id for row in rows})
    named = [one.appointment_id for one in entries if one.store == name]
    starts: dict[str, int] = {}
    for page in _pages([*intents.values(), *refunds.values(), *named]):
        rows = view.rows(Appointment.select().where(Appointment.id.in_(page)))
        starts.update({row.id: row.start_at for row in rows})
    return _Ours(name, intents, refunds, starts)


def _pages(values: Iterable[str | None], size: int = 500) -> list[list[str]]:
    wanted = sorted({value for value in values if value})
    return [wanted[at : at + size] for at in range(0, len(wanted), size)]


def _view(ours: _Ours, therapist_id: str, seen: PayoutSeen) -> PayoutView:
    sessions: list[PaidOut] = []
    others: list[OtherMoney] = []
    for one in seen.entries or ():
        appointment_id = _appointment_of(ours, one)
        if appointment_id is None:
            words = OTHERS.get(one.kind, f"money of another kind ({plain(one.kind, 40)})")
            others.append(OtherMoney(words, one.amount - one.fee))
            continue
        what = "payment" if one.amount > 0 else "refund"
        start = ours.starts[appointment_id]
        sessions.append(PaidOut(appointment_id, start, what, one.amount, one.fee))
    note = BY_HAND if seen.entries is None else None
    if seen.currency != "gbp":
        note = f"{OTHER_CURRENCY}: {plain(seen.currency, 3)}"
    return PayoutView(
        id=seen.stripe_id,
        therapist_id=therapist_id,
        state=seen.status,
        state_words=STATES.get(seen.status, plain(seen.status, 40)),
        amount_pence=seen.amount,
        created_at=seen.created_at,
        arrives_at=seen.arrives_at,
        sessions=tuple(sorted(sessions, key=lambda one: (one.start, one.appointment_id))),
        others=tuple(others),
        note=note,
    )


def _appointment_of(ours: _Ours, entry: EntrySeen) -> str | None:
    """Return the session behind a movement: by its ids at Stripe, else by our own name on it."""
    found = ours.intents.get(entry.payment_intent or "") or ours.refunds.get(entry.refund or "")
    if found is None and entry.store == ours.name:
        found = entry.appointment_id
    return found if found in ours.starts else None
