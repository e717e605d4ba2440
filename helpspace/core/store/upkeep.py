"""Looking after the store: is it sound, and what is in it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpspace.core.actors import Actor
from helpspace.core.errors import StoreFault
from helpspace.core.moments import MINUTE
from helpspace.core.payments.tries import ENDED_AT_STRIPE
from helpspace.core.practice import Practice, View
from helpspace.core.store import guards, migrate, standing
from helpspace.core.store.opening import wal_is_safe
from helpspace.core.store.tables import TABLES, Appointment, Client, Therapist

AHEAD = 5 * MINUTE
"""How far the last stored instant may be ahead of the machine's clock without being told (D4)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; where it is not well, `words` say what is wrong.

    With `note` it is well, but worth knowing.
    """

    name: str
    ok: bool
    words: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Stats:
    """What a store holds. `counts` has a number of rows for each table; `bytes` is its size."""

    backend: str
    version: str
    name: str
    bytes: int
    last_act_at: int | None
    counts: dict[str, int]
    slots: dict[str, int]
    appointments: dict[str, int]
    payments: dict[str, int]
    notices: dict[str, int]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What waits for the team. `waiting_since` is when the oldest unhandled message came in."""

    notices: int
    refunds: int
    waiting_since: int | None
    pending_refunds: int = 0
    owed_pence: int = 0
    """What accounts owe for refunds that went without their transfer."""
    disputes: int = 0
    answer_by: int | None = None
    """How many disputes are open, and until when the next of them is to be answered."""
    absences: int = 0
    absent_since: int | None = None
    """How many reports that a therapist did not come are undecided, and when the oldest came."""
    stopped: int = 0
    """How many clients are charged nothing by themselves since a dispute."""
    unsure: int = 0
    """How many fees rest because their payment was cancelled after the backup (D5)."""


# Each sentence counts the rows that break it; none is the answer of a sound store.
_RULES = (
    (
        "time",
        "claimed times overlap",
        """SELECT count(*) FROM (SELECT start_at, max(end_at) OVER (PARTITION BY therapist_id
            ORDER BY start_at, end_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy
            FROM claim WHERE state <> 'closed') t WHERE busy > start_at""",
    ),
    (
        "sessions",
        "live appointments without their booked time",
        """SELECT count(*) FROM appointment a LEFT JOIN claim c ON c.id = a.claim_id
            WHERE a.cancelled_at IS NULL AND (c.id IS NULL OR c.state <> 'booked'
            OR c.therapist_id <> a.therapist_id OR c.start_at <> a.start_at
            OR c.end_at <> a.end_at)""",
    ),
    (
        "bookings",
        "booked times without a live appointment",
        """SELECT count(*) FROM claim c WHERE c.state = 'booked' AND NOT EXISTS (SELECT 1
            FROM appointment a WHERE a.claim_id = c.id AND a.cancelled_at IS NULL)""",
    ),
    (
        "payments",
        "appointments without their payment row",
        """SELECT count(*) FROM appointment a LEFT JOIN payment p ON p.appointment_id = a.id
            WHERE p.appointment_id IS NULL OR (a.fee = 0 AND p.status <> 'none')""",
    ),
    (
        "ledger",
        "appointments whose ledger is no charge of the fee and at most one refund of it",
        """SELECT count(*) FROM (SELECT a.id FROM appointment a JOIN ledger l
            ON l.appointment_id = a.id GROUP BY a.id, a.fee HAVING
            sum(CASE WHEN l.kind = 'charge' THEN l.amount ELSE 0 END) <> a.fee OR
            sum(CASE WHEN l.kind <> 'refund' THEN 0 WHEN l.undoes = 1 THEN -l.amount
            ELSE l.amount END) NOT IN (0, a.fee)) t""",
    ),
)


def check(practice: Practice, actor: Actor) -> list[Finding]:
    """Look at everything that must be true of a sound store, for the team."""
    found = quick_check(practice, actor)
    with practice.reading() as view:
        found += _files(view)
        for name, wrong, sql in _RULES:
            broken = int(view.sql(sql)[0][0])
            found.append(Finding(name, broken == 0, f"{broken} {wrong}" if broken else "sound"))
    return found


def quick_check(practice: Practice, actor: Actor) -> list[Finding]:
    """Look at what is known at once also of a large store, for the team."""
    actor.must_be("team")
    with practice.reading() as view:
        found = [_version(view), *_schema(practice), _key(view), _clock(practice, view)]
        if standing.is_resting(view):
            found.append(Finding("adopted", False, standing.RESTS))
        return [*found, *_folder(practice.store.path)]


def _version(view: View) -> Finding:
    if view.postgresql:
        return Finding("database", True, f"PostgreSQL {_version_text(view)}")
    version = _version_text(view)
    safe = wal_is_safe(tuple(int(part) for part in version.split(".")))
    words = f"SQLite {version}" if safe else f"SQLite {version} can lose commits (D2): upgrade it"
    return Finding("database", safe, words)


def _version_text(view: View) -> str:
    if view.postgresql:
        return str(view.sql("SHOW server_version")[0][0])
    return str(view.sql("SELECT sqlite_version()")[0][0])


def _schema(practice: Practice) -> Iterator[Finding]:
    there = migrate.applied(practice.store)
    fits = there == migrate.known()
    newest = there[-1] if there else "none"
    yield Finding("schema", fits, newest if fits else f"{newest}: run helpspace init")
    try:
        guards.check(practice.store.db)
    except StoreFault as lost:
        yield Finding("guards", False, f"{lost.title}. {lost.hint}")
    else:
        yield Finding("guards", True, "all there")


def _folder(path: Path | None) -> Iterator[Finding]:
    """Look at the folder of a SQLite file; the file itself is closed to others anyway (D2)."""
    if path is None:
        return
    if path.parent.stat().st_mode & 0o077:
        words = f"others can look into it; if it is the store's alone: chmod 700 {path.parent}"
        yield Finding("folder", True, words, note=True)
    else:
        yield Finding("folder", True, "closed to others")


def _files(view: View) -> Iterator[Finding]:
    if view.postgresql:
        broken = [
            str(row[0])
            for row in view.sql(
                "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"
                " UNION ALL SELECT conrelid::regclass FROM pg_constraint WHERE NOT convalidated"
            )
        ]
        words = f"not valid: {', '.join(broken)}" if broken else "sound"
        yield Finding("integrity", not broken, words)
        return
    told = [str(row[0]) for row in view.sql("PRAGMA integrity_check(5)")]
    sound = told == ["ok"]
    yield Finding("integrity", sound, "sound" if sound else f"{told[0]}: restore a backup")
    lost = len(view.sql("PRAGMA foreign_key_check"))
    yield Finding("references", not lost, f"{lost} lead nowhere" if lost else "sound")


def _key(view: View) -> Finding:
    try:
        for model, column in (
            (Therapist, "name_sealed"),
            (Client, "chat_sealed"),
            (Appointment, "room_sealed"),
        ):
            field = getattr(model, column)
            row = view.first(model.select(field).where(field.is_null(False)))
            if row is not None:
                table = model._meta.table_name  # noqa: SLF001 - Peewee has no other name for it
                view.open(getattr(row, column), f"{table}.{column.removesuffix('_sealed')}")
    except StoreFault as error:
        return Finding("key", False, f"{error.title}. {error.hint}")
    return Finding("key", True, "fits")


def _clock(practice: Practice, view: View) -> Finding:
    ahead = view.now - practice.clock.now()
    if ahead > AHEAD:
        words = f"the store has seen a time {ahead // MINUTE} min ahead of this machine's clock"
        return Finding("clock", False, f"{words}: set it right, or run helpspace store mend-clock")
    return Finding("clock", True, "not behind what is stored")


_OPEN_DISPUTES = """SELECT count(*), min(due_by) FROM dispute WHERE status IN
    ('needs_response', 'under_review', 'warning_needs_response', 'warning_under_review')"""

_UNDECIDED = "SELECT count(*), min(reported_at) FROM absence WHERE state = 'reported'"


def trouble(practice: Practice, actor: Actor) -> Trouble:
    """Count what the product cannot settle by itself, for the team."""
    actor.must_be("team")
    with practice.reading() as view:
        notices = view.sql("SELECT count(*) FROM notice WHERE state = 'failed'")[0][0]
        refunds = view.sql(
            "SELECT count(*) FROM refund r WHERE r.state = 'failed' AND NOT EXISTS (SELECT 1"
            " FROM refund n WHERE n.intent_id = r.intent_id AND n.number > r.number)"
        )[0][0]
        since = view.sql("SELECT min(received_at) FROM inbox WHERE state = 'new'")[0][0]
        pending = view.sql("SELECT count(*) FROM refund WHERE state = 'pending'")[0][0]
        owed = view.sql("SELECT COALESCE(sum(amount), 0) FROM debt WHERE state = 'open'")[0][0]
        disputes, answer_by = view.sql(_OPEN_DISPUTES)[0]
        absences, absent_since = view.sql(_UNDECIDED)[0]
        stopped = view.sql("SELECT count(*) FROM client WHERE charges_stopped_at IS NOT NULL")[0][0]
        unsure = view.sql(
            "SELECT count(*) FROM payment WHERE status = 'failed' AND reason = ?", ENDED_AT_STRIPE
        )[0][0]
        return Trouble(
            notices=int(notices),
            refunds=int(refunds),
            waiting_since=None if since is None else int(since),
            pending_refunds=int(pending),
            owed_pence=int(owed),
            disputes=int(disputes),
            answer_by=None if answer_by is None else int(answer_by),
            absences=int(absences),
            absent_since=None if absent_since is None else int(absent_since),
            stopped=int(stopped),
            unsure=int(unsure),
        )


def stats(practice: Practice, actor: Actor) -> Stats:
    """Return what the store holds, for the team; numbers only."""
    actor.must_be("team")
    with practice.reading() as view:
        last = view.sql("SELECT max(at) FROM audit")[0][0]
        counts = {}
        for model in TABLES:
            table = model._meta.table_name  # noqa: SLF001 - Peewee has no other name for it
            counts[table] = int(view.sql(f'SELECT count(*) FROM "{table}"')[0][0])
        return Stats(
            backend="postgresql" if view.postgresql else "sqlite",
            version=_version_text(view),
            name=view.fact("name") or "",
            bytes=_size(practice, view),
            last_act_at=None if last is None else int(last),
            counts=counts,
            slots=_by(view, "state", "claim", "purpose = 'slot'"),
            appointments=_by(view, "state", "appointment"),
            payments=_by(view, "status", "payment"),
            notices=_by(view, "state", "notice"),
        )


def _by(view: View, column: str, table: str, where: str = "1 = 1") -> dict[str, int]:
    rows = view.sql(
        f"SELECT {column}, count(*) FROM {table} WHERE {where} GROUP BY {column} ORDER BY {column}"
    )
    return {str(word): int(count) for word, count in rows}


def _size(practice: Practice, view: View) -> int:
    if view.postgresql:
        return int(view.sql("SELECT pg_database_size(current_database())")[0][0])
    path = practice.store.path
    if path is None:
        return 0
    beside = (path, path.with_name(f"{path.name}-wal"))
    return sum(one.stat().st_size for one in beside if one.exists())
