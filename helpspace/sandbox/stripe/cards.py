"""The test cards, by number, and what a card answers when it is saved or charged.

Only these numbers are accepted anywhere, so nobody's real card can be typed into the sandbox.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field

OK = "ok"
ASKS = "authentication_required"
PROCESSING = "processing"


@dataclass(frozen=True)
class CardAnswer:
    """What the bank says to one attempt; `code` is "ok" or Stripe's error code."""

    code: str = OK
    decline_code: str | None = None
    advice_code: str | None = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the money came."""
        return self.code == OK


# word: (error code, decline code, advice, what the card holder is told)
ANSWERS: dict[str, tuple[str, str | None, str | None, str]] = {
    OK: (OK, None, None, ""),
    ASKS: (ASKS, ASKS, None, "The bank asks the card holder to approve this payment."),
    PROCESSING: (PROCESSING, None, None, ""),
    "insufficient_funds": (
        "card_declined",
        "insufficient_funds",
        "try_again_later",
        "The card does not have enough money on it.",
    ),
    "generic_decline": (
        "card_declined",
        "generic_decline",
        "try_again_later",
        "The card was declined.",
    ),
    "lost_card": ("card_declined", "lost_card", "do_not_try_again", "The card was declined."),
    "stolen_card": ("card_declined", "stolen_card", "do_not_try_again", "The card was declined."),
    "expired_card": ("expired_card", None, "do_not_try_again", "The card has expired."),
    "incorrect_cvc": (
        "incorrect_cvc",
        None,
        "confirm_card_data",
        "The card's security code is wrong.",
    ),
    "incorrect_number": (
        "incorrect_number",
        None,
        "confirm_card_data",
        "This is not a number of a test card.",
    ),
    "processing_error": (
        "processing_error",
        None,
        "try_again_later",
        "The bank could not be reached; try again in a little while.",
    ),
}


def answer(word: str, advice_code: str | None = None) -> CardAnswer:
    """The answer for a word: "ok", an error code or a decline code; unknown words decline."""
    code, decline, advice, message = ANSWERS.get(
        word, ("card_declined", word, None, "The card was declined.")
    )
    return CardAnswer(code, decline, advice_code or advice, message)


@dataclass(frozen=True)
class Card:
    """One test number: what saving it answers, and what each charge after that answers."""

    number: str
    does: str
    saving: str = OK
    charging: str = OK
    brand: str = "visa"
    disputes: bool = False

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number, telling nothing of it."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


CARDS: dict[str, Card] = {
    card.number: card
    for card in (
        Card("4242424242424242", "is saved and pays"),
        Card("5555555555554444", "is saved and pays (Mastercard)", brand="mastercard"),
        Card("4000002500003155", "asks for approval once, then pays", saving=ASKS),
        Card("4000002760003184", "asks for approval at every payment", saving=ASKS, charging=ASKS),
        Card("4000000000000341", "is saved, then declines", charging="generic_decline"),
        Card(
            "4000008260003178",
            "asks for approval, is saved, then has no money",
            saving=ASKS,
            charging="insufficient_funds",
        ),
        Card("4000000000000259", "pays, then the holder disputes it", disputes=True),
        Card("4000000000009995", "cannot be saved: no money", saving="insufficient_funds"),
        Card("4000000000000069", "cannot be saved: expired", saving="expired_card"),
        Card("4000000000000002", "cannot be saved: declined", saving="generic_decline"),
        Card("4000000000009987", "cannot be saved: lost", saving="lost_card"),
        Card("4000000000000127", "cannot be saved: wrong code", saving="incorrect_cvc"),
        Card("4000000000000119", "cannot be saved: bank away", saving="processing_error"),
    )
}


@dataclass(frozen=True)
class TypedCard:
    """A test card as somebody typed it on a hosted page."""

    card: Card
    exp_month: int
    exp_year: int
    name: str | None


@dataclass
class HeldCard:
    """A card behind a payment method, and the answers that a test has laid out for it."""

    card: Card
    set_up: bool
    detached: bool = False
    script: deque[CardAnswer] = field(default_factory=deque)

    def next_answer(self, *, approved: bool = False) -> CardAnswer:
        """What the bank says now: first what a test laid out, then what the number stands for.

        `approved` says that the holder has just approved this very payment.
        """
        if self.script:
            return self.script.popleft()
        if approved:
            return answer(OK if self.card.charging == ASKS else self.card.charging)
        if not self.set_up and self.card.saving != OK:
            return answer(self.card.saving)
        return answer(self.card.charging)


def find_card(typed: str) -> Card | None:
    """The test card that somebody typed, blanks and dashes aside."""
    return CARDS.get("".join(mark for mark in typed if mark.isascii() and mark.isdigit()))


@dataclass(frozen=True)
class CardResult:
    """How a hosted page ended, or that the bank's page comes next."""

    ok: bool
    message: str
    code: str = ""
    needs_approval: bool = False
    redirect: str | None = None
