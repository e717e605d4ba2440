"""A therapist books a follow-up for a client (B2, C2, C6)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import policy
from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking.bonds import client_of
from helpspace.core.booking.making import make
from helpspace.core.calendar import (
    check_minutes,
    claim_time,
    close_claim,
    own_therapist,
    room_for,
)
from helpspace.core.errors import Invalid
from helpspace.core.plain import plain
from helpspace.core.policy import Kind, Terms
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Client, Therapist


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """What a follow-up would mean, shown before it is booked."""

    client_id: str
    client_name: str
    client_zone: str
    start: int
    end: int
    fee_pence: int
    free_until: int
    charge_at: int | None
    """When the fee will be taken; None for a free session."""
    card: Card
    withdraws: tuple[str, ...]
    """Ids of own open slots that go in the same step (C6)."""


def plan_follow_up(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    *,
    minutes: int | None = None,
    fee_pence: int | None = None,
) -> FollowUpPlan:
    """Return what a follow-up would mean, refusing like booking it does (B2, C2, C6)."""
    with practice.reading() as view:
        therapist = own_therapist(view, actor, therapist_id)
        client = client_of(view, therapist.id, client_id)
        return plan_one(view, therapist, client, start, minutes, fee_pence)


def book_follow_up(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    client_id: str,
    start: int,
    *,
    minutes: int | None = None,
    fee_pence: int | None = None,
) -> AppointmentView:
    """Book a follow-up as its therapist (B2); own open slots in the way are withdrawn (C6)."""
    with practice.change() as tx:
        therapist = own_therapist(tx, actor, therapist_id)
        tx.lock(Client, client_id)
        client = client_of(tx, therapist.id, client_id)
        plan = plan_one(tx, therapist, client, start, minutes, fee_pence)
        return book_one(tx, actor, therapist, client, plan)


def book_one(
    tx: Tx,
    actor: Actor,
    therapist: Therapist,
    client: Client,
    plan: FollowUpPlan,
    series: str | None = None,
) -> AppointmentView:
    """Book what was planned in this very commit, perhaps as one of a series (B8)."""
    withdraw(tx, actor, therapist, plan.withdraws)
    claim_id = tx.practice.ids.new()
    claim_time(tx, therapist, claim_id, "follow_up", plan.start, plan.end, "booked")
    return make(
        tx,
        actor,
        Kind.FOLLOW_UP,
        therapist,
        client,
        claim_id,
        plan.start,
        plan.end,
        plan.fee_pence,
        series=series,
    )


def withdraw(tx: Tx, actor: Actor, therapist: Therapist, slot_ids: tuple[str, ...]) -> None:
    """Close own open slots that make way for a session (C6)."""
    for slot_id in slot_ids:
        close_claim(tx, slot_id)
        tx.audit(actor, "close", "slot", slot_id, therapist=therapist.id)


def plan_one(
    view: View,
    therapist: Therapist,
    client: Client,
    start: int,
    minutes: int | None,
    fee_pence: int | None,
) -> FollowUpPlan:
    """Return what a follow-up would mean; refuses what booking refuses (B2, C2, C6, C7)."""
    length = therapist.follow_up_minutes if minutes is None else minutes
    fee = therapist.follow_up_fee if fee_pence is None else fee_pence
    check_minutes(length)
    if not policy.fee_is_possible(fee):
        raise Invalid("A fee is £0, or from 30p to £100,000", "Correct the fee.")
    if start <= view.now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    end = start + length * 60
    withdraws = room_for(view, therapist, start, end)
    terms = Terms(start, policy.free_until(Kind.FOLLOW_UP, start, view.now), fee)
    return FollowUpPlan(
        client_id=client.id,
        client_name=plain(view.open(client.name_sealed, "client.name")),
        client_zone=client.zone,
        start=start,
        end=end,
        fee_pence=fee,
        free_until=terms.free_until,
        charge_at=policy.charge_from(terms) if fee else None,
        card=card_state(client, view.now),
        withdraws=withdraws,
    )
