"""`populate`: plausible people, valid by every guard, and never beside real people or money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store import upkeep
from helpspace.core.store.tables import Appointment, Claim, Client, Payment, Reminder, Therapist
from tests import makers
from tests.cli.conftest import CommandLine

MANY = ("--therapists", "20", "--clients", "30", "--slots", "200", "--appointments", "90")


def _personal(practice: Practice, model: Any, column: str) -> list[str]:
    table = model._meta.table_name
    sealed = [row[f"{column}_sealed"] for row in makers.all_rows(practice, model)]
    return [practice.vault.open(one, f"{table}.{column}") for one in sealed]


def test_many_people_are_valid_by_every_rule(
    cli: CommandLine, practice: Practice, team: Actor
) -> None:
    made = cli.json("populate", *MANY)
    assert made == {"therapists": 20, "clients": 30, "slots": 200, "appointments": 90}
    assert [one.name for one in upkeep.check(practice, team) if not one.ok] == []
    emails = [*_personal(practice, Therapist, "email"), *_personal(practice, Client, "email")]
    assert len(set(emails)) == 50
    assert all(one.endswith("@example.org") and one.isascii() for one in emails)
    booked = makers.all_rows(practice, Appointment)
    for row in booked:
        claim = makers.row(practice, Claim, row["claim_id"])
        assert (claim["state"], claim["start_at"]) == ("booked", row["start_at"])
        assert row["free_until"] > makers.NOW
        payment = makers.payment_of(practice, row["id"])
        assert payment["next_at"] == (row["free_until"] + 60 if row["fee"] else None)
    assert len(makers.all_rows(practice, Reminder)) == 180
    assert sum(one["visible"] for one in cli.json("therapists", "list")) == 19
    first: dict[tuple[str, str], str] = {}
    for row in sorted(booked, key=lambda one: one["start_at"]):
        pair = (row["therapist_id"], row["client_id"])
        assert row["kind"] == ("follow_up" if pair in first else "initial")
        first[pair] = row["id"]
    assert upkeep.stats(practice, team).counts["ledger"] == 0
    assert upkeep.stats(practice, team).counts["notice"] == 0


def test_the_same_seed_gives_the_same_people(bare: CommandLine, tmp_path: Path) -> None:
    found = []
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        bare.environment["HELPSPACE_DATABASE"] = f"sqlite:///{tmp_path}/{name}.db"
        bare("init")
        bare.json("populate", *MANY, "--seed", seed)
        people = bare.json("therapists", "list") + bare.json("clients", "list")
        found.append(people + bare.json("appointments", "list") + bare.json("slots", "list"))
    for one in found:
        for thing in one:
            thing.pop("video_url", None)
    assert found[0] == found[1] != found[2]


@makers.ON_SQLITE
def test_another_run_adds_other_people(cli: CommandLine) -> None:
    cli.json("populate", *MANY)
    cli.json("populate", *MANY)
    assert len({one["email"] for one in cli.json("therapists", "list")}) == 40


@makers.ON_SQLITE
def test_without_numbers_it_makes_the_ten_of_the_demo(cli: CommandLine, practice: Practice) -> None:
    made = cli.json("populate")
    assert made["therapists"] == 10
    people = cli.json("therapists", "list")
    assert {"Zoë O'Brien", "李 明 (Ming Li)"} <= {one["name"] for one in people}
    assert all(one["visible"] for one in people)
    assert {one["zone"] for one in people} == {"Europe/London", "Europe/Lisbon"}
    assert len(cli.json("appointments", "list")) == made["appointments"] == 10
    again = cli("populate")
    assert (again.code, "--therapists" in again.line) == (1, True)


@makers.ON_SQLITE
def test_a_rehearsal_makes_nobody(cli: CommandLine, practice: Practice) -> None:
    before = makers.snapshot(practice)
    for more in ((), MANY):
        done = cli("populate", *more, "--dry-run", "--json")
        assert done.json["dry_run"] is True
        assert done.json["therapists"] > 0
        assert makers.snapshot(practice) == before


@makers.ON_SQLITE
@pytest.mark.parametrize(
    "numbers",
    [
        ("--slots", "5"),
        ("--appointments", "5"),
        ("--therapists", "1", "--appointments", "5"),
        ("--therapists", "1", "--slots", "100000"),
    ],
)
def test_numbers_that_do_not_go_together(
    cli: CommandLine, practice: Practice, numbers: tuple[str, ...]
) -> None:
    before = makers.snapshot(practice)
    done = cli("populate", *numbers)
    assert done.code == 1
    assert done.line
    assert makers.snapshot(practice) == before


@makers.ON_SQLITE
def test_real_people_are_left_alone(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    before = makers.snapshot(practice)
    for more in ((), MANY):
        assert "real people" in cli("populate", *more).line
    assert makers.snapshot(practice) == before


@makers.ON_SQLITE
def test_a_live_key_is_refused(cli: CommandLine, practice: Practice) -> None:
    live = {"STRIPE_KEY": "sk_live_x", "MAIL": "smtp://localhost"}
    for more in ((), MANY):
        done = cli("populate", *more, **live)
        assert (done.code, "live" in done.line) == (1, True)
    assert makers.all_rows(practice, Therapist) == []
    assert makers.all_rows(practice, Payment) == []
