"""People: registered once, named and addressed as they say, seen by nobody else (K3a, A1, A3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.core import accounts, cards, holds
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, Invalid, NotAllowed, NotFound
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Client, Reminder
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    TEAM,
    add_therapist,
    all_rows,
    row,
    session,
    set_row,
    snapshot,
)


def test_k3a_registering_records_the_consent_once(practice: Practice, clock: MovableClock) -> None:
    assert accounts.client_of_chat(practice, 7001) is None
    client = accounts.register(practice, 7001)
    kept = row(practice, Client, client)
    assert (kept["consent_at"], kept["consent_version"]) == (NOW, accounts.CONSENT_VERSION)
    clock.advance(DAY)
    assert accounts.register(practice, 7001) == client
    assert accounts.client_of_chat(practice, 7001) == client
    assert row(practice, Client, client) == kept


def test_a_client_starts_with_nothing(practice: Practice) -> None:
    me = accounts.me(practice, Actor.client(accounts.register(practice, 7001)))
    assert (me.name, me.email, me.card, me.card_words) == ("", "", "missing", "no card")
    assert (me.by_email, me.by_chat, me.accepted_terms) == (True, True, False)
    assert me.zone == "Europe/London"


@pytest.mark.parametrize("name", ["Zoë", "O'Brien", "محمد", "李", "[/b]", "=1+1", "<b>x</b>"])
def test_a3a_a_name_is_kept_as_it_is(practice: Practice, client: Actor, name: str) -> None:
    assert accounts.set_name(practice, client, name) == name
    assert accounts.me(practice, client).name == name


@pytest.mark.parametrize("name", ["", "   ", "\n", "\x1b", "\u200d", "\u200b\u202e", "..", "🙂"])
def test_a_name_without_letters_is_refused(practice: Practice, client: Actor, name: str) -> None:
    before = snapshot(practice)
    with pytest.raises(Invalid, match="no letters"):
        accounts.set_name(practice, client, name)
    assert snapshot(practice) == before


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sam@example.org", "sam@example.org"),
        (" Sam@EXAMPLE.org ", "Sam@example.org"),
        ("zoë@example.org", "zoë@example.org"),
        ("sam+tag@example.org", "sam+tag@example.org"),
    ],
)
def test_an_address_is_kept_normalised(
    practice: Practice, client: Actor, text: str, kept: str
) -> None:
    assert accounts.set_email(practice, client, text) == kept
    assert accounts.me(practice, client).email == kept


@pytest.mark.parametrize(
    "text",
    ["", "sam", "sam@", "@example.org", "a b@example.org", "sam@example", "x" * 300 + "@a.org",
     "sam@example.org\nBcc: all@a.org", "<sam@example.org>", "sam@localhost"],
)  # fmt: skip
def test_what_is_no_address_is_refused(practice: Practice, client: Actor, text: str) -> None:
    before = snapshot(practice)
    with pytest.raises(Invalid):
        accounts.set_email(practice, client, text)
    assert snapshot(practice) == before


def test_n1_a_new_address_is_to_be_confirmed_anew(practice: Practice, client: Actor) -> None:
    set_row(practice, Client, client.id, email_confirmed_at=NOW)
    accounts.set_email(practice, client, "client1@example.org")  # the same one
    assert accounts.me(practice, client).email_confirmed
    accounts.set_email(practice, client, "new@example.org")
    assert not accounts.me(practice, client).email_confirmed


def test_n2_reminders_follow_the_zone(practice: Practice, therapist: Actor, client: Actor) -> None:
    session(practice, therapist, client)

    def due() -> dict[str, int]:
        return {r["party"]: r["due_at"] for r in all_rows(practice, Reminder)}

    before = due()
    accounts.set_zone(practice, client, "America/New_York")
    assert due() == {**before, "client": SOON - 2 * 3600}  # 04:00 there, so two hours before
    with pytest.raises(Invalid):
        accounts.set_zone(practice, client, "Mars/Olympus")


@pytest.mark.parametrize("who", ["therapist", "team"])
def test_a1_only_a_client_is_me(practice: Practice, therapist: Actor, who: str) -> None:
    actor = therapist if who == "therapist" else TEAM
    acts: list[Callable[[], object]] = [
        lambda: accounts.me(practice, actor),
        lambda: accounts.set_name(practice, actor, "x"),
        lambda: accounts.set_email(practice, actor, "x@example.org"),
        lambda: accounts.set_zone(practice, actor, "Europe/Paris"),
        lambda: cards.ask_for_card(practice, actor),
        lambda: holds.give_up(practice, actor),
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("gone", ["invented", "erased"])
def test_a1_a_client_who_is_not_there_can_do_nothing(
    practice: Practice, client: Actor, gone: str
) -> None:
    actor = client if gone == "erased" else Actor.client("aaaaaaaaaaaa")
    if gone == "erased":
        set_row(practice, Client, client.id, erased_at=NOW)
    before = snapshot(practice)
    acts: list[Callable[[], object]] = [
        lambda: accounts.me(practice, actor),
        lambda: accounts.set_name(practice, actor, "x"),
        lambda: accounts.set_email(practice, actor, "x@example.org"),
        lambda: accounts.set_zone(practice, actor, "Europe/Paris"),
        lambda: cards.ask_for_card(practice, actor),
    ]
    for act in acts:
        with pytest.raises(HelpspaceError) as refused:
            act()
        assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


def test_a1_clients_are_the_teams_to_list(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    assert [one.id for one in accounts.clients(practice, team)] == [client.id]
    assert accounts.client(practice, team, client.id).name == "Sam"
    for actor in (therapist, client):
        with pytest.raises(NotAllowed):
            accounts.clients(practice, actor)
        with pytest.raises(NotAllowed):
            accounts.client(practice, actor, client.id)
    with pytest.raises(NotFound):
        accounts.client(practice, team, "aaaaaaaaaaaa")


def test_n7_a_blocked_chat_is_remembered_until_it_is_back(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    acts = lambda: [a["act"] for a in all_rows(practice, Audit) if "chat" in a["act"]]  # noqa: E731
    accounts.chat_blocked(practice, client.id, blocked=False)
    assert acts() == []
    accounts.chat_blocked(practice, client.id, blocked=True)
    clock.advance(9)
    accounts.chat_blocked(practice, client.id, blocked=True)
    assert row(practice, Client, client.id)["chat_blocked_at"] == NOW
    accounts.chat_blocked(practice, client.id, blocked=False)
    assert row(practice, Client, client.id)["chat_blocked_at"] is None
    assert acts() == ["chat_blocked", "chat_back"]


@pytest.mark.parametrize("why", ["", "  ", "\n"])
def test_a1_the_team_acts_for_somebody_only_with_a_reason(why: str) -> None:
    with pytest.raises(Invalid, match="reason"):
        TEAM.on_behalf_of("client", "aaaaaaaaaaaa", why)


@pytest.mark.parametrize("role", ["client", "therapist"])
def test_a1_only_the_team_acts_for_somebody(role: str) -> None:
    actor = Actor.client("a") if role == "client" else Actor.therapist("a")
    with pytest.raises(NotAllowed):
        actor.on_behalf_of("client", "b", "because")


@pytest.mark.parametrize("fee", [-1, 29, 10_000_001])
def test_a_therapists_fees_are_possible_ones(practice: Practice, fee: int) -> None:
    for name in ("initial_fee", "follow_up_fee"):
        with pytest.raises(Invalid):
            add_therapist(practice, **{name: fee})
