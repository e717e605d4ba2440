"""Payments: the therapist's own account at Stripe, from onboarding to losing it again (J5).

Only Stripe's account state counts, never that somebody came back from a link. What leads into
Stripe's pages is made while the therapist waits and is kept nowhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from helpspace.core import hearing
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.gateways import AccountOrder, StripeGateway
from helpspace.core.joining.stripe_words import CHECKING, asks_words, reason_words
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.payments.store_name import store_name
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import ConnectedAccount, Therapist

SETTLED = 10 * MINUTE
"""After this long an account that was asked for and is not listed was never made: a new key then.

Stripe repeats a saved failure under the old key for a day, and forgets the key after it.
"""

MARGIN = DAY
"""How much earlier than the therapist came, by our own clock, an account is looked for."""

Step = Literal["wait", "begin", "go_on", "checking", "dashboard", "begin_again", "refused"]
"""What comes next: wait for approval; begin, go on with or begin anew what Stripe asks; wait while
Stripe checks; look into the dashboard; write to Stripe, which has turned the account down."""


@dataclass(frozen=True, slots=True)
class PaymentsState:
    """How a therapist stands with Stripe, as it was last read.

    `asks` and `reason` are words; `due_at` is until when Stripe asks it, `checked_at` when it was
    read; both UTC epoch seconds.
    """

    therapist_id: str
    step: Step
    account: str | None
    charges_enabled: bool
    payouts_enabled: bool
    asks: tuple[str, ...]
    reason: str | None
    due_at: int | None
    checked_at: int | None
    withdrawn: bool
    dashboard: bool
    """Whether the therapist's dashboard at Stripe can be opened."""

    @property
    def ready(self) -> bool:
        """Whether the therapist can be paid (J5)."""
        return self.charges_enabled and self.payouts_enabled

    @property
    def words(self) -> str:
        """How it stands and what to do next, in a sentence or two."""
        asked = f" Stripe asks for {_listed(self.asks)}." if self.asks else ""
        if self.step == "dashboard" and self.asks:
            return f"You can be paid. Soon needed:{asked}"
        if self.step == "go_on" and self.charges_enabled:
            return f"Clients can pay, but nothing reaches your bank yet.{asked}"
        return f"{_WORDS[self.step]}{asked}"


_WORDS: dict[Step, str] = {
    "wait": "Payments come once the team has approved your application.",
    "begin": "Payments are not set up yet: begin with Stripe.",
    "go_on": "Payments are not enabled: go on with Stripe.",
    "checking": "Stripe is checking your details; there is nothing to do but wait.",
    "dashboard": "You can be paid: charges and payouts are enabled.",
    "begin_again": "Your Stripe account no longer gives Helpspace access and cannot be used"
    " any more: begin again with Stripe.",
    "refused": "Stripe has turned your account down; write to Stripe's support about it.",
}


def _listed(things: tuple[str, ...]) -> str:
    return ", ".join(things[:-1]) + f" and {things[-1]}" if len(things) > 1 else things[0]


def payments(practice: Practice, actor: Actor, therapist_id: str) -> PaymentsState:
    """Return how a therapist stands with Stripe, for themselves or the team."""
    _check_reader(actor, therapist_id)
    with practice.reading() as view:
        return state_of(the_therapist(view, therapist_id))


def state_of(row: Therapist) -> PaymentsState:
    """Return how a therapist stands with Stripe, from what was last read."""
    codes = [plain(str(code), 120) for code in json.loads(row.requirements)]
    return PaymentsState(
        therapist_id=row.id,
        step=_step(row, codes),
        account=row.account,
        charges_enabled=bool(row.charges_enabled),
        payouts_enabled=bool(row.payouts_enabled),
        asks=asks_words(codes),
        reason=reason_words(codes),
        due_at=row.account_due_at,
        checked_at=row.account_checked_at,
        withdrawn=row.account_gone_at is not None,
        dashboard=bool(row.account_submitted and row.account_gone_at is None),
    )


def _step(row: Therapist, codes: list[str]) -> Step:
    if row.account is None:
        return "begin" if row.status == "approved" else "wait"
    if row.account_gone_at is not None:
        return "begin_again"
    if row.charges_enabled and row.payouts_enabled:
        return "dashboard"
    if any(code.startswith("rejected") for code in codes):
        return "refused"
    if not asks_words(codes) and (row.account_submitted or any(c in CHECKING for c in codes)):
        return "checking"
    return "go_on"


def look_again(
    practice: Practice, stripe: StripeGateway, actor: Actor, therapist_id: str
) -> PaymentsState:
    """Read the account at Stripe while somebody waits, and return how it stands.

    Raises OutsideFault when Stripe does not answer.
    """
    before = payments(practice, actor, therapist_id)
    if before.account is not None:
        hearing.account_seen(practice, therapist_id, stripe.look_at_account(before.account))
    return payments(practice, actor, therapist_id)


def begin_onboarding(
    practice: Practice, stripe: StripeGateway, actor: Actor, therapist_id: str
) -> str:
    """Return a link into Stripe's onboarding, for one visit within minutes.

    The account is made at the first time, and anew once Helpspace has lost access to it. However
    often it is interrupted there is one: its row is committed before Stripe is asked, the key stays
    the same, and whoever comes later looks for it before asking again (M5). Raises NotAllowed where
    there is nothing to be done at Stripe, OutsideFault when Stripe does not answer.
    """
    _check_owner(actor, therapist_id)
    _check_approved(practice, therapist_id)
    state = look_again(practice, stripe, actor, therapist_id)
    if state.ready and not state.asks:
        raise NotAllowed("Payments are enabled already", "Open your Stripe dashboard instead.")
    if state.step == "refused":
        raise NotAllowed(
            "Stripe has turned your account down", "Write to Stripe's support about it."
        )
    account = state.account
    if account is None or state.withdrawn:
        account = _account(practice, stripe, actor, therapist_id)
    link = stripe.onboarding_link(account)
    with practice.change() as tx:
        tx.set(
            Therapist,
            "id = ? AND account = ?",
            therapist_id,
            account,
            account_link_at=tx.now,
            account_next_at=tx.now + MINUTE,
        )
        tx.audit(actor, "onboard", "therapist", therapist_id)
    return link


def dashboard_link(
    practice: Practice, stripe: StripeGateway, actor: Actor, therapist_id: str
) -> str:
    """Return a link into the therapist's own dashboard at Stripe, for one visit.

    Raises NotAllowed before the details were handed in at Stripe.
    """
    _check_owner(actor, therapist_id)
    state = payments(practice, actor, therapist_id)
    if not state.dashboard:
        state = look_again(practice, stripe, actor, therapist_id)
    if not state.dashboard or state.account is None:
        raise NotAllowed("There is no dashboard yet", state.words)
    link = stripe.dashboard_link(state.account)
    with practice.change() as tx:
        tx.audit(actor, "dashboard", "therapist", therapist_id)
    return link


def _account(practice: Practice, stripe: StripeGateway, actor: Actor, therapist_id: str) -> str:
    """Return the account of a therapist who has none that can be used, making it if need be."""
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        if row is None:
            raise NotFound
        if row.account is not None and row.account_gone_at is None:
            return str(row.account)
        asked = _asked(tx, actor, row)
        order = _order(tx, row, asked)
    account = stripe.find_account(order)
    if account is None:
        order = _with_fresh_key(practice, therapist_id, asked.number)
        account = stripe.make_account(order)
    return _made(practice, actor, therapist_id, asked.number, account)


def _asked(tx: Tx, actor: Actor, row: Therapist) -> ConnectedAccount:
    """Return the account that is asked for, written down before Stripe is asked."""
    there = tx.find_all(ConnectedAccount, "therapist_id = ? ORDER BY number", row.id)
    waiting = [one for one in there if one.account is None]
    if waiting:
        return waiting[-1]
    number = len(there) + 1
    if row.account is not None and row.account not in {one.account for one in there}:
        _keep(tx, row, number)
        number += 1
    elif row.account is not None:
        tx.set(ConnectedAccount, "account = ?", row.account, gone_at=row.account_gone_at)
    tx.insert(
        ConnectedAccount,
        therapist_id=row.id,
        number=number,
        turn=1,
        asked_at=tx.now,
        created_at=tx.now,
    )
    tx.audit(actor, "ask", "account", row.id, number=number)
    return tx.find_all(ConnectedAccount, "therapist_id = ? AND number = ?", row.id, number)[0]


def _keep(tx: Tx, row: Therapist, number: int) -> None:
    """Keep the id of a lost account that was entered without being asked for here."""
    tx.insert(
        ConnectedAccount,
        therapist_id=row.id,
        number=number,
        account=row.account,
        turn=1,
        asked_at=row.created_at,
        created_at=row.created_at,
        gone_at=row.account_gone_at,
    )


def _order(view: View, row: Therapist, asked: ConnectedAccount) -> AccountOrder:
    name = store_name(view)
    return AccountOrder(
        therapist_id=row.id,
        email=plain(view.open(row.email_sealed, "therapist.email"), 254),
        key=f"{name}:account:{row.id}:{asked.number}:{asked.turn}",
        since=row.created_at - MARGIN,
        metadata={"store": name, "therapist": row.id, "number": str(asked.number)},
    )


def _with_fresh_key(practice: Practice, therapist_id: str, number: int) -> AccountOrder:
    """Return the order with another key once the one before cannot have any effect any more."""
    where = "therapist_id = ? AND number = ?"
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        asked = tx.find(ConnectedAccount, where, therapist_id, number)
        if row is None or asked is None:
            raise NotFound
        if asked.account is None and asked.asked_at <= tx.now - SETTLED:
            turn = asked.turn + 1
            tx.set(ConnectedAccount, where, therapist_id, number, turn=turn, asked_at=tx.now)
            asked.turn = turn
        return _order(tx, row, asked)


def _made(practice: Practice, actor: Actor, therapist_id: str, number: int, account: str) -> str:
    """Record a therapist's new account, before any link into it is made; the first one counts."""
    where = "therapist_id = ? AND number = ?"
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        asked = tx.find(ConnectedAccount, where, therapist_id, number)
        if row is None or asked is None:
            raise NotFound
        if asked.account is not None:
            return str(asked.account)
        tx.set(ConnectedAccount, where, therapist_id, number, account=account)
        tx.set(
            Therapist,
            "id = ?",
            therapist_id,
            account=account,
            charges_enabled=0,
            payouts_enabled=0,
            requirements="[]",
            account_submitted=0,
            account_gone_at=None,
            account_due_at=None,
            account_checked_at=None,
            account_next_at=tx.now,
        )
        tx.audit(actor, "make", "account", therapist_id, account=account, number=number)
        return account


def _check_reader(actor: Actor, therapist_id: str) -> None:
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)


def _check_owner(actor: Actor, therapist_id: str) -> None:
    """Refuse everybody but the therapist in person: Stripe asks for identity and bank."""
    _check_reader(actor, therapist_id)
    if actor.role != "therapist" or actor.by_whom is not None:
        raise NotAllowed(
            "Only the counsellor can deal with Stripe", "They do it in `helpspace tui`."
        )


def _check_approved(practice: Practice, therapist_id: str) -> None:
    with practice.reading() as view:
        if the_therapist(view, therapist_id).status != "approved":
            raise NotAllowed(
                "Your application is not approved yet", "Payments come after the team's approval."
            )
