"""Why a payment did not go through, in words for the person who pays (M6, N4)."""

from __future__ import annotations

NO_MONEY = "there was not enough money on the card"
TALK_TO_BANK = "the bank did not allow it and gave no reason"
CARD_ENDED = "the card can no longer be used"
BANK_AWAY = "the bank could not be reached"
LIMIT = "the card has reached its limit for now"
DETAILS = "the bank did not accept the card's details"
NO_SUCH_USE = "the card does not allow payments like this one"
APPROVAL = "the bank asks you to approve it"
NOT_APPROVED = "it was not approved on the bank's page"
ACCOUNT = "of a fault on the receiving side, not of your card"

_WORDS = {
    "canceled_at_stripe": "the team is making sure that the session stands",
    "charges_stopped": "the bank is looking into an earlier payment",
    "no_card": "there is no card on record",
    "card_unusable": "the card on record can no longer be used",
    "expired_card": "the card has expired",
    "insufficient_funds": NO_MONEY,
    "card_velocity_exceeded": LIMIT,
    "withdrawal_count_limit_exceeded": LIMIT,
    "processing_error": BANK_AWAY,
    "issuer_not_available": BANK_AWAY,
    "try_again_later": BANK_AWAY,
    "incorrect_cvc": DETAILS,
    "incorrect_number": DETAILS,
    "invalid_account": DETAILS,
    "invalid_expiry_year": DETAILS,
    "invalid_expiry_month": DETAILS,
    "card_not_supported": NO_SUCH_USE,
    "currency_not_supported": NO_SUCH_USE,
    "not_permitted": NO_SUCH_USE,
    "lost_card": CARD_ENDED,
    "stolen_card": CARD_ENDED,
    "pickup_card": CARD_ENDED,
    "restricted_card": CARD_ENDED,
    "authentication_required": APPROVAL,
    "payment_intent_authentication_failure": NOT_APPROVED,
}


def reason_words(code: str | None) -> str:
    """Return a reason to follow "It did not go through because …"; unknown codes stay general.

    A lost or stolen card is told like any other that has ended, as Stripe asks.
    """
    if code is not None and code.startswith("account:"):
        return ACCOUNT
    return _WORDS.get(code or "", TALK_TO_BANK)
