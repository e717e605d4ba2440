"""What people and banks do elsewhere: on Stripe's own pages, and at the bank."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from helpspace.sandbox.stripe import (
    accounts,
    attempts,
    checkout,
    disputes,
    hosted,
    payouts,
    refunds,
)
from helpspace.sandbox.stripe.answers import copied
from helpspace.sandbox.stripe.cards import CardAnswer, CardResult, answer
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import Link, World


class People:
    """Everything that happens to the sandbox's state other than through the API."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.RLock()

    @contextmanager
    def turn(self) -> Iterator[World]:
        """One change of the state: first what time did by itself, last what follows an answer."""
        with self._lock:
            checkout.end_overdue(self._world)
            payouts.run_daily(self._world)
            try:
                yield self._world
            finally:
                while self._world.later:
                    self._world.later.popleft()()

    def get(self, ident: str) -> Obj:
        """A copy of any object, as the API would show it; KeyError if there is none."""
        with self.turn() as world:
            return copied(world.things[ident])

    def type_card(
        self,
        session_id: str,
        number: str,
        *,
        approve: bool = True,
        exp_month: int | None = None,
        exp_year: int | None = None,
        name: str | None = None,
    ) -> CardResult:
        """Type a test card on a session's page, and answer the bank if it asks."""
        result = self.begin_card(session_id, number, exp_month, exp_year, name)
        return self.finish_card(session_id, yes=approve) if result.needs_approval else result

    def begin_card(
        self,
        session_id: str,
        number: str,
        exp_month: int | None = None,
        exp_year: int | None = None,
        name: str | None = None,
    ) -> CardResult:
        """Type a test card only; `needs_approval` says that the bank asks next."""
        with self.turn() as world:
            session = hosted.session_of(world, session_id)
            if session is None:
                return CardResult(False, "There is no such page.", "session_not_found")
            return hosted.begin_card(world, session, number, exp_month, exp_year, name)

    def finish_card(self, session_id: str, *, yes: bool) -> CardResult:
        """Answer the bank about the card typed before."""
        with self.turn() as world:
            session = hosted.session_of(world, session_id)
            if session is None:
                return CardResult(False, "There is no such page.", "session_not_found")
            return hosted.finish_card(world, session, yes=yes)

    def approve(self, payment_intent_id: str, *, yes: bool = True) -> CardResult:
        """Answer the bank's page that a payment intent waits for."""
        with self.turn() as world:
            return attempts.approve(world, world.things[payment_intent_id], yes=yes)

    def approval_token(self, payment_intent_id: str) -> str | None:
        """What the address of the bank's page ends in, while the bank asks about a payment."""
        with self.turn() as world:
            return world.approvals.get(payment_intent_id)

    def card_answers(self, payment_method_id: str, answers: Sequence[str | CardAnswer]) -> None:
        """Lay out what a card's bank says to the next attempts, before its number decides again.

        Words: "ok", "authentication_required", "processing" (until `finish_processing`), an error
        code or a decline code. An approval on the bank's page gets an answer of its own.
        """
        with self.turn() as world:
            script = world.cards[payment_method_id].script
            script.extend(answer(one) if isinstance(one, str) else one for one in answers)

    def finish_processing(self, payment_intent_id: str, word: str = "ok") -> None:
        """The bank answers a payment that it had left processing."""
        with self.turn() as world:
            attempts.finish_processing(world, world.things[payment_intent_id], answer(word))

    def renew_card(self, payment_method_id: str, *, exp_month: int, exp_year: int) -> None:
        """The bank sends the holder a new card and tells Stripe."""
        with self.turn() as world:
            method = world.things[payment_method_id]
            previous = {"card": {name: method["card"][name] for name in ("exp_month", "exp_year")}}
            method["card"].update(exp_month=exp_month, exp_year=exp_year)
            world.emit("payment_method.automatically_updated", method, previous)

    def open_link(self, token: str) -> Link | str | None:
        """Visit an onboarding link: the link, or where to get a new one, or None if unknown."""
        with self.turn() as world:
            link = world.links.get(token)
            if link is not None and (link.opened or link.expires_at <= world.now):
                return link.refresh_url
            if link is not None:
                link.opened = True
            return link

    def use_link(self, token: str) -> Link | None:
        """Press a button on an onboarding page that was opened; once."""
        with self.turn() as world:
            link = world.links.get(token)
            if link is None or not link.opened or link.done:
                return None
            link.done = True
            return link

    def open_dashboard(self, token: str) -> str | None:
        """Visit a login link; the account that it opens, once."""
        with self.turn() as world:
            return world.dashboards.pop(token, None)

    def complete_onboarding(
        self, account_id: str, *, bank_details: bool = True, verified: bool = True
    ) -> None:
        """Fill in the onboarding; without `verified` Stripe is still checking."""
        with self.turn() as world:
            account = world.account(account_id)
            accounts.submit(world, account, bank_details=bank_details, verified=verified)

    def give_details(self, account_id: str, parts: Sequence[str], *, verified: bool = True) -> None:
        """Fill in some of the onboarding ("person", "bank", "document", "terms")."""
        if not set(accounts.GIVEN).issuperset(parts):
            raise ValueError(f"the parts are {', '.join(accounts.GIVEN)}")
        with self.turn() as world:
            account = world.account(account_id)
            accounts.submit_parts(world, account, set(parts), verified=verified)

    def ask_account(
        self, account_id: str, due: Sequence[str], *, within: int | None = None, held: bool = False
    ) -> None:
        """Stripe asks an account for more, `within` seconds; `held` stops it until then."""
        with self.turn() as world:
            deadline = None if within is None else world.now + within
            accounts.ask(world, world.account(account_id), list(due), deadline, held=held)

    def verify(self, account_id: str) -> None:
        """Stripe is content: charges, and payouts where there is a bank account."""
        with self.turn() as world:
            accounts.verify(world, world.account(account_id))

    def restrict(self, account_id: str, reason: str = "requirements.past_due") -> None:
        """Stripe holds an account up, for one of its `disabled_reason` words."""
        with self.turn() as world:
            accounts.restrict(world, world.account(account_id), reason)

    def deauthorise(self, account_id: str) -> None:
        """The owner of an account withdraws the platform's access."""
        with self.turn() as world:
            accounts.deauthorise(world, world.account(account_id))

    def open_dispute(self, charge_id: str, reason: str = "fraudulent") -> str:
        """A card holder disputes a charge; returns the dispute's id."""
        with self.turn() as world:
            return str(disputes.open_dispute(world, world.things[charge_id], reason)["id"])

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        """The bank decides a dispute."""
        with self.turn() as world:
            disputes.close_dispute(world, world.things[dispute_id], won=won)

    def refund_answers(self, answers: Sequence[str]) -> None:
        """How the next refunds go: "ok", "pending" (until `finish_refund`) or "failed" later."""
        if not refunds.OUTCOMES.issuperset(answers):
            raise ValueError(f"a refund ends {', '.join(sorted(refunds.OUTCOMES))}")
        with self.turn() as world:
            world.refund_plan.extend(answers)

    def finish_refund(self, refund_id: str, *, ok: bool) -> None:
        """A pending refund arrives or fails."""
        with self.turn() as world:
            refunds.finish(world, world.things[refund_id], ok=ok)

    def short_of_money(self, account_id: str, *, short: bool = True) -> None:
        """Whether an account's balance is too small to take transfers back."""
        with self.turn() as world:
            if short:
                world.short.add(account_id)
            else:
                world.short.discard(account_id)

    def pay_out(self, account_id: str = "", *, fails: bool = False, by_hand: bool = False) -> str:
        """Send an account's (or the platform's) money to its bank; returns the payout's id.

        Of one asked for `by_hand` Stripe does not say what is in it.
        """
        with self.turn() as world:
            return str(payouts.pay_out(world, account_id, fails=fails, by_hand=by_hand)["id"])

    def pay_out_daily(self) -> None:
        """From now on pay out to every account at midnight (UTC) what is available by then."""
        with self.turn() as world:
            payouts.begin_daily(world)
