"""What Stripe asks of a therapist, and why it holds an account up, in plain words (J5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpspace.core.plain import plain

GONE = "access_withdrawn"
"""Our own code for an account to which Helpspace has no access any more."""

_PERSON = {
    "address": "your home address",
    "dob": "your date of birth",
    "email": "your e-mail address",
    "first_name": "your first name",
    "last_name": "your last name",
    "full_name_aliases": "other names you have used",
    "phone": "your phone number",
    "id_number": "your tax or identity number",
    "ssn_last_4": "your tax or identity number",
    "nationality": "your nationality",
    "political_exposure": "whether you hold a public office",
    "relationship": "your part in the business",
    "registered_address": "your registered address",
    "verification.document": "a photo of your passport or driving licence",
    "verification.additional_document": "a document that shows your home address",
    "verification.proof_of_liveness": "a photo of your face",
    "verification": "a proof of who you are",
}
_ELSE = {
    "business_profile.mcc": "what kind of work you do",
    "business_profile.product_description": "what you offer, in a sentence",
    "business_profile.url": "your website, or a description of what you offer",
    "business_profile.support_phone": "a phone number for questions about payments",
    "business_profile.support_email": "an e-mail address for questions about payments",
    "business_profile.support_address": "an address for questions about payments",
    "business_profile.name": "the name of your business",
    "business_profile": "details of your business",
    "business_type": "whether you work for yourself or as a company",
    "company.address": "your business address",
    "company.name": "the name of your business",
    "company.phone": "your business phone number",
    "company.tax_id": "your company number",
    "company.vat_id": "your VAT number",
    "company.verification.document": "a document about your business",
    "company": "details of your business",
    "external_account": "your bank account",
    "settings.payments.statement_descriptor": "the name on your clients' card statements",
    "settings": "a setting of your account",
    "tos_acceptance": "your agreement to Stripe's terms",
}
_PERSON_OF = re.compile(r"(individual|representative|owners|directors|executives|person_\w+)\.")
_AN_ID = re.compile(r"(?:^|(?<=[._]))(?:acct|person|interv|ba|card)_[A-Za-z0-9]+[._]?")

_REASONS = {
    GONE: "your Stripe account no longer gives Helpspace access",
    "action_required.requested_capabilities": "Stripe needs more details to turn payments on",
    "listed": "Stripe is comparing your details with a public list",
    "other": "Stripe is looking at your account",
    "platform_paused": "payments on this account have been paused",
    "rejected": "Stripe has turned this account down and gives no reason",
    "rejected.fraud": "Stripe suspects that the account is misused",
    "rejected.other": "Stripe has turned this account down and gives no reason",
    "rejected.incomplete_verification": "Stripe could not confirm who you are",
    "rejected.listed": "Stripe may not work with you, because of a public list",
    "rejected.platform_fraud": "the team has turned this account down",
    "rejected.platform_other": "the team has turned this account down",
    "rejected.platform_terms_of_service": "the team has turned this account down",
    "rejected.terms_of_service": "Stripe says that its terms do not allow this account",
    "requirements": "Stripe is waiting for details from you",
    "requirements.fields_needed": "Stripe is waiting for details from you",
    "requirements.past_due": "Stripe is waiting for details from you",
    "requirements.pending_verification": "Stripe is checking your details",
    "under_review": "Stripe is looking at your account",
}
_FAMILIES = ("action_required.", "rejected.", "requirements.")

CHECKING = ("requirements.pending_verification", "under_review", "listed", "other")
"""Reasons for which there is nothing to do but wait."""


def is_reason(code: str) -> bool:
    """Say whether a code tells why an account is held up, not what is asked."""
    return code in _REASONS or code.startswith(_FAMILIES)


def reason_words(codes: Sequence[str]) -> str | None:
    """Return why an account is held up, or None where nothing holds it up."""
    for code in codes:
        if is_reason(code):
            return _REASONS.get(code) or _REASONS.get(
                code.partition(".")[0], "Stripe is holding your account up"
            )
    return None


def asks_words(codes: Sequence[str]) -> tuple[str, ...]:
    """Return what Stripe asks, each thing once: the parts of an address are one thing."""
    return tuple(dict.fromkeys(ask_words(code) for code in codes if not is_reason(code)))


def ask_words(code: str) -> str:
    """Return one thing that Stripe asks; a code that is not known is softened into words."""
    own = _PERSON_OF.match(code)
    known, rest = (_PERSON, code[own.end() :]) if own else (_ELSE, code)
    parts = rest.split(".")
    for length in range(len(parts), 0, -1):
        words = known.get(".".join(parts[:length]))
        if words is not None:
            return words
    soft = re.sub(r"[^A-Za-z0-9]+", " ", _AN_ID.sub("", rest)).strip().lower()
    return f"something about “{plain(soft, 60)}”" if soft else "something more about you"
