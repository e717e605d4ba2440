"""A therapist's clients: sessions, money, contact, never a card's numbers (A1, P1, B2)."""

from __future__ import annotations

import pytest

from helpspace.core import accounts, booking, invitations, links
from helpspace.core.actors import Actor
from helpspace.core.casebook import case, cases
from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments.figures import owed_fees
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Payment
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.makers import NOW, SOON


def invited(practice: Practice, therapist: Actor, name: str = "Invited") -> Actor:
    """Return a client who accepted an invitation and has no session yet."""
    links.remember_bot(practice, "some_bot")
    made = invitations.invite(practice, therapist)
    assert made.link is not None
    client = makers.add_client(practice, name, card=False)
    invitations.accept(practice, client, made.link.rpartition(invitations.PREFIX)[2])
    return client


def test_everybody_is_there_once_with_what_can_be_done(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    """B2: those who ended the work, or have only cancelled sessions, are shown as such."""
    early, late, gone, free = (
        makers.add_client(practice, name) for name in ("Early", "Late", "Gone", "Free")
    )
    stranger = makers.add_client(practice, "Stranger")
    makers.session(practice, makers.add_therapist(practice, "Other"), stranger, SOON)
    makers.session(practice, therapist, late, SOON + DAY)
    makers.session(practice, therapist, early, SOON)
    makers.session(practice, therapist, gone, SOON + 2 * DAY)
    booking.end_relationship(practice, gone, therapist.id)
    dropped = makers.session(practice, therapist, free, SOON + 3 * DAY)
    booking.cancel(practice, free, dropped.id)
    invited(practice, therapist)
    found = {one.name: one for one in cases(practice, therapist)}
    assert [(name, one.standing) for name, one in found.items()] == [
        ("Early", "yours"), ("Late", "yours"), ("Gone", "ended"), ("Free", "cancelled"),
        ("Invited", "invited"),
    ]  # fmt: skip
    assert [one.sessions for one in found.values()] == [1, 1, 1, 0, 0]
    assert [one.ahead for one in found.values()] == [SOON, SOON + DAY, SOON + 2 * DAY, None, None]
    clock.move_to(SOON + HOUR)
    found = {one.name: one for one in cases(practice, therapist)}
    assert (found["Early"].last, found["Early"].ahead) == (SOON, None)
    assert [one.card for one in found.values()][-1] == "missing"


def test_m6_what_is_owed_is_what_the_figures_say(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """Also by somebody who cancelled late, and then ended the work."""
    one = makers.session(practice, therapist, client, SOON)
    clock.move_to(one.free_until + HOUR)
    booking.cancel(practice, client, one.id)
    makers.set_row(practice, Payment, one.id, status="failed", reason="insufficient_funds")
    booking.end_relationship(practice, client, therapist.id)
    (found,) = cases(practice, therapist)
    assert (found.standing, found.owed_pence) == ("ended", one.fee_pence)
    assert found.owed_pence == sum(fee.owed_pence for fee in owed_fees(practice, therapist))
    page = case(practice, therapist, client.id)
    assert (page.case, page.late, page.missed) == (found, 1, 0)
    assert page.ended_at == practice.now()
    booking.waive(practice, therapist, one.id)
    assert case(practice, therapist, client.id).case.owed_pence == 0


def test_a_page_holds_contact_and_sessions_of_the_two_alone(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    other = makers.add_therapist(practice, "Other")
    one = makers.session(practice, therapist, client, SOON)
    makers.session(practice, other, client, SOON + DAY)
    page = case(practice, therapist, client.id)
    assert [view.id for view in page.sessions] == [one.id]
    assert page.since == NOW
    assert page.contact == accounts.me(practice, client).email
    assert page.paid_pence == 0


def test_p1_no_contact_before_the_first_booking(practice: Practice, therapist: Actor) -> None:
    """Accepting an invitation shows a name; how to reach them comes with the first booking."""
    client = invited(practice, therapist)
    address = accounts.me(practice, client).email
    page = case(practice, therapist, client.id)
    assert page.contact == ""
    assert address
    assert address not in repr(page)
    makers.follow_up(practice, therapist, client, SOON)
    assert case(practice, therapist, client.id).contact == address


def test_no_number_of_a_card_is_in_it(practice: Practice, therapist: Actor, client: Actor) -> None:
    makers.session(practice, therapist, client, SOON)
    row = makers.row(practice, Client, client.id)
    said = repr(case(practice, therapist, client.id)) + repr(cases(practice, therapist))
    assert row["card_last4"]
    assert str(row["card_last4"]) not in said
    assert str(row["card"]) not in said


def test_a1_strangers_and_nobody_answer_alike(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    makers.session(practice, therapist, client, SOON)
    other = makers.add_therapist(practice, "Other")
    for asked in (client.id, "aaaaaaaaaaaa", other.id):
        with pytest.raises(NotFound):
            case(practice, other, asked)
    assert cases(practice, other) == []
    for actor in (client, team):
        for ask in (lambda who: cases(practice, who), lambda who: case(practice, who, client.id)):
            with pytest.raises(NotAllowed):
                ask(actor)


def test_b2_what_became_of_each_invitation(
    practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    """Waiting, accepted by whom, taken back, run out; the latest first, and one's own alone."""
    links.remember_bot(practice, "some_bot")
    out = invitations.invite(practice, therapist)
    clock.move_to(NOW + invitations.LIFE - DAY)
    client = invited(practice, therapist)
    back = invitations.invite(practice, therapist)
    invitations.revoke(practice, therapist, back.id)
    waits = invitations.invite(practice, therapist)
    clock.move_to(NOW + invitations.LIFE)
    found = invitations.history(practice, therapist)
    assert [one.fate for one in found] == ["waiting", "taken_back", "accepted", "expired"]
    assert [found[0].id, found[1].id, found[3].id] == [waits.id, back.id, out.id]
    assert (found[2].client_id, found[2].ended_at) == (client.id, NOW + invitations.LIFE - DAY)
    assert found[0].ended_at == waits.expires_at
    assert found[3].ended_at == out.expires_at
    assert invitations.history(practice, makers.add_therapist(practice, "Other")) == []
    with pytest.raises(NotAllowed):
        invitations.history(practice, client)
