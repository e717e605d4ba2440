"""Stripe's hosted pages: type a card, approve at the bank, onboard an account, read a receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpspace.sandbox.stripe.balance import total
from helpspace.sandbox.stripe.cards import CardResult
from helpspace.sandbox.stripe.html import (
    Page,
    card_fields,
    card_list,
    form,
    go,
    link,
    page,
    refusal,
    text,
    ticked,
)
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.people import People
from helpspace.sandbox.stripe.state import Link

Form = Mapping[str, str]

PARTS = {
    "person": "Name, date of birth, address and phone",
    "document": "A photo of a passport or driving licence",
    "bank": "Bank account",
    "terms": "Agreement to Stripe's terms",
}
"""The parts of the onboarding form."""


def visit(people: People, method: str, path: str, sent: Form) -> Page:
    """Answer a browser: GET shows a page, POST does what its button says."""
    steps = [step for step in path.split("/") if step]
    match (method, *steps):
        case ("GET", "pay", ident):
            return _card_page(people, ident)
        case ("POST", "pay", ident):
            return _type_card(people, ident, sent)
        case ("POST", "pay", ident, "bank"):
            return _after_card(people, ident, people.finish_card(ident, yes=_yes(sent)))
        case ("GET", "approve", intent, token):
            return _approval_page(people, intent, token)
        case ("POST", "approve", intent, token):
            return _approve(people, intent, token, sent)
        case ("GET", "onboard", token):
            return _onboarding_page(people, token)
        case ("POST", "onboard", token):
            return _onboard(people, token, sent)
        case ("GET", "dashboard", token):
            return _dashboard(people, token)
        case ("GET", "receipt", ident):
            return _receipt(people, ident)
    return _nothing()


def _nothing() -> Page:
    return page("Nothing here", text("There is no such page."), status=404)


def _yes(sent: Form) -> bool:
    return sent.get("do") == "approve"


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.2f}"


def _thing(people: People, ident: str, kind: str) -> Obj | None:
    try:
        thing = people.get(ident)
    except KeyError:
        return None
    return thing if thing["object"] == kind else None


def _card_page(people: People, ident: str, wrong: str = "") -> Page:
    """The form for a card, or what became of the page."""
    session = _thing(people, ident, "checkout.session")
    if session is None:
        return _nothing()
    if session["status"] != "open":
        said = "This page has done its work." if session["status"] == "complete" else "Too late."
        return page(
            "This page is closed",
            text(f"{said} It is {session['status']}."),
            link(session["cancel_url"], "Go back"),
        )
    setup = session["mode"] == "setup"
    title = "Put a card on record" if setup else f"Pay {_pounds(session['amount_total'])}"
    note = (session["custom_text"].get("submit") or {}).get("message", "")
    return page(
        title,
        refusal(wrong),
        text(note) if note else "",
        form(f"/pay/{ident}", {"save": "Save card" if setup else "Pay"}, card_fields()),
        link(session["cancel_url"], "Back without a card"),
        card_list(),
        status=422 if wrong else 200,
    )


def _type_card(people: People, ident: str, sent: Form) -> Page:
    """A card was typed; a slip of the fingers is told before any bank is asked."""
    if _thing(people, ident, "checkout.session") is None:
        return _nothing()
    expiry = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(?:20)?(\d{2})\s*", sent.get("expiry", ""))
    if expiry is None or not 1 <= int(expiry[1]) <= 12:
        return _card_page(people, ident, "Write the expiry as month / year, for example 12/34.")
    if not re.fullmatch(r"\s*\d{3,4}\s*", sent.get("cvc", "")):
        return _card_page(people, ident, "The security code has three digits.")
    result = people.begin_card(
        ident,
        sent.get("number", ""),
        int(expiry[1]),
        2000 + int(expiry[2]),
        sent.get("name") or None,
    )
    if result.needs_approval:
        return page(
            "Your bank asks",
            text("Is it you who puts this card on record?"),
            form(f"/pay/{ident}/bank", {"approve": "Approve", "decline": "Decline"}),
        )
    return _after_card(people, ident, result)


def _after_card(people: People, ident: str, result: CardResult) -> Page:
    if result.redirect is not None:
        return go(result.redirect)
    return _card_page(people, ident, result.message)


def _approval_page(people: People, ident: str, token: str) -> Page:
    """The bank's page for one payment; an older link of the same payment is no good any more."""
    intent = _thing(people, ident, "payment_intent")
    if intent is None:
        return _nothing()
    if people.approval_token(ident) != token:
        return page("Nothing to approve", text(f"This payment is {intent['status']}."))
    return page(
        "Your bank asks",
        text(f"Do you approve a payment of {_pounds(intent['amount'])}?"),
        form(f"/approve/{ident}/{token}", {"approve": "Approve", "decline": "Decline"}),
        link(_way_back(intent), "Leave without an answer"),
    )


def _way_back(intent: Obj) -> str | None:
    """Where somebody goes who leaves the bank's page: nothing is decided by that."""
    action = intent["next_action"] or {}
    back: str | None = action.get("redirect_to_url", {}).get("return_url")
    return back


def _approve(people: People, ident: str, token: str, sent: Form) -> Page:
    if _thing(people, ident, "payment_intent") is None or people.approval_token(ident) != token:
        return _approval_page(people, ident, token)
    result = people.approve(ident, yes=_yes(sent))
    if result.redirect is not None:
        return go(result.redirect)
    return page("Paid" if result.ok else "Not paid", text(result.message))


def _onboarding_page(people: People, token: str) -> Page:
    """The way in: one visit within five minutes, later ones are sent to ask for a new link."""
    found = people.open_link(token)
    if found is None:
        return _nothing()
    if isinstance(found, str):
        return go(found)
    return page(
        "Tell Stripe about yourself",
        text("On the real page you would type these. Untick what you want to leave due."),
        form(
            f"/onboard/{token}",
            {
                "submit": "Hand in what is ticked",
                "complete": "Complete everything",
                "checking": "Complete, Stripe still checks",
                "no_bank": "Leave bank details missing",
                "restrict": "Be restricted by Stripe",
                "leave": "Leave without finishing",
            },
            [ticked(name, label) for name, label in PARTS.items()],
        ),
    )


def _onboard(people: People, token: str, sent: Form) -> Page:
    found: Link | None = people.use_link(token)
    if found is None:
        return page("This page is closed", text("Ask for a new link."), status=410)
    what = sent.get("do", "leave")
    if what == "submit":
        parts = [name for name in PARTS if sent.get(name) == "yes"]
        people.give_details(found.account, parts)
    elif what in {"complete", "no_bank", "checking"}:
        people.complete_onboarding(
            found.account, bank_details=what != "no_bank", verified=what != "checking"
        )
    elif what == "restrict":
        people.restrict(found.account)
    return go(found.return_url)


def _dashboard(people: People, token: str) -> Page:
    """What a therapist sees at Stripe; each login link opens once."""
    account_id = people.open_dashboard(token)
    if account_id is None:
        return _nothing()
    account = people.get(account_id)
    with people.turn() as world:
        there = total(world, account_id)
    able = [name for name in ("charges", "payouts") if account[f"{name}_enabled"]]
    return page(
        "Your Stripe account",
        text(f"Enabled: {', '.join(able) or 'nothing yet'}."),
        text(f"Balance: {_pounds(there)}."),
    )


def _receipt(people: People, ident: str) -> Page:
    charge = _thing(people, ident, "charge")
    if charge is None or charge["status"] != "succeeded":
        return _nothing()
    back = charge["amount_refunded"]
    return page(
        "Receipt",
        text(f"Paid: {_pounds(charge['amount'])}."),
        text(f"Given back: {_pounds(back)}.") if back else "",
    )
