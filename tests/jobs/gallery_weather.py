"""The mails of bad weather for the gallery: to the team, and of what the next days bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY
from helpspace.core.notices import Event
from helpspace.core.reports import Report
from helpspace.core.store.tables import Client, Dispute, Intent, Refund, Therapist
from tests import makers
from tests.jobs.world import World

TEAM = Actor.team("team")


def same(report: Report) -> Report:
    """A report with the ids that differ in each run made the same."""
    random = ("Reference", "Therapist", "Account")
    lines = ((label, f"{label.lower()}1" if label in random else value)
             for label, value in report.lines)  # fmt: skip
    return replace(report, lines=tuple(lines))


def add_all(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    """Add every mail of bad weather."""
    ahead = makers.follow_up(world.practice, zoe, sam, makers.SOON + 21 * DAY)
    card = makers.row(world.practice, Client, sam.id)
    ends = moments.at_zone(ahead.start, moments.LONDON)
    before = {"card_year": ends.year, "card_month": ends.month - 1}
    makers.set_row(world.practice, Client, sam.id, **before)
    add("card_expiring_client", Event.CARD_EXPIRING, sam, ahead)
    makers.set_row(world.practice, Client, sam.id, **{name: card[name] for name in before})
    zone = makers.row(world.practice, Therapist, zoe.id)["zone"]
    day = moments.local_date(ahead.free_until, zone)
    add("charges_tomorrow", Event.CHARGES_TOMORROW, zoe, None, day=day.isoformat())
    makers.follow_up(world.practice, zoe, sam, ahead.start + 7200)
    add("charges_tomorrow_many", Event.CHARGES_TOMORROW, zoe, None, day=day.isoformat())
    _of_money(world, add, zoe, ahead)


def _of_money(world: World, add: Any, zoe: Actor, booked: AppointmentView) -> None:
    refund = {"amount": 6000, "commission": 0, "number": 1, "created_at": 0}
    with world.practice.change() as tx:
        tx.insert(
            Intent, id="intent1", appointment_id=booked.id, stripe_id="pi_1", account="acct_1",
            customer="cus_1", state="succeeded", **refund,
        )  # fmt: skip
        tx.insert(
            Refund, id="refund1", intent_id="intent1", stripe_id="re_1", state="failed",
            reason="lost_or_stolen_card", **refund,
        )  # fmt: skip
        tx.insert(
            Dispute, id="dp_1", appointment_id=booked.id, intent="pi_1", amount=6000,
            status="needs_response", reason="fraudulent", withdrawn=1, created_at=0, changed_at=0,
            due_by=tx.now + 8 * DAY,
        )  # fmt: skip
    add("refund_failed_team", Event.REFUND_FAILED, TEAM, booked)
    for status in ("needs_response", "won", "lost", "warning_closed"):
        makers.set_row(world.practice, Dispute, "dp_1", status=status)
        add(f"disputed_team_{status}", Event.DISPUTED, TEAM, booked, dispute="dp_1")
    with world.practice.change() as tx:
        tx.set(Therapist, "id = ?", zoe.id, charges_enabled=0)
    add("account_refused_team", Event.ACCOUNT_REFUSED, TEAM, booked)
    add("account_lost_team", Event.ACCOUNT_LOST, TEAM, None, therapist=zoe.id)
    with world.practice.change() as tx:
        tx.set(Therapist, "id = ?", zoe.id, charges_enabled=1)
        tx.run(Refund.delete())
        tx.run(Intent.delete())
