"""The team asks settlement to look at a payment now, or to try it once more (M6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpspace.core.accounts import card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import payment_word, terms_of
from helpspace.core.errors import HelpspaceError, NotFound
from helpspace.core.moments import LONDON, show
from helpspace.core.payments.story import resolve
from helpspace.core.payments.tries import ENDED_AT_STRIPE, SOFT, came_to_nothing
from helpspace.core.payments.words import reason_words
from helpspace.core.policy import charge_from
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Attempt, Client, Intent, Payment, Refund

Ask = Literal["try", "look"]

LOOK = "To read back what Stripe holds, add --look."


class NothingToTry(HelpspaceError):
    """A payment for which there is nothing to try now (M6)."""

    title = "There is nothing to try"
    hint = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Asked:
    """What settlement is asked: to `try` to take the fee, or only to `look` what Stripe holds."""

    appointment_id: str
    ask: Ask
    payment: str
    amount_pence: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """What decides whether a try is allowed."""

    now: int
    row: Appointment
    payment: Payment
    client: Client
    intent: Intent | None
    last: Attempt | None
    refund: Refund | None

    @property
    def is_open(self) -> bool:
        """Whether something at Stripe could still take money, whatever is owed."""
        return self.intent is not None and self.intent.state in ("asked", "open")

    @property
    def other_card(self) -> bool:
        """Whether another card is on record than the one tried last."""
        return self.last is not None and self.last.card != self.client.card


def preview_retry(practice: Practice, actor: Actor, named: str, *, look: bool = False) -> Asked:
    """Return what settlement would be asked, refusing like asking does; for the team."""
    actor.must_be("team")
    with practice.reading() as view:
        return _decide(_read(view, resolve(view, named)), look=look)


def retry(practice: Practice, actor: Actor, named: str, *, look: bool = False) -> Asked:
    """Let the next sweep take up a payment at once, by its appointment's or its own id (M6).

    A soft decline is tried once more, also after the start; another card, the therapist's account
    and what is under way are taken up now instead of later. The same card after a hard decline, a
    bank that waits for the client and what is settled are refused with the reason. With `look`
    nothing is tried that would not be anyway. Raises NothingToTry or NotFound.
    """
    actor.must_be("team")
    with practice.change() as tx:
        rows = _read(tx, resolve(tx, named))
        asked = _decide(rows, look=look)
        values = {"next_at": tx.now, "changed_at": tx.now}
        if asked.ask == "try":
            values["asked_at"] = tx.now
        tx.set(Payment, "appointment_id = ?", rows.row.id, **values)
        tx.audit(actor, "retry", "appointment", rows.row.id, ask=asked.ask)
        return asked


def _read(view: View, appointment_id: str) -> _Rows:
    row, payment = view.get(Appointment, appointment_id), view.get(Payment, appointment_id)
    client = None if row is None else view.get(Client, row.client_id)
    if row is None or payment is None or client is None:
        raise NotFound
    intent = view.find(Intent, "appointment_id = ? AND state <> 'canceled'", row.id)
    tries: list[Attempt] = []
    refund = None
    if intent is not None:
        by_number = "intent_id = ? ORDER BY number DESC"
        tries = view.find_all(Attempt, by_number, intent.id)
        refund = view.find(Refund, f"{by_number} LIMIT 1", intent.id)
    last = next((one for one in tries if not came_to_nothing(one)), None)
    return _Rows(view.now, row, payment, client, intent, last, refund)


def _decide(rows: _Rows, *, look: bool) -> Asked:
    """Return what may be asked, or raise NothingToTry with the reason (M6)."""
    word = payment_word(rows.row, rows.payment, rows.now)
    ask: Ask = "look"
    if look and rows.is_open:
        return Asked(rows.row.id, ask, word, rows.row.fee)
    if word in ("none", "scheduled", "paid", "refunded", "waived", "disputed"):
        raise _settled(rows, word)
    if word == "refunding":
        _may_look_at_refund(rows)
    elif not look and word == "needs_approval" and not rows.other_card:
        raise NothingToTry(
            "The client's bank waits for the client's own approval",
            f"Only the client can give it, or another card. {LOOK}",
        )
    elif not look and word == "failed":
        ask = _after_failure(rows)
    return Asked(rows.row.id, ask, word, rows.row.fee)


def _settled(rows: _Rows, word: str) -> NothingToTry:
    if word == "scheduled":
        at = show(charge_from(terms_of(rows.row)), LONDON, reference=rows.now)
        return NothingToTry("The fee is not due yet", f"Look again after {at}: it is taken then.")
    titles = {
        "none": "Nothing is owed for this session",
        "paid": "This fee is paid already",
        "refunded": "This fee was paid and given back",
        "waived": "This fee was waived",
        "disputed": "The client's bank disputes this payment",
    }
    return NothingToTry(titles[word], "Look at its story: helpspace charges explain ID.")


def _may_look_at_refund(rows: _Rows) -> None:
    if rows.refund is not None and rows.refund.state == "failed":
        raise NothingToTry(
            "The refund failed for good", "Ask Stripe, and give it back to the client another way."
        )


def _after_failure(rows: _Rows) -> Ask:
    """Return what may be asked after a failure; a hard decline needs another card (M6)."""
    card = card_state(rows.client, rows.now)
    if rows.payment.reason == ENDED_AT_STRIPE:
        return "try"
    if rows.client.charges_stopped_at is not None:
        raise NothingToTry(
            "Charges to this client are stopped because of a dispute",
            f"When it is settled: helpspace clients resume-charges {rows.client.id}",
        )
    if (rows.payment.reason or "").startswith("account:"):
        return "look"
    if card != "ok":
        lacks = "has no card on record" if card == "missing" else "has a card that has expired"
        raise NothingToTry(f"The client {lacks}", "Ask for another: it is tried at once.")
    last = rows.last
    if last is None or rows.other_card or last.outcome != "declined":
        return "look"
    if last.code in SOFT:
        return "try"
    raise NothingToTry(
        f"This card is not tried again, because {reason_words(last.code)}",
        f"Ask the client for another card: it is tried at once. {LOOK}",
    )
