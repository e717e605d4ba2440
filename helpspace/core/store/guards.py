"""What the schema itself refuses (D3), on both backends: overlap, double booking, changed terms.

The claim table carries the guard of time. Its rows never move and, once closed, stay closed; so
overlap can only arise by an insert, and one look at the neighbour before it is enough. A live
appointment must sit on a booked claim with the same therapist and times, and no two share one; when
it moves, it goes to another claim. Over time off nothing is claimed or opened again (C7); what was
booked there before may stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import peewee

from helpspace.core.errors import StoreFault
from helpspace.core.store.declared import Declared, declared
from helpspace.core.store.dialect import name_of

FIXED_CLAIM = ("id", "therapist_id", "purpose", "start_at", "end_at", "created_at")
FIXED_TERMS = (
    "id", "kind", "therapist_id", "client_id", "slot_id", "fee", "currency", "booked_at",
    "booked_by",
)  # fmt: skip
LIVE = "('booked', 'completed', 'no_show')"

# Each refusal: name, table, event, and the condition under which the row is refused.
_CHANGED = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in FIXED_CLAIM)
_TERMS = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in FIXED_TERMS)
_NO_CLAIM = f"""NEW.state IN {LIVE} AND NOT EXISTS (
    SELECT 1 FROM claim WHERE claim.id = NEW.claim_id
    AND claim.state = 'booked' AND claim.therapist_id = NEW.therapist_id
    AND claim.start_at = NEW.start_at AND claim.end_at = NEW.end_at {{kept}})"""
_STEP = """NEW.state <> OLD.state AND NOT (OLD.state = 'booked' OR
    (OLD.state = 'completed' AND NEW.state = 'no_show'))"""
_CANCELLED = """OLD.cancelled_at IS NOT NULL AND (NEW.state <> OLD.state
    OR NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at OR NEW.start_at <> OLD.start_at
    OR NEW.end_at <> OLD.end_at OR NEW.free_until <> OLD.free_until
    OR NEW.claim_id <> OLD.claim_id)"""
# A move sets new times only together with the next number of the calendar file (M10, N3a).
_MOVED = """(NEW.start_at <> OLD.start_at OR NEW.end_at <> OLD.end_at
    OR NEW.free_until <> OLD.free_until OR NEW.claim_id <> OLD.claim_id)
    AND NOT (OLD.state = 'booked' AND NEW.state = 'booked' AND NEW.sequence = OLD.sequence + 1)"""
_TIME_OFF = """EXISTS (SELECT 1 FROM time_off
    WHERE time_off.therapist_id = NEW.therapist_id AND time_off.lifted_at IS NULL
    AND time_off.start_at < NEW.end_at AND time_off.end_at > NEW.start_at)"""
_STILL_OPEN = """EXISTS (SELECT 1 FROM claim WHERE claim.therapist_id = NEW.therapist_id
    AND claim.state IN ('open', 'held')
    AND claim.start_at < NEW.end_at AND claim.end_at > NEW.start_at)"""
_OFF_CHANGED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("id", "therapist_id", "start_at", "end_at", "created_at")
)
_LIVE_ON_IT = f"""NEW.state <> 'booked' AND EXISTS (SELECT 1 FROM appointment
    WHERE appointment.claim_id = NEW.id AND appointment.state IN {LIVE})"""

# The trail is append-only, but a reason that names an erased person can be wiped (D6).
_TRAIL = "NEW.why_sealed IS NOT NULL OR " + " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("seq", "at", "role", "actor_id", "by_whom", "via", "act", "thing", "thing_id",
                   "detail")
)  # fmt: skip

REFUSALS: tuple[tuple[str, str, str, str], ...] = (
    ("claim_fixed", "claim", "UPDATE", _CHANGED),
    ("claim_closed", "claim", "UPDATE", "OLD.state = 'closed' AND NEW.state <> 'closed'"),
    ("claim_in_use", "claim", "UPDATE", _LIVE_ON_IT),
    ("appointment_unclaimed", "appointment", "INSERT", _NO_CLAIM),
    ("appointment_unclaimed_later", "appointment", "UPDATE", _NO_CLAIM),
    ("appointment_terms", "appointment", "UPDATE", _TERMS),
    ("appointment_step", "appointment", "UPDATE", _STEP),
    ("appointment_final", "appointment", "UPDATE", _CANCELLED),
    ("appointment_moved", "appointment", "UPDATE", _MOVED),
    ("appointment_sequence", "appointment", "UPDATE", "NEW.sequence < OLD.sequence"),
    ("appointment_kept", "appointment", "DELETE", "1 = 1"),
    ("claim_time_off", "claim", "INSERT", f"NEW.state <> 'closed' AND {_TIME_OFF}"),
    ("claim_time_off_later", "claim", "UPDATE", f"""NEW.state <> OLD.state
        AND NEW.state <> 'closed' AND {_TIME_OFF}"""),
    ("time_off_overlap", "time_off", "INSERT", f"NEW.lifted_at IS NULL AND {_TIME_OFF}"),
    ("time_off_over_slots", "time_off", "INSERT", f"NEW.lifted_at IS NULL AND {_STILL_OPEN}"),
    ("time_off_fixed", "time_off", "UPDATE", f"{_OFF_CHANGED} OR OLD.lifted_at IS NOT NULL"),
    ("ledger_fixed", "ledger", "UPDATE", "1 = 1"),
    ("ledger_kept", "ledger", "DELETE", "1 = 1"),
    ("audit_fixed", "audit", "UPDATE", _TRAIL),
    ("audit_kept", "audit", "DELETE", "1 = 1"),
    ("intent_fixed", "intent", "UPDATE", """NEW.appointment_id <> OLD.appointment_id
        OR NEW.amount <> OLD.amount OR NEW.account <> OLD.account
        OR (OLD.stripe_id IS NOT NULL AND NEW.stripe_id IS DISTINCT FROM OLD.stripe_id)"""),
)  # fmt: skip

SINCE = dict.fromkeys(
    ("claim_time_off", "claim_time_off_later", "time_off_overlap", "time_off_over_slots",
     "time_off_fixed"), "0007_moves",
)  # fmt: skip
"""The migration with whose tables a refusal comes; the others are there from the first on."""

# SQLite's INSERT OR REPLACE removes the row that has the same unique key without asking a delete
# trigger, so it is refused before it comes to that: name, table, and which row would be replaced.
_BOTH_LIVE = f"state IN {LIVE} AND NEW.state IN {LIVE}"
REPLACED = (
    ("claim_replaced", "claim", "id = NEW.id"),
    ("appointment_replaced", "appointment", "id = NEW.id"),
    ("appointment_one_live", "appointment", f"claim_id = NEW.claim_id AND {_BOTH_LIVE}"),
    ("appointment_one_initial", "appointment", f"""client_id = NEW.client_id
        AND therapist_id = NEW.therapist_id AND kind = 'initial' AND NEW.kind = 'initial'
        AND {_BOTH_LIVE}"""),
    ("ledger_replaced", "ledger", """seq = NEW.seq
        OR (kind = NEW.kind AND stripe_id = NEW.stripe_id)
        OR (appointment_id = NEW.appointment_id AND kind = 'charge' AND NEW.kind = 'charge')"""),
    ("audit_replaced", "audit", "seq = NEW.seq"),
)  # fmt: skip

# UPDATE OR REPLACE does the same; of what else is unique nothing can be changed in a live row.
REPLACED_LATER = (
    ("appointment_moved_over", "appointment", "claim_id",
        f"claim_id = NEW.claim_id AND id <> OLD.id AND {_BOTH_LIVE}"),
)  # fmt: skip

_KINDS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}
"""PostgreSQL's bits for the event of a trigger; 3 more for one before each row."""


def _sqlite() -> dict[str, str]:
    made = {
        "claim_overlap": """CREATE TRIGGER claim_overlap BEFORE INSERT ON claim
            WHEN NEW.state <> 'closed' BEGIN SELECT RAISE(ABORT, 'claim_overlap') WHERE (
                SELECT end_at FROM claim WHERE therapist_id = NEW.therapist_id
                AND state <> 'closed' AND start_at < NEW.end_at
                ORDER BY start_at DESC LIMIT 1) > NEW.start_at; END"""
    }
    for name, table, event, condition in REFUSALS:
        made[name] = f"""CREATE TRIGGER {name} BEFORE {event} ON {table}
            WHEN {condition.format(kept="")} BEGIN SELECT RAISE(ABORT, '{name}'); END"""
    for name, table, same in REPLACED:
        made[name] = f"""CREATE TRIGGER {name} BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
            BEGIN SELECT RAISE(ABORT, '{name}'); END"""
    for name, table, column, same in REPLACED_LATER:
        made[name] = f"""CREATE TRIGGER {name} BEFORE UPDATE OF {column} ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
            BEGIN SELECT RAISE(ABORT, '{name}'); END"""
    return made


def _body(name: str, event: str, condition: str) -> str:
    # The claim is locked against being closed before the appointment on it is committed.
    return f""" BEGIN
                IF {condition.format(kept="FOR SHARE")} THEN RAISE EXCEPTION '{name}'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'; END IF;
                RETURN {"OLD" if event == "DELETE" else "NEW"};
            END """


def _postgresql() -> dict[str, str]:
    made = {
        "claim_overlap": """ALTER TABLE claim ADD CONSTRAINT claim_overlap EXCLUDE USING gist
            (therapist_id WITH =, int8range(start_at, end_at) WITH &&) WHERE (state <> 'closed')"""
    }
    for name, table, event, condition in REFUSALS:
        made[name] = f"""
            CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
            AS $guard${_body(name, event, condition)}$guard$;
            CREATE TRIGGER {name} BEFORE {event} ON {table}
                FOR EACH ROW EXECUTE FUNCTION {name}()"""
    return made


def expected(db: Any, only: Collection[str] | None = None) -> dict[str, str]:
    """Return the statement that makes each guard, by its name, or its words in a SQLite table.

    Triggers and the exclusion bear their own names; others begin with "index" or "constraint".
    With `only`, those declared by these migrations.
    """
    sqlite = name_of(db) == "sqlite"
    made = _sqlite() if sqlite else _postgresql()
    made = {
        name: text
        for name, text in made.items()
        if only is None or name not in SINCE or SINCE[name] in only
    }
    for one in declared(only):
        if one.kind == "index" or sqlite:
            made[_key(one)] = one.text
        else:
            made[_key(one)] = f"ALTER TABLE {one.table} ADD {one.clause}"
    return made


def _key(one: Declared) -> str:
    return f"{one.kind} {one.name}"


def present(db: Any) -> set[str]:
    """Return the names of the guards that the database has now, in force and as they must be."""
    return set(_present_sqlite(db) if name_of(db) == "sqlite" else _present_postgresql(db))


def _present_sqlite(db: Any) -> Iterator[str]:
    rows = db.execute_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    there = {(kind, name): _plain(sql) for kind, name, sql in rows.fetchall()}
    for name, statement in _sqlite().items():
        if there.get(("trigger", name)) == _plain(statement):
            yield name
    for one in declared(_applied(db)):
        if one.kind == "index":
            fits = there.get(("index", one.name)) == _plain(one.text)
        else:
            fits = _plain(one.text) in there.get(("table", one.table), "")
        if fits:
            yield _key(one)


def _plain(sql: str) -> str:
    """Return a definition without quotes and white space, which rebuilds of a table change."""
    return "".join(sql.replace('"', "").split())


_TRIGGERS = """SELECT t.tgname, c.relname, t.tgtype, p.prosrc FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
    AND t.tgattr = '' AND pg_table_is_visible(c.oid)"""
_DEFINED = """SELECT 'index', c.relname, t.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisunique AND i.indisvalid AND pg_table_is_visible(t.oid)
    UNION ALL SELECT 'constraint', k.conname, t.relname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
    WHERE k.contype IN ('c', 'u', 'x') AND k.convalidated AND pg_table_is_visible(t.oid)"""


def _present_postgresql(db: Any) -> Iterator[str]:
    triggers = {
        name: (table, kind, _plain(body))
        for name, table, kind, body in db.execute_sql(_TRIGGERS).fetchall()
    }
    for name, table, event, condition in REFUSALS:
        wanted = (table, 3 + _KINDS[event], _plain(_body(name, event, condition)))
        if triggers.get(name) == wanted:
            yield name
    there = {
        (kind, name, table): _squashed(text)
        for kind, name, table, text in db.execute_sql(_DEFINED).fetchall()
    }
    overlap = _postgresql()["claim_overlap"].partition("CONSTRAINT claim_overlap ")[2]
    if there.get(("constraint", "claim_overlap", "claim")) == _squashed(overlap):
        yield "claim_overlap"
    for one in declared(_applied(db)):
        text = one.text if one.kind == "index" else one.clause.split(maxsplit=2)[2]
        if there.get((one.kind, one.name, one.table)) == _squashed(text):
            yield _key(one)


def _squashed(sql: str) -> str:
    """Return a definition in the words that PostgreSQL and our own have in common."""
    text = re.sub(r"::\w+|\b\w+\.(?=\w)|USING btree|[()\[\]\s]", "", sql)
    return text.replace("=ANYARRAY", "IN").replace("USINGbtree", "")


def take_down(db: Any) -> None:
    """Drop the triggers for the length of a migration's transaction, to be put up as they are now.

    SQLite would trip over them when a rebuild gives a table its name back.
    """
    sqlite = name_of(db) == "sqlite"
    for name in _sqlite() if sqlite else _postgresql():
        if sqlite:
            db.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
        elif name != "claim_overlap":
            db.execute_sql(f"DROP FUNCTION IF EXISTS {name}() CASCADE")


def put_up(db: Any) -> None:
    """Make the guards that are missing or are not as they must be; part of every migration.

    Raises StoreFault for one that cannot be made again, or that rows in the store break.
    """
    if name_of(db) == "postgresql":
        db.execute_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    there, wanted = present(db), expected(db, _applied(db))
    for name, statement in wanted.items():
        if name in there:
            continue
        if not can_be_put_up(db, name):
            raise _lost([name], "Restore a backup.")
        for drop in _drops(db, name, statement):
            db.execute_sql(drop)
        try:
            db.execute_sql(statement)
        except peewee.IntegrityError as error:
            raise _lost([name], "Rows break it by now: restore a backup.") from error


def _applied(db: Any) -> set[str]:
    return {row[0] for row in db.execute_sql("SELECT name FROM schema_migration").fetchall()}


def can_be_put_up(db: Any, name: str) -> bool:
    """Say whether a guard can be made again: SQLite adds no constraint to a table that is there."""
    return name_of(db) != "sqlite" or not name.startswith("constraint ")


def _drops(db: Any, key: str, statement: str) -> Iterator[str]:
    """Give what takes away a guard of this name that is not as it must be."""
    name = key.rpartition(" ")[2]
    if key.startswith("index "):
        yield f"DROP INDEX IF EXISTS {name}"
    elif name_of(db) == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
    elif statement.startswith("ALTER TABLE "):
        yield f"ALTER TABLE {statement.split()[2]} DROP CONSTRAINT IF EXISTS {name}"
    else:
        yield f"DROP FUNCTION IF EXISTS {name}() CASCADE"


def check(db: Any) -> None:
    """Refuse to go on when a guard is missing or is not as it must be, naming it (D3)."""
    missing = sorted(set(expected(db)) - present(db))
    if missing:
        healed = all(can_be_put_up(db, name) for name in missing)
        hint = "Run `helpspace init` to put it back before anything else."
        raise _lost(missing, hint if healed else "Restore a backup.")


def _lost(names: list[str], hint: str) -> StoreFault:
    return StoreFault(f"The store has lost its guard {', '.join(names)}", hint)
