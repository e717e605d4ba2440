"""Erasure from the asking to the last byte: money settled, nobody left (K4, D6, P3)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import psycopg
import pytest

from helpspace.core import accounts, booking, inbox
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, NotAllowed, NotFound, NotYourClient
from helpspace.core.inbox import Place
from helpspace.core.keeping import backup, erased, restore
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.privacy import erasing, papers, record, wiping
from helpspace.core.store.tables import (
    TABLES,
    Appointment,
    Bond,
    Claim,
    Client,
    Erasure,
    Ledger,
    Notice,
    Wish,
)
from tests import makers
from tests.jobs.world import DECLINES, World

CHAT = 8123456789
CANARIES = ("Canaryname", "canary.client@example.org", str(CHAT), "canarybrand", "canary-reason")
BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


def leaver(world: World, card: str = "4242424242424242") -> Actor:
    """A client with telling names who has a card on record."""
    return world.client(card, name="Canaryname", email="canary.client@example.org", chat=CHAT)


def sums(world: World) -> list[tuple[Any, ...]]:
    """The ledger's rows as the books need them."""
    return [
        (r["kind"], r["amount"], r["appointment_id"], r["stripe_id"]) for r in world.rows(Ledger)
    ]


def state_of(world: World, client: Actor) -> str:
    return str(makers.row(world.practice, Erasure, client.id)["state"])


def to_the_end(world: World) -> None:
    """Let the sweeps finish everything."""
    for _ in range(4):
        world.settle()
        world.sweep("erasures", "delivery")
        world.clock.advance(wiping.LOOK_EVERY)


@BOTH
def test_k4_the_consequence_is_shown_and_acted_on(world: World) -> None:
    """K4, M2: one far ahead costs nothing, one inside the window its fee; both end at once."""
    zoe, sam = world.therapist(), leaver(world)
    soon = world.session(zoe, sam, world.clock.now() + 50 * HOUR)
    far = makers.follow_up(world.practice, zoe, sam, world.clock.now() + 9 * DAY)
    world.clock.move_to(soon.free_until + 61)
    world.charge()
    plan = erasing.plan_erase(world.practice, sam)
    owed = {one.appointment_id: one.owed_pence for one in plan.cancels}
    assert owed == {soon.id: 6000, far.id: 0}
    assert (plan.owed_pence, plan.therapists) == (6000, 1)
    assert erasing.erase(world.practice, sam, shown=plan) == plan
    states = {row["id"]: row["state"] for row in world.rows(Appointment)}
    assert set(states.values()) == {"cancelled_by_client"}
    told = [one for one in world.rows(Notice) if one["event"] == "cancelled"]
    assert len([one for one in told if one["party"] == "therapist"]) == 2
    [bond] = world.rows(Bond)
    assert bond["ended_at"] is not None
    with pytest.raises(NotYourClient):
        makers.follow_up(world.practice, zoe, sam, world.clock.now() + 12 * DAY)
    assert accounts.client_of_chat(world.practice, CHAT) is None
    for act in (accounts.me, erasing.plan_erase, record.export):
        with pytest.raises(NotFound):
            act(world.practice, sam)


def test_k4_only_what_was_shown(world: World) -> None:
    """K4: when it means something else by now, nothing is done and it is shown again."""
    zoe, sam = world.therapist(), leaver(world)
    booked = world.session(zoe, sam)
    plan = erasing.plan_erase(world.practice, sam)
    mark = erasing.mark_of(world.practice, plan)
    world.clock.move_to(booked.free_until + 1)
    before = makers.snapshot(world.practice)
    for shown in (plan, mark, "000000000000"):
        with pytest.raises(Changed):
            erasing.erase(world.practice, sam, shown=shown)
    assert makers.snapshot(world.practice) == before
    # M2a: the tap counts from when it was received, so this one was in time.
    erasing.erase(world.practice, sam, shown=mark, at=booked.free_until)
    assert world.payment(booked) == "none"


def test_a1_only_the_client_or_the_team_for_them(world: World) -> None:
    zoe, sam = world.therapist(), leaver(world)
    with pytest.raises(NotAllowed):
        erasing.erase(world.practice, zoe)
    with pytest.raises(NotAllowed):
        erasing.erase(world.practice, makers.TEAM)
    with pytest.raises(NotFound):
        erasing.erase(world.practice, Actor.client("aaaaaaaaaaaa"))
    erasing.erase(world.practice, makers.TEAM.on_behalf_of("client", sam.id, "asked by post"))
    with pytest.raises(NotFound):
        erasing.erase(world.practice, sam)


def test_k4_a_hold_is_free_again_and_a_late_card_is_not_kept(world: World) -> None:
    zoe, sam = world.therapist(), world.client(None)
    slot = makers.open_slot(world.practice, zoe)
    held = makers.hold(world.practice, sam, slot)
    session = world.page(sam, held.request_id)
    assert erasing.erase(world.practice, sam).holds == 1
    assert makers.row(world.practice, Claim, slot)["state"] == "open"
    world.bank.type_card(session, "4242424242424242")
    world.clock.advance(60)
    world.sweep("cards")
    assert makers.row(world.practice, Client, sam.id)["card"] is None


def test_k4_nothing_open_and_the_person_is_gone_at_once(world: World) -> None:
    sam = leaver(world)
    customer = world.customer_of(sam)
    erasing.erase(world.practice, sam)
    world.sweep("erasures")
    row = makers.row(world.practice, Client, sam.id)
    assert not [name for name, value in row.items() if name.endswith(("sealed", "hash")) and value]
    assert (row["card"], row["card_last4"], row["customer"]) == (None, None, None)
    assert state_of(world, sam) == "done"
    assert world.sdk.v1.customers.retrieve(customer).deleted
    assert len(world.posted("POST", "/detach")) == 1


def test_k4_the_money_comes_first(world: World) -> None:
    """K4: a fee that is due is taken before the card goes; the receipt still reaches them."""
    zoe, sam = world.therapist(), leaver(world)
    booked = world.session(zoe, sam)
    world.clock.move_to(booked.free_until + 1)
    erasing.erase(world.practice, sam)
    world.sweep("erasures")
    assert state_of(world, sam) == "settling"
    world.clock.advance(60)
    before = len(world.post.sent)
    world.sweep("charges", "delivery")
    assert world.money() == (6000, 0)
    last = [m for m in world.post.sent[before:] if m["To"] == "canary.client@example.org"]
    assert last
    assert all("Canaryname" not in str(m) for m in last)
    to_the_end(world)
    assert state_of(world, sam) == "done"
    assert [row["amount"] for row in world.rows(Ledger)] == [6000]


def test_k4_what_nobody_pays_is_written_off(world: World) -> None:
    zoe, sam = world.therapist(), leaver(world, DECLINES)
    booked = world.session(zoe, sam)
    world.clock.move_to(booked.free_until + 61)
    erasing.erase(world.practice, sam)
    world.charge()
    to_the_end(world)
    assert (state_of(world, sam), world.payment(booked)) == ("done", "waived")
    assert world.money() == (0, 0)


def test_k4_after_thirty_days_nothing_is_waited_for(world: World) -> None:
    zoe, sam = world.therapist(), leaver(world)
    booked = world.session(zoe, sam)
    world.clock.move_to(booked.free_until + 61)
    erasing.erase(world.practice, sam)
    # The money never comes to rest: nobody settles.
    world.sweep("erasures")
    world.clock.advance(30 * DAY - 1)
    world.sweep("erasures")
    assert state_of(world, sam) == "settling"
    world.clock.advance(wiping.LOOK_EVERY)
    world.sweep("erasures")
    assert makers.row(world.practice, Client, sam.id)["email_sealed"] is None
    assert world.payment(booked) == "waived"


def test_k4_a_session_under_way_is_waited_for(world: World) -> None:
    zoe, sam = world.therapist(), leaver(world)
    booked = world.session(zoe, sam)
    world.to_charge(booked)
    world.charge()
    world.clock.move_to(booked.start + 60)
    plan = erasing.plan_erase(world.practice, sam)
    assert (plan.cancels, plan.running) == ((), 1)
    erasing.erase(world.practice, sam, shown=plan)
    world.sweep("erasures")
    assert state_of(world, sam) == "settling"
    world.clock.move_to(booked.end)
    booking.complete_past(world.practice)
    to_the_end(world)
    assert state_of(world, sam) == "done"


def test_k4_stripe_is_asked_until_it_answers(world: World) -> None:
    """The store's row comes first; a customer that is gone already is no failure."""
    sam = leaver(world)
    customer = world.customer_of(sam)
    erasing.erase(world.practice, sam)
    outside = world.outside
    world.outside = type(outside)(None, world.post, world.chat)
    world.sweep("erasures")
    assert state_of(world, sam) == "wiped"
    assert makers.row(world.practice, Client, sam.id)["name_sealed"] is None
    world.sdk.v1.customers.delete(customer)
    world.outside = outside
    world.clock.advance(wiping.LOOK_EVERY)
    world.sweep("erasures")
    assert state_of(world, sam) == "done"


def test_n6_therapists_are_told_without_the_name(world: World) -> None:
    zoe, sam = world.therapist(), leaver(world)
    world.session(zoe, sam)
    world.sweep("delivery")
    world.post.sent.clear()
    erasing.erase(world.practice, sam)
    world.sweep("delivery")
    [mail] = [m for m in world.post.sent if m["To"] == "therapist1@example.org"]
    text = mail.get_body(("plain",)).get_content()
    assert "cancelled" in text
    assert "Canary" not in text
    assert "canary" not in text


def test_k4_whoever_comes_back_begins_anew(world: World) -> None:
    sam = leaver(world)
    erasing.erase(world.practice, sam)
    again = accounts.register(world.practice, CHAT)
    assert again != sam.id
    inbox.move_to(world.practice, CHAT, Place("home", {}, 1))
    world.sweep("erasures")
    assert accounts.client_of_chat(world.practice, CHAT) == again
    assert inbox.place(world.practice, CHAT).step == "home"


def lived(world: World) -> tuple[Actor, list[bytes]]:
    """Let somebody live in every table that knows a person; return what was sealed of them."""
    zoe, sam = world.therapist(), leaver(world)
    practice = world.practice
    paid = world.session(zoe, sam)
    makers.set_row(practice, Client, sam.id, card_brand="canarybrand")
    inbox.move_to(practice, CHAT, Place("wishes", {"wishes": {"concerns": ["canary-reason"]}}, 7))
    later = makers.follow_up(practice, zoe, sam, world.clock.now() + 20 * DAY)
    with practice.change() as tx:
        wished = tx.seal("canary-reason", "wish.wishes")
        tx.insert(Wish, appointment_id=paid.id, wishes_sealed=wished, kept_at=tx.now)
    behalf = makers.TEAM.on_behalf_of("client", sam.id, "canary-reason")
    booking.cancel(practice, behalf, later.id)
    inbox.take_in(practice, [(1, CHAT, "text", {"p": CHAT, "t": "Canaryname"})])
    world.to_charge(paid)
    for update in (1,):
        inbox.handled(practice, update)
    world.charge()
    world.sweep("delivery")
    world.clock.move_to(paid.end)
    booking.complete_past(practice)
    sealed = []
    for model in TABLES:
        for row in world.rows(model):
            mine = sam.id in (row.get("id"), row.get("client_id"), row.get("person_id"),
                              row.get("actor_id"))  # fmt: skip
            mine = mine or model._meta.table_name in ("wish", "dialogue", "inbox")
            if mine:
                sealed += [bytes(v) for k, v in row.items() if k.endswith("_sealed") and v]
    assert len(sealed) >= 8
    return sam, sealed


def whole_store(practice: Practice) -> bytes:
    """All that lies in a store, as bytes.

    On SQLite its folder: file, free pages, WAL, the rest. On PostgreSQL every table as a dump would
    write it, binary columns as they are; its dead rows are the server's (`store backup` has none).
    """
    if not practice.store.postgresql:
        folder = Path(str(practice.store.path)).parent
        return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    found = []
    with psycopg.connect(practice.settings.database) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [row[0] for row in connection.execute(query)]
        assert {model._meta.table_name for model in TABLES} <= set(names)
        for name in names:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as rows:
                found += [bytes(part) for part in rows]
    return b"".join(found)


@BOTH
def test_p3_no_byte_of_them_is_left(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Done when 9, P3, D6: store, WAL, free pages, logs, other people's exports, a new backup."""
    caplog.set_level(logging.DEBUG, logger="helpspace")
    practice = world.practice
    old = tmp_path / "old"
    old.mkdir()
    sam, sealed = lived(world)
    kim = world.client(name="Kim")
    before = sums(world)
    backup.backup(practice, makers.TEAM, old / "backup")
    assert all(value in whole_store(practice) for value in sealed)
    assert b"canarybrand" in whole_store(practice)
    erasing.erase(practice, sam)
    to_the_end(world)
    assert state_of(world, sam) == "done"
    new = tmp_path / "new"
    new.mkdir()
    backup.backup(practice, makers.TEAM, new / "backup")
    held = record.export(practice, kim)
    everywhere = {
        "store": whole_store(practice),
        "log": caplog.text.encode(),
        "export": papers.as_json(held) + papers.as_page(held),
        "backup": b"".join(path.read_bytes() for path in new.iterdir()),
    }
    for name, found in everywhere.items():
        for canary in CANARIES:
            assert canary.encode() not in found, (name, canary)
        for value in sealed:
            assert value not in found, name
    assert sums(world) == before
    assert erased.mark_of(practice.vault, sam.id) in (erased.read(old) or set())
    assert world.money() == (6000, 0)


def test_d6_a_restored_backup_forgets_again(world: World, tmp_path: Path) -> None:
    """D6: what had been saved with them in it comes back without them, and nothing is ahead."""
    practice = world.practice
    zoe, sam = world.therapist(), leaver(world)
    ahead = world.session(zoe, sam)
    saved = tmp_path / "saved" / "backup"
    saved.parent.mkdir()
    backup.backup(practice, makers.TEAM, saved)
    erasing.erase(practice, sam)
    other = tmp_path / "restored"
    other.mkdir()
    target = makers.practice_at(f"sqlite:///{other / 'helpspace.db'}", world.clock,
                                FILES=str(other / "files"))  # fmt: skip
    target.store.close()
    (other / "helpspace.db").unlink(missing_ok=True)
    done = restore.restore(target, makers.TEAM, saved)
    assert done.erased == 1
    found = makers.practice_at(f"sqlite:///{other / 'helpspace.db'}", world.clock)
    row = makers.row(found, Client, sam.id)
    assert (row["name_sealed"], row["chat_hash"], row["card"]) == (None, None, None)
    assert row["erased_at"] is not None
    assert makers.row(found, Appointment, ahead.id)["state"] == "cancelled_by_client"
    assert makers.row(found, Erasure, sam.id)["state"] == "settling"
    found.store.close()
    everything = b"".join(path.read_bytes() for path in other.iterdir() if path.is_file())
    for canary in CANARIES:
        assert canary.encode() not in everything
