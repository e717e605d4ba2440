"""The card on record: seeing it, and changing it at Stripe."""

from __future__ import annotations

from helpspace.bot.screens.base import HOME, Screen, back, button, lines, link, paragraphs
from helpspace.core import moments
from helpspace.core.accounts import ClientView
from helpspace.core.card_removal import RemovalPlan
from helpspace.core.cards import Page

TRAITS = {
    "ok": "Sessions are charged to it, each after its free-to-cancel moment.",
    "missing": "You need one to book a session that is not free of charge.",
    "expired": "It has expired; please put another one on record.",
}


def card(me: ClientView, held: tuple[str, str, str] | None = None) -> Screen:
    """Return the card on record, as people know it; `held` is a time that waits to be booked."""
    label = "Put a card on record" if me.card == "missing" else "Change the card"
    said = me.card_words[:1].upper() + me.card_words[1:]
    off = () if me.card == "missing" else (button("Remove the card", "uncard"),)
    on = () if held is None else (button("Finish my booking", "hold", *held),)
    rows = (on, (button(label, "page", ""),), off, back("home"))
    waits = "" if held is None else "A time is held for you and not booked yet."
    return Screen("My card", paragraphs(f"{said}.", TRAITS[me.card], waits), rows)


REMOVED = "Your card is removed. Nothing was charged, and no session has changed by it."

MOST_LISTED = 20


def remove(plan: RemovalPlan, zone: str, now: int) -> Screen:
    """Ask before the card goes: which one, and the sessions that have none then."""
    listed = [
        f"{moments.show(one.start, zone, reference=now)}: {moments.pounds(one.fee_pence)}"
        for one in plan.lacking[:MOST_LISTED]
    ]
    rest = len(plan.lacking) - len(listed)
    if rest:
        listed.append(f"and {rest} more")
    lacking = "No session ahead is waiting to be charged to it."
    if listed:
        lacking = lines(
            "These sessions stay booked, but have no card to be paid with then:",
            *listed,
            "Their fees stay due. Cancelling them is done in My sessions.",
        )
    said = plan.words[:1].upper() + plan.words[1:]
    yes = button("Yes, remove this card", "uncarded", plan.mark, danger=True)
    keep = button("Keep the card", "card")
    return Screen(
        "Remove your card?", paragraphs(f"{said}.", lacking), ((yes,), (keep,), back("card"))
    )


def page(found: Page, zone: str) -> Screen:
    """Return the way to a card page outside any booking."""
    until = moments.show_time(found.expires_at, zone)
    body = (
        f"The page is open until {until} ({moments.zone_word(zone)}). The card is typed at Stripe;"
        " neither Helpspace nor your counsellor ever sees it. Nothing is charged by this."
    )
    way = link("Open the card page", found.url)
    if way is None:
        body = paragraphs(body, found.url)
    again = (button("Check again", "page", found.request_id),)
    return Screen("Your card", body, ((way,) if way else (), again, back("card")))


def unreachable() -> Screen:
    """Return what to do while Stripe gives no card page."""
    body = "The card page cannot be opened just now. Nothing was changed; please try in a minute."
    rows = ((button("Try again", "page", ""),), back("card"))
    return Screen("Stripe does not answer", body, rows)


def checking() -> Screen:
    """Return what is shown while a card that was just typed is being looked up."""
    body = "We are asking Stripe for your card. This takes a few seconds."
    return Screen("Checking", body, ((button("Check again", "on"),), (HOME,)))
