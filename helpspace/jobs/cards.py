"""Open card pages looked at: the card goes on record, and its held slot is booked (B3)."""

from __future__ import annotations

from helpspace.core import card_looks, card_removal, cards, holds
from helpspace.core.cards import OpenPage
from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.jobs.parallel import Stopping, drain, never
from helpspace.jobs.report import Report, counted


def sweep(
    practice: Practice, stripe: StripeGateway, *, parallel: int = 8, stopping: Stopping = never
) -> Report:
    """Look at every page whose turn it is; if Stripe does not answer, the rest wait for another."""
    completed: list[str] = []
    unheard: list[str] = []

    def work(page: OpenPage) -> None:
        if unheard:
            return
        try:
            seen = stripe.look_at_page(page.session)
        except OutsideFault:
            unheard.append(page.request_id)
            return
        if seen.card is not None:
            holds.card_completed(practice, page.request_id, seen.card)
            completed.append(page.request_id)
        elif seen.status == "expired":
            cards.page_closed(practice, page.request_id)

    looked = drain(practice, lambda: cards.due(practice), work, workers=parallel, stopping=stopping)
    words = f"looked at {counted(looked, 'page')}, {counted(len(completed), 'card')} put on record"
    renewed = 0 if unheard else _read_back(practice, stripe, unheard, stopping)
    let_go = 0 if unheard else _let_go(practice, stripe, unheard, stopping)
    if renewed:
        words += f", {counted(renewed, 'card')} changed"
    if let_go:
        words += f", {counted(let_go, 'card')} removed"
    return Report(len(completed) + renewed + let_go, words, "stripe_unheard" if unheard else None)


def _read_back(
    practice: Practice, stripe: StripeGateway, unheard: list[str], stopping: Stopping
) -> int:
    """Read back the cards on record of which something was heard; return how many had changed."""
    changed = 0
    for one in card_looks.due(practice):
        if stopping():
            break
        try:
            found = stripe.look_at_card(one.method, one.customer)
        except OutsideFault:
            unheard.append(one.client_id)
            break
        changed += card_looks.seen(practice, one, found)
    return changed


def _let_go(
    practice: Practice, stripe: StripeGateway, unheard: list[str], stopping: Stopping
) -> int:
    """Take the cards off their record at Stripe whose clients have removed them."""
    let_go = 0
    for one in card_removal.due(practice):
        if stopping():
            break
        try:
            stripe.let_go_of_card(one.method, one.customer)
        except OutsideFault:
            # Each waits for its own next try; one that Stripe refuses must not keep the others.
            unheard.append(one.client_id)
            continue
        let_go += card_removal.done(practice, one)
    return let_go
