"""Whom a therapist may book a follow-up for (B2), and only they (A1)."""

from __future__ import annotations

import pytest

from helpspace.core import accounts, booking
from helpspace.core.actors import Actor
from helpspace.core.caseload import clients_of
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from tests import makers
from tests.makers import SOON


def test_those_with_a_session_and_those_invited(practice: Practice, therapist: Actor) -> None:
    """B2: the latest session first, then the invited by name; nobody else's clients."""
    early, late, gone, free = (
        makers.add_client(practice, name) for name in ("Early", "Late", "Gone", "Free")
    )
    invited = makers.add_client(practice, "Invited", card=False)
    stranger = makers.add_client(practice, "Stranger")
    other = makers.add_therapist(practice, "Other")
    makers.session(practice, other, stranger, SOON)
    makers.session(practice, therapist, late, SOON + DAY)
    makers.session(practice, therapist, early, SOON)
    ended = makers.session(practice, therapist, gone, SOON + 2 * DAY)
    booking.end_relationship(practice, gone, therapist.id)
    dropped = makers.session(practice, therapist, free, SOON + 3 * DAY)
    booking.cancel(practice, free, dropped.id)
    makers.acquaint(practice, therapist, invited)
    accounts.set_zone(practice, late, "Asia/Kolkata")

    found = clients_of(practice, therapist, therapist.id)

    assert [one.name for one in found] == ["Late", "Early", "Invited"]
    assert [one.latest for one in found] == [SOON + DAY, SOON, None]
    assert [one.card for one in found] == ["ok", "ok", "missing"]
    assert found[0].zone == "Asia/Kolkata"
    for one in found:
        booking.plan_follow_up(practice, therapist, therapist.id, one.id, SOON + 9 * DAY)
    assert ended.client_id not in {one.id for one in found}


def test_only_the_therapist_and_the_team_may_look(
    practice: Practice, therapist: Actor, team: Actor
) -> None:
    client = makers.add_client(practice)
    other = makers.add_therapist(practice, "Other")
    makers.session(practice, therapist, client)
    assert len(clients_of(practice, team, therapist.id)) == 1
    for actor in (other, client, Actor.client(therapist.id)):
        with pytest.raises(NotFound):
            clients_of(practice, actor, therapist.id)
