"""The team hands out and forgets what is held about a client, and answers letters (K4, A1, A2)."""

from __future__ import annotations

import pytest

from helpspace.core import tickets
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Client
from tests import makers
from tests.cli.conftest import CommandLine


@pytest.fixture
def sam(practice: Practice) -> Actor:
    return makers.add_client(practice, "Sam", "sam@example.org")


@makers.ON_SQLITE
def test_k4_export_as_json_and_page(cli: CommandLine, practice: Practice, sam: Actor) -> None:
    assert cli.json("clients", "export", sam.id)["about"]["email"] == "sam@example.org"
    page = cli("clients", "export", sam.id, "--page")
    assert page.out.startswith("<!doctype html>")
    assert "sam@example.org" in page.out


@makers.ON_SQLITE
def test_k4_erase_says_first_then_does_that(
    cli: CommandLine, practice: Practice, sam: Actor
) -> None:
    booked = makers.session(practice, makers.add_therapist(practice), sam)
    argv = ("clients", "erase", sam.id, "--reason", "asked by letter")
    before = makers.snapshot(practice)
    rehearsed = cli.json(*argv, "--dry-run")
    assert (rehearsed["cancelled"], rehearsed["owed_pence"]) == ([booked.id], 0)
    assert rehearsed["dry_run"] is True
    asked = cli(*argv, answer="n\n")
    assert asked.code == 1
    assert f"Appointments cancelled: {booked.id}." in asked.err
    assert makers.snapshot(practice) == before
    assert cli(*argv, answer="y\n").code == 0
    assert makers.row(practice, Client, sam.id)["erased_at"] is not None
    assert makers.row(practice, Appointment, booked.id)["state"] == "cancelled_by_client"
    [line] = [row for row in makers.snapshot(practice)["audit"] if row["act"] == "erase"]
    assert line["by_whom"].startswith("team:")
    assert cli(*argv, "--yes").code == 1


@makers.ON_SQLITE
def test_letters_are_answered_by_command(cli: CommandLine, practice: Practice, sam: Actor) -> None:
    one = tickets.write(practice, sam, "question", "When?")
    assert [row["id"] for row in cli.json("clients", "tickets", "list")] == [one.id]
    assert cli.json("clients", "tickets", "show", one.id)["text"] == "When?"
    assert cli.json("clients", "tickets", "answer", one.id, "--text", "Soon.")["answer"] == "Soon."
    assert cli("clients", "tickets", "answer", one.id, "--text", "Again.").code == 1
    assert cli.json("clients", "tickets", "list") == []
    assert tickets.tickets(practice, sam)[0].answer == "Soon."
