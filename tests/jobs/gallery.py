"""One of every notice, for the golden texts and the checks that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from helpspace.core import letters, moments, tickets
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.joining import application, payments, renewal, review
from helpspace.core.letters import Told
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Channel, Errand, Event
from helpspace.core.payments.tries import STOPPED
from helpspace.core.policy import Party
from helpspace.core.store.tables import Application, Therapist
from tests import makers
from tests.core import applicants
from tests.jobs import gallery_moves, gallery_weather
from tests.jobs.world import World

LATE = makers.SOON - HOUR
"""An hour before the session starts: the day itself, and the last word."""


def errand(
    event: Event,
    person: Actor,
    appointment: AppointmentView | None,
    channel: Channel = "email",
    **facts: Any,
) -> Errand:
    """A notice as delivery claims it."""
    return Errand(
        seq=7,
        fence="w:1",
        event=event,
        appointment_id=None if appointment is None else appointment.id,
        party=Party(person.role),
        person_id=person.id,
        channel=channel,
        facts=facts,
        created_at=0,
        tries=1,
    )


def told(world: World, *args: Any, **facts: Any) -> Told:
    """What may be told, with the parts that differ in each run made the same."""
    found = letters.compose(world.practice, errand(*args, **facts))
    assert isinstance(found, Told), found
    session = found.session
    if session is not None:
        video = session.video_url and "https://video.example.org/room"
        session = session._replace(id="appointment1", video_url=video)
    links = {
        name: None if url is None else same(url)
        for name in ("session", "pay", "card", "confirm")
        for url in [getattr(found.links, name)]
    }
    if found.report is not None:
        found = replace(found, report=gallery_weather.same(found.report))
    kept = replace(found.links, **links)
    return replace(found, store="store", session=session, links=kept, test=False)


def same(url: str) -> str:
    """An address with what is random in it made the same."""
    head, asks, start = url.partition("?start=")
    if not asks:
        return url
    word = start.partition("_")[0]
    return f"{head}?start={start if word == start else word + '_x'}"


def gallery(world: World, client: str = "Sam", **people: Any) -> dict[str, Told]:
    """Every mail there is, by a name for its golden file."""
    zoe = world.therapist(zone="Europe/Berlin", **people)
    sam = world.client(name=client)
    shy = world.client(confirmed=False)
    first = world.session(zoe, sam)
    shown: dict[str, Told] = {}

    def add(name: str, *args: Any, **facts: Any) -> None:
        shown[name] = told(world, *args, **facts)

    add("booked_client", Event.BOOKED, sam, first)
    add("booked_client_overlaps", Event.BOOKED, sam, first, overlaps=True)
    add("booked_therapist", Event.BOOKED, zoe, first, last_slot=True)
    add("moved_client", Event.MOVED, sam, first, old_start=first.start - DAY)
    add("moved_therapist", Event.MOVED, zoe, first, old_start=first.start - DAY)
    follow = makers.follow_up(world.practice, zoe, sam, first.start + 7 * DAY)
    add("booked_client_follow_up", Event.BOOKED, sam, follow)
    add("booked_therapist_follow_up", Event.BOOKED, zoe, follow)
    makers.acquaint(world.practice, zoe, shy)
    unpaid = makers.follow_up(world.practice, zoe, shy, first.start + 8 * DAY)
    add("booked_client_unconfirmed", Event.BOOKED, shy, unpaid)
    add("confirm_email_client", Event.CONFIRM_EMAIL, shy, None)
    add("card_saved_client", Event.CARD_SAVED, sam, None)
    cardless = world.client(card=None)
    makers.acquaint(world.practice, zoe, cardless)
    waits = makers.follow_up(world.practice, zoe, cardless, first.start + 9 * DAY)
    add("card_needed_client", Event.CARD_NEEDED, cardless, waits)
    _cancelled(world, add, zoe, sam)
    gallery_moves.add_all(world, add, zoe, sam)
    _money(world, add, zoe, sam, first)
    gallery_weather.add_all(world, add, zoe, sam)
    _joining(world, add)
    asked = tickets.write(world.practice, sam, "question", "Where is my receipt?")
    unhappy = tickets.write(world.practice, sam, "complaint", "Nobody answers.")
    add("ticket_written_team", Event.TICKET_WRITTEN, gallery_weather.TEAM, None, ticket=asked.id)
    add("ticket_written_team_complaint", Event.TICKET_WRITTEN, gallery_weather.TEAM, None,
        ticket=unhappy.id)  # fmt: skip
    tickets.answer(world.practice, makers.TEAM, asked.id, "It is in the chat, under the session.")
    add("ticket_answered_client", Event.TICKET_ANSWERED, sam, None, ticket=asked.id)
    return shown


def _cancelled(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    free = makers.follow_up(world.practice, zoe, sam, makers.SOON + 3 * DAY)
    world.cancel(sam, free.id)
    for name, person in (("client", sam), ("therapist", zoe)):
        add(f"cancelled_{name}_free", Event.CANCELLED, person, free, by="client", owed=0, refund=0)
        add(f"cancelled_{name}_late", Event.CANCELLED, person, free, by="client", owed=6000)
        add(f"cancelled_{name}_by_therapist", Event.CANCELLED, person, free, by="therapist")
        by = {"by": "therapist", "owed": 0, "refund": 6000}
        add(f"cancelled_{name}_refund", Event.CANCELLED, person, free, **by)
    add("booked_client_cancelled_since", Event.BOOKED, sam, free)


def _money(world: World, add: Any, zoe: Actor, sam: Actor, first: AppointmentView) -> None:
    world.to_charge(first)
    add("charged_client", Event.CHARGED, sam, first, amount=6000)
    add("refunded_client", Event.REFUNDED, sam, first, amount=6000)
    add("charge_failed_client", Event.CHARGE_FAILED, sam, first, code="lost_card")
    add("charge_failed_client_soft", Event.CHARGE_FAILED, sam, first, code="insufficient_funds")
    add("charge_failed_therapist", Event.CHARGE_FAILED, zoe, first, code="lost_card")
    add("approval_needed_client", Event.APPROVAL_NEEDED, sam, first)
    unapproved = "payment_intent_authentication_failure"
    add("charge_failed_client_unapproved", Event.CHARGE_FAILED, sam, first, code=unapproved)
    add("account_refused_therapist", Event.ACCOUNT_REFUSED, zoe, first)
    for name, person in (("client", sam), ("therapist", zoe)):
        add(f"charge_failed_{name}_stopped", Event.CHARGE_FAILED, person, first, code=STOPPED)
    world.clock.move_to(LATE)
    add("reminder_client", Event.REMINDER, sam, first, start=first.start)
    add("reminder_therapist", Event.REMINDER, zoe, first, start=first.start)
    last = {"code": "insufficient_funds", "last": True}
    add("charge_failed_client_last", Event.CHARGE_FAILED, sam, first, **last)
    add("charge_failed_therapist_last", Event.CHARGE_FAILED, zoe, first, **last)
    add("account_refused_therapist_last", Event.ACCOUNT_REFUSED, zoe, first, last=True)


def _joining(world: World, add: Any) -> None:
    """The way of one who joins, with what comes back and what ends."""
    one = applicants.fill_in(world.practice)
    joins = Actor.therapist(one)
    applicants.submit(world.practice, one)
    add("application_received", Event.APPLICATION_RECEIVED, joins, None)
    _send_back(world, one)
    add("application_returned", Event.APPLICATION_RETURNED, joins, None)
    applicants.hand_in(world.practice, one, "insurance", applicants.PDF + b"\n")
    applicants.submit(world.practice, one)
    applicants.approve(world.practice, one)
    add("application_approved", Event.APPLICATION_APPROVED, joins, None)
    _accounts(world, add, joins)
    _proofs(world, add, joins)
    review.suspend(world.practice, applicants.TEAM, one, "complaint")
    add("suspended", Event.SUSPENDED, joins, None)
    review.reinstate(world.practice, applicants.TEAM, one, "settled")
    add("reinstated", Event.REINSTATED, joins, None)
    known = world.therapist(proofs_until=world.clock.now() + 99 * DAY)
    makers.open_slot(world.practice, known, world.clock.now() + 9 * DAY)
    add("published", Event.PUBLISHED, known, None)
    add("reinstated_published", Event.REINSTATED, known, None)
    makers.set_row(
        world.practice, Therapist, known.id, requirements='["individual.verification.document"]'
    )
    add("account_ready_published", Event.ACCOUNT_READY, known, None)


def _send_back(world: World, one: str) -> None:
    seen = application.application(world.practice, applicants.TEAM, one)
    bad = seen.of_kind("insurance")[0].id
    for part, why in (
        (f"document:{bad}", "It ended last month"),
        ("topic:body", "We do not find this number in the register"),
    ):
        review.judge(
            world.practice, applicants.TEAM, one, part, accepted=False, reason=why,
            version=applicants.version(world.practice, one),
        )  # fmt: skip
    remark = "Thank you, nearly there.\nThe rest is fine."
    version = applicants.version(world.practice, one)
    review.return_(world.practice, applicants.TEAM, one, remark, version=version)


def _accounts(world: World, add: Any, joins: Actor) -> None:
    payments.begin_onboarding(world.practice, world.stripe, joins, joins.id)
    account = world.account_of(joins)
    world.bank.complete_onboarding(account)
    payments.look_again(world.practice, world.stripe, joins, joins.id)
    add("account_ready", Event.ACCOUNT_READY, joins, None)
    for name, act in (
        ("asks", lambda: world.bank.restrict(account)),
        ("waits", lambda: world.bank.restrict(account, "under_review")),
        ("refused", lambda: world.bank.restrict(account, "rejected.fraud")),
        ("withdrawn", lambda: world.bank.deauthorise(account)),
    ):
        act()
        payments.look_again(world.practice, world.stripe, joins, joins.id)
        add(f"account_lost_{name}", Event.ACCOUNT_LOST, joins, None)


def _proofs(world: World, add: Any, joins: Actor) -> None:
    practice, team = world.practice, applicants.TEAM
    seen = makers.row(practice, Application, joins.id)
    until = seen["insured_until"]
    world.clock.move_to(until - 14 * DAY)
    facts = {"until": until, "days": 14}
    add("proof_expiring", Event.PROOF_EXPIRING, joins, None, proof="insurance", **facts)
    add("proof_expiring_register", Event.PROOF_EXPIRING, joins, None, proof="registration", **facts)
    later = (moments.local_date(until, moments.LONDON) + timedelta(days=364)).isoformat()
    new = renewal.renew(
        practice, joins, joins.id, "insurance", later, name="new.pdf", raw=applicants.PDF
    )
    add("proof_expiring_waits", Event.PROOF_EXPIRING, joins, None, proof="insurance", **facts)
    renewal.judge(practice, team, new, accepted=False, reason="The dates cannot be read")
    add("proof_returned", Event.PROOF_RETURNED, joins, None, renewal=new)
    for accepted, name in ((False, "returned"), (True, "accepted")):
        face = renewal.renew_picture(practice, joins, joins.id, "me.jpg", applicants.picture())
        renewal.judge(practice, team, face, accepted=accepted, reason="It is too dark")
        event = Event.PROOF_ACCEPTED if accepted else Event.PROOF_RETURNED
        add(f"picture_{name}", event, joins, None, renewal=face)
    world.clock.move_to(until)
    add("proof_expired", Event.PROOF_EXPIRED, joins, None, proof="insurance", until=until)
    add("proof_expired_register", Event.PROOF_EXPIRED, joins, None, proof="registration",
        until=until)  # fmt: skip
    good = renewal.renew(practice, joins, joins.id, "registration", later)
    renewal.judge(practice, team, good, accepted=True)
    add("proof_accepted", Event.PROOF_ACCEPTED, joins, None, renewal=good)
