"""`store backup`, `store restore`, `store move-to-postgres`, `reconcile --adopt` by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.standing import RESTS
from tests import makers, postgres
from tests.cli.conftest import CommandLine


@pytest.fixture
def lived_in(practice: Practice, therapist: Actor, client: Actor) -> Practice:
    makers.session(practice, therapist, client)
    return practice


def test_d5_backed_up_and_restored_by_hand(
    cli: CommandLine, lived_in: Practice, tmp_path: Path
) -> None:
    rehearsed = cli.json("store", "backup", "kept.backup", "--dry-run")
    assert (rehearsed["dry_run"], rehearsed["proved"]) == (True, False)
    assert not (tmp_path / "kept.backup").exists()
    made = cli.json("store", "backup", "kept.backup")
    path = tmp_path / "kept.backup"
    assert (made["file"], made["proved"], made["missing"]) == (str(path), True, [])
    assert made["bytes"] == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    again = cli("store", "backup", "kept.backup")
    assert (again.code, "is there already" in again.line) == (1, True)

    taken = cli("store", "restore", "kept.backup")
    assert (taken.code, "in that place already" in taken.line) == (1, True)
    place = {"DATABASE": f"sqlite:///{tmp_path / 'new' / 'x.db'}"}
    dry = cli("store", "restore", "kept.backup", "--dry-run", "--json", **place)
    assert (dry.code, dry.json["dry_run"]) == (0, True)
    assert not (tmp_path / "new" / "x.db").exists()
    done = cli("store", "restore", "kept.backup", **place)
    assert (done.code, "reconcile --adopt" in done.err) == (0, True)
    cli.environment |= {f"HELPSPACE_{name}": value for name, value in place.items()}
    assert cli.json("store", "stats")["appointments"] == {"booked": 1}
    check = {one["check"]: one for one in cli("store", "check", "--json").json}
    assert (check["adopted"]["ok"], check["adopted"]["message"]) == (False, RESTS)
    run = cli("jobs", "run", "charges")
    assert run.code in (0, 1)  # without a key for Stripe there is nothing to rest from
    doctor = cli("doctor")
    assert "reconcile --adopt" in doctor.out


@makers.ON_SQLITE
def test_a_backup_beside_it_is_restored_in_its_place(
    cli: CommandLine, lived_in: Practice, tmp_path: Path
) -> None:
    cli.json("store", "backup", "kept.backup")
    lived_in.store.close()
    done = cli.json("store", "restore", "kept.backup", "--replace")
    (aside,) = done["set_aside"]
    assert Path(aside).exists()
    opened = cli("store", "stats", DATABASE=f"sqlite:///{aside}")
    assert (opened.code, "has moved to one restored from a backup" in opened.line) == (1, True)
    assert cli.json("store", "stats")["appointments"] == {"booked": 1}


@makers.ON_SQLITE
def test_a_store_moves_to_postgresql_by_hand(
    cli: CommandLine, lived_in: Practice, databases: postgres.Databases
) -> None:
    url = databases.url(databases.make())
    secret = url.replace("user=postgres", "user=postgres&password=hunter2")
    lived_in.store.close()
    assert cli.json("store", "move-to-postgres", secret, "--dry-run")["dry_run"] is True
    assert cli.json("store", "stats")["backend"] == "sqlite"
    moved = cli("store", "move-to-postgres", secret)
    assert moved.code == 0, moved.err
    assert "hunter2" not in moved.out + moved.err
    assert "HELPSPACE_FILES" in moved.err
    old = cli("slots", "list")
    assert (old.code, "has moved to PostgreSQL" in old.line) == (1, True)
    assert "HELPSPACE_DATABASE" in old.line
    for command in ("serve", "init"):
        refused = cli(command, BIND="127.0.0.1:0")
        assert (refused.code, "has moved to PostgreSQL" in refused.err) == (1, True)
    found = cli("store", "stats", "--json", DATABASE=url)
    assert (found.json["backend"], found.json["appointments"]) == ("postgresql", {"booked": 1})


def test_a_move_of_what_is_there_already_is_refused(
    cli: CommandLine, lived_in: Practice, backend: str
) -> None:
    found = cli("store", "move-to-postgres", lived_in.settings.database)
    assert found.code == 1
    assert ("no address of PostgreSQL" in found.line) == (backend == "sqlite")


@makers.ON_SQLITE
def test_d5_adopting_without_stripe_is_refused(cli: CommandLine, lived_in: Practice) -> None:
    found = cli("reconcile", "--adopt")
    assert (found.code, "Stripe is not set up" in found.line) == (1, True)


@makers.ON_SQLITE
def test_d5_adopting_by_hand(
    cli: CommandLine, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpspace.core.gateways import Outside
    from helpspace.core.store import standing
    from tests.jobs.world import KEY, World

    world = World(practice.settings.database, practice.clock)  # type: ignore[arg-type]
    session = world.booked()
    with world.practice.change() as tx:
        tx.set_fact(standing.RESTORED, "0")
    monkeypatch.setattr(
        "helpspace.wiring.open_outside", lambda *_a, **_k: Outside(stripe=world.stripe)
    )
    cli.environment |= {"HELPSPACE_STRIPE_KEY": KEY}
    world.to_charge(session)
    run = cli("jobs", "run", "charges", "--json")
    assert (run.code, run.json[0]["error"], run.json[0]["message"]) == (1, "not_adopted", RESTS)
    world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "customer": world.customer_of(world.sam),
            "payment_method": world.card_of(world.sam),
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "on_behalf_of": world.account_of(world.zoe),
            "transfer_data": {"destination": world.account_of(world.zoe)},
            "metadata": {"store": world.stripe_store(), "appointment": session.id, "intent": "x"},
        }
    )
    dry = cli("reconcile", "--adopt", "--dry-run", "--json")
    assert (dry.code, len(dry.json["differences"])) == (1, 1)
    assert [one["kind"] for one in dry.json["adopted"]] == ["intent", "charge"]
    assert standing.rests(world.practice.store)
    done = cli("reconcile", "--adopt")
    assert (done.code, "£60 was charged already" in done.out) == (0, True)
    assert "may charge again" in done.err
    assert "No difference" in done.err
    again = cli("reconcile", "--adopt", "--json")
    assert (again.code, json.loads(again.out)) == (0, {"adopted": [], "differences": []})
    assert cli("jobs", "run", "charges").code == 0
    assert world.payment(session) == "paid"
    world.close()


@makers.ON_SQLITE
def test_d5_serve_says_that_the_store_rests(
    cli: CommandLine,
    practice: Practice,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def at_once(_service: object) -> None:
        """End before anything begins."""

    monkeypatch.setattr("helpspace.serve._Service.run", at_once)
    monkeypatch.setattr("helpspace.logs.set_up", lambda **_: None)
    monkeypatch.setattr("os.umask", lambda _: 0)
    assert cli("serve", "--no-bot", BIND="127.0.0.1:0").code == 0
    assert RESTS not in caplog.messages
    with practice.change() as tx:
        tx.set_fact("restored_at", "0")
    assert cli("serve", "--no-bot", BIND="127.0.0.1:0").code == 0
    assert RESTS in caplog.messages
