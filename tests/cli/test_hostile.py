"""Hostile and foreign names in the store come out of every command harmless and unharmed (A3)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Client, Heartbeat, Notice, Payment, Therapist
from tests import makers
from tests.cli.conftest import CommandLine

pytestmark = makers.ON_SQLITE

HOSTILE = "[/b]\x1b]52;c;aGk=\x07[@click=app.quit]x[/]\u202egnp\n=1+1<b>\x9b31m"
FOREIGN = ("Zoë O'Brien", "محمد الحسن", "李 明", "[/b]", "=1+1", "<b>")


def _commands(therapist: str, client: str, booked: str) -> list[tuple[str, ...]]:
    return [
        ("therapists", "list"),
        ("therapists", "show", therapist),
        ("clients", "list"),
        ("clients", "show", client),
        ("slots", "list"),
        ("appointments", "list"),
        ("appointments", "show", booked),
        ("charges", "list"),
        ("refunds", "list"),
        ("notices", "list"),
        ("jobs", "list"),
        ("audit",),
        ("store", "check"),
        ("store", "stats"),
        ("tui",),
    ]


def _poison(practice: Practice, therapist: Actor, client: Actor) -> str:
    """Put hostile text everywhere that foreign text can be, past the cleaning of the core."""
    booked = makers.session(practice, therapist, client)
    makers.open_slot(practice, therapist, makers.SOON + 7200)
    for model, key, names in (
        (Therapist, therapist.id, ("name", "contact", "handle")),
        (Client, client.id, ("name",)),
    ):
        table = model._meta.table_name
        values = {f"{one}_sealed": practice.vault.seal(HOSTILE, f"{table}.{one}") for one in names}
        makers.set_row(practice, model, key, **values)
    makers.set_row(practice, Payment, booked.id, status="failed", reason=HOSTILE)
    with practice.change() as tx:
        tx.run(Notice.update(error=HOSTILE))
        tx.insert(Heartbeat, job="charges", began_at=tx.now, ended_at=tx.now, did=0, error=HOSTILE)
        team = Actor.team(HOSTILE).on_behalf_of("client", client.id, HOSTILE)
        tx.audit(team, "act", "thing", HOSTILE, note=HOSTILE)
        assert tx.count(Audit.select()) > 0
    return booked.id


def _texts(document: Any) -> list[str]:
    if isinstance(document, dict):
        return [text for value in document.values() for text in _texts(value)]
    if isinstance(document, list):
        return [text for value in document for text in _texts(value)]
    return [document] if isinstance(document, str) else []


def test_hostile_names_are_harmless_everywhere(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = _poison(practice, therapist, client)
    for command in _commands(therapist.id, client.id, booked):
        if command != ("tui",):
            shown = cli(*command)
            assert shown.code == 0, shown.err
            for line in shown.out.splitlines() + shown.err.splitlines():
                assert line.isprintable(), (command, line)
        for text in _texts(cli.json(*command)):
            assert text.isprintable(), (command, text)
    # What is only unusual stays readable.
    assert "[/b]" in cli("clients", "list").out
    assert "=1+1<b>" in cli("therapists", "list").out


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_names_come_through_unharmed(
    cli: CommandLine, practice: Practice, name: str
) -> None:
    therapist = makers.add_therapist(practice, name)
    makers.add_client(practice, name)
    assert cli.json("therapists", "show", therapist.id)["name"] == name
    assert cli.json("clients", "list")[0]["name"] == name
    assert name in cli("therapists", "list").out
    assert name in cli("clients", "list").out
