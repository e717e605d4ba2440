"""What the schema itself refuses (D3), on both backends: overlap, double booking, changed terms.

The claim table carries the guard of time. Its rows never move and, once closed, stay closed; so
overlap can only arise by an insert, and one look at the neighbour before it is enough. A live
appointment must sit on a booked claim with the same therapist and times, and no two share one.
"""

from __future__ import annotations

from typing import Any

from helpspace.core.errors import StoreFault
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
    ("appointment_kept", "appointment", "DELETE", "1 = 1"),
    ("ledger_fixed", "ledger", "UPDATE", "1 = 1"),
    ("ledger_kept", "ledger", "DELETE", "1 = 1"),
    ("audit_fixed", "audit", "UPDATE", _TRAIL),
    ("audit_kept", "audit", "DELETE", "1 = 1"),
    ("intent_fixed", "intent", "UPDATE", """NEW.appointment_id <> OLD.appointment_id
        OR NEW.amount <> OLD.amount OR NEW.account <> OLD.account
        OR (OLD.stripe_id IS NOT NULL AND NEW.stripe_id IS DISTINCT FROM OLD.stripe_id)"""),
)  # fmt: skip

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
    return made


def _postgresql() -> dict[str, str]:
    made = {
        "claim_overlap": """ALTER TABLE claim ADD CONSTRAINT claim_overlap EXCLUDE USING gist
            (therapist_id WITH =, int8range(start_at, end_at) WITH &&) WHERE (state <> 'closed')"""
    }
    for name, table, event, condition in REFUSALS:
        # The claim is locked against being closed before the appointment on it is committed.
        refused = condition.format(kept="FOR SHARE")
        made[name] = f"""
            CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
                IF {refused} THEN RAISE EXCEPTION '{name}'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}'; END IF;
                RETURN {"OLD" if event == "DELETE" else "NEW"};
            END $guard$;
            CREATE TRIGGER {name} BEFORE {event} ON {table}
                FOR EACH ROW EXECUTE FUNCTION {name}()"""
    return made


def expected(db: Any) -> dict[str, str]:
    """Return the statement that makes each guard, by its name."""
    return _sqlite() if name_of(db) == "sqlite" else _postgresql()


def present(db: Any) -> set[str]:
    """Return the names of the guards that the database has now."""
    if name_of(db) == "sqlite":
        found = db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        found = db.execute_sql(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            " UNION SELECT conname FROM pg_constraint WHERE contype = 'x'"
        )
    return {row[0] for row in found.fetchall()}


def take_down(db: Any) -> None:
    """Drop the triggers for the length of a migration's transaction, to be put up as they are now.

    SQLite would trip over them when a rebuild gives a table its name back.
    """
    for name in present(db) & set(expected(db)):
        if name_of(db) == "sqlite":
            db.execute_sql(f"DROP TRIGGER {name}")
        elif name != "claim_overlap":
            db.execute_sql(f"DROP FUNCTION {name} CASCADE")


def put_up(db: Any) -> None:
    """Make the guards that are missing; called inside every migration's transaction."""
    if name_of(db) == "postgresql":
        db.execute_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    there = present(db)
    for name, statement in expected(db).items():
        if name not in there:
            db.execute_sql(statement)


def check(db: Any) -> None:
    """Refuse to go on when a guard is missing, naming it (D3)."""
    missing = sorted(set(expected(db)) - present(db))
    if missing:
        raise StoreFault(
            f"The store has lost its guard {', '.join(missing)}",
            "Run `helpspace init` to put it back before anything else.",
        )
