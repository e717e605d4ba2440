"""`store check` and `store stats`, on both databases."""

from __future__ import annotations

import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store import guards, upkeep
from helpspace.core.store.tables import Payment
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import CommandLine


def _failed(practice: Practice, team: Actor) -> set[str]:
    return {one.name for one in upkeep.check(practice, team) if not one.ok}


def test_a_store_in_use_is_sound(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    makers.session(practice, therapist, client)
    found = cli.json("store", "check")
    assert all(one["ok"] for one in found)
    assert {"database", "schema", "guards", "integrity", "time", "ledger", "key", "clock"} <= {
        one["check"] for one in found
    }


def test_what_the_guards_refuse_is_found_when_they_are_gone(
    practice: Practice, team: Actor, therapist: Actor, client: Actor
) -> None:
    booked = makers.session(practice, therapist, client)
    makers.open_slot(practice, therapist, makers.SOON + 7200)
    db = practice.store.db
    if practice.store.postgresql:
        db.execute_sql("ALTER TABLE claim DISABLE TRIGGER USER")
        db.execute_sql("ALTER TABLE claim DROP CONSTRAINT claim_overlap")
    else:
        for name in guards.present(db):
            if " " not in name:
                db.execute_sql(f"DROP TRIGGER {name}")
    try:
        db.execute_sql(f"UPDATE claim SET start_at = {makers.SOON}, end_at = {makers.SOON + 60}")
        with practice.change() as tx:
            tx.run(Payment.delete().where(Payment.appointment_id == booked.id))
        assert {"guards", "time", "sessions", "payments"} <= _failed(practice, team)
    finally:
        with practice.change() as tx:
            tx.sql("UPDATE claim SET state = 'closed' RETURNING id")
        if practice.store.postgresql:
            db.execute_sql("ALTER TABLE claim ENABLE TRIGGER USER")
        guards.put_up(db)


@makers.ON_SQLITE
def test_d2_a_folder_that_others_can_list_is_worth_a_note(practice: Practice, team: Actor) -> None:
    folder = practice.store.path.parent
    names = [one.name for one in upkeep.check(practice, team) if one.note]
    assert names == []
    folder.chmod(0o755)
    [found] = [one for one in upkeep.check(practice, team) if one.note]
    assert (found.name, found.ok) == ("folder", True)
    assert f"chmod 700 {folder}" in found.words


def test_a_clock_behind_the_store_is_told(
    practice: Practice, team: Actor, therapist: Actor
) -> None:
    late = makers.practice_at(practice.settings.database, MovableClock(makers.NOW - 3600))
    assert _failed(late, team) == {"clock"}
    late.store.close()


def test_a_clock_that_was_ahead_is_mended(cli: CommandLine, practice: Practice) -> None:
    ahead = makers.practice_at(practice.settings.database, MovableClock(makers.NOW + 7200))
    makers.add_therapist(ahead)
    ahead.store.close()
    assert cli.json("store", "mend-clock", "--dry-run") == {"ahead_seconds": 7200, "dry_run": True}
    assert practice.now() == makers.NOW + 7200
    assert cli("store", "mend-clock", "--yes").code == 0
    assert practice.now() == makers.NOW
    again = cli("store", "mend-clock", "--yes")
    assert (again.code, "not ahead" in again.line) == (1, True)


def test_a_key_that_does_not_fit_is_told(practice: Practice, team: Actor, therapist: Actor) -> None:
    from dataclasses import replace

    from helpspace.core.vault import Vault

    assert _failed(replace(practice, vault=Vault(bytes(32))), team) == {"key"}


@makers.ON_SQLITE
def test_a_check_that_fails_exits_1(
    cli: CommandLine, practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    cli._clock = MovableClock(makers.NOW - 3600)
    done = cli("store", "check")
    assert (done.code, "FAILED" in done.out) == (1, True)


def test_stats_count_what_there_is(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    makers.session(practice, therapist, client)
    found = cli.json("store", "stats")
    assert found["rows"]["therapist"] == found["rows"]["client"] == 1
    assert found["appointments"] == {"booked": 1}
    assert found["slots"] == {"booked": 1}
    assert found["payments"] == {"scheduled": 1}
    assert found["notices"]["pending"] > 0
    assert found["bytes"] > 10_000
    assert found["backend"] == ("postgresql" if practice.store.postgresql else "sqlite")
    assert "1 booked" in cli("store", "stats").out


def test_only_the_team_looks(practice: Practice, therapist: Actor) -> None:
    from helpspace.core.errors import NotAllowed

    for question in (upkeep.check, upkeep.stats):
        with pytest.raises(NotAllowed):
            question(practice, therapist)
