"""The team's review: part by part, then approved or returned with reasons (J4)."""

from __future__ import annotations

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed, NotFound
from helpspace.core.joining import topics
from helpspace.core.joining.application import (
    ApplicationView,
    State,
    bump,
    changing,
    tell,
    view_of,
)
from helpspace.core.joining.publishing import watched
from helpspace.core.joining.topics import TOPICS
from helpspace.core.moments import DAY
from helpspace.core.notices import Event
from helpspace.core.plain import plain, plain_lines
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Application, Therapist, Verdict

RECHECK = 365 * DAY
"""How long a look into the body's public register counts."""


def applications(
    practice: Practice, actor: Actor, *, state: State | None = None, recheck: bool = False
) -> list[ApplicationView]:
    """Return applications for the team, the longest handed in first.

    `recheck` keeps those whose register is to be looked at again within 30 days.
    """
    actor.must_be("team")
    with practice.reading() as view:
        where = "1 = 1" if state is None else "state = ?"
        given = () if state is None else (state,)
        order = "ORDER BY COALESCE(submitted_at, created_at), therapist_id"
        rows = view.find_all(Application, f"{where} {order}", *given)
        if recheck:
            soon = view.now + 30 * DAY
            rows = [row for row in rows if row.recheck_at is not None and row.recheck_at <= soon]
        return [view_of(view, row) for row in rows]


def judge(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    part: str,
    *,
    accepted: bool,
    reason: str = "",
    version: int,
) -> int:
    """Accept or reject "topic:<name>" or "document:<id>" and return the new version.

    Raises Changed when somebody of the team was quicker (J4).
    """
    why = plain(reason, 300)
    if not accepted and not why:
        raise Invalid(
            "A rejection needs a reason", "Say what is wrong, for the counsellor to mend."
        )
    with practice.change() as tx:
        row = _under_review(tx, actor, therapist_id, version)
        if part not in parts_of(view_of(tx, row)):
            raise NotFound("There is no such part", "Look at the application's parts.")
        tx.run(Verdict.delete().where(Verdict.therapist_id == therapist_id, Verdict.part == part))
        tx.insert(
            Verdict,
            therapist_id=therapist_id,
            part=part,
            accepted=int(accepted),
            reason_sealed=None if accepted else tx.seal(why, "verdict.reason"),
            by_whom=actor.id,
            at=tx.now,
        )
        tx.audit(actor, "judge", "application", therapist_id, part=part, accepted=accepted)
        return bump(tx, row)


def register_checked(practice: Practice, actor: Actor, therapist_id: str, *, version: int) -> int:
    """Record that the member is in the body's public register today, and by whom it was seen.

    Of an approved counsellor too: it is due again every year.
    """
    actor.must_be("team")
    with practice.change() as tx:
        row = changing(tx, actor, therapist_id, version)
        if row.state not in ("submitted", "approved"):
            raise NotAllowed("The application is not with the team", "Wait until it is handed in.")
        tx.set(
            Application,
            "therapist_id = ?",
            therapist_id,
            checked_at=tx.now,
            checked_by=actor.id,
            recheck_at=tx.now + RECHECK if row.state == "approved" else None,
        )
        tx.audit(actor, "register_checked", "application", therapist_id)
        return bump(tx, row)


def still_to_do(seen: ApplicationView) -> list[str]:
    """Return what stands between an application and its approval, a line each."""
    found = [lack.line for lack in seen.lacks]
    for part in parts_of(seen):
        verdict = seen.verdicts.get(part)
        if verdict is not None and not verdict.accepted:
            found.append(f"{part_words(seen, part)} is rejected: {verdict.reason}")
        elif verdict is None and part.startswith("document:"):
            found.append(f"{part_words(seen, part)} is not looked at yet")
    if seen.checked_at is None:
        found.append("the body's public register is not looked at yet")
    return found


def approve(practice: Practice, actor: Actor, therapist_id: str, *, version: int) -> None:
    """Approve an application; from now on payments can be enabled (J4)."""
    with practice.change() as tx:
        row = _under_review(tx, actor, therapist_id, version)
        seen = view_of(tx, row)
        open_points = still_to_do(seen)
        if open_points:
            first = open_points[0].rstrip(".")
            raise NotAllowed("It cannot be approved yet", f"{first[:1].upper()}{first[1:]}.")
        insured = topics.valid_until(seen.answers["insurance"]["insured_until"])
        registered = topics.valid_until(seen.answers["body"]["registered_until"])
        tx.set(
            Application,
            "therapist_id = ?",
            therapist_id,
            state="approved",
            decided_at=tx.now,
            insured_until=insured,
            registered_until=registered,
            recheck_at=tx.now + RECHECK,
        )
        proofs = min(insured, registered)
        with watched(tx, therapist_id, f"approved:{version}"):
            tx.set(Therapist, "id = ?", therapist_id, status="approved", proofs_until=proofs)
        tell(tx, Event.APPLICATION_APPROVED, therapist_id, bump(tx, row))
        tx.audit(actor, "approve", "application", therapist_id, proofs_until=proofs)


def return_(
    practice: Practice, actor: Actor, therapist_id: str, reason: str = "", *, version: int
) -> None:
    """Return an application with reasons: those of its rejected parts, and one in general (J4)."""
    why = plain_lines(reason, 500)
    with practice.change() as tx:
        row = _under_review(tx, actor, therapist_id, version)
        if all(verdict.accepted for verdict in view_of(tx, row).verdicts.values()):
            raise NotAllowed("Nothing is rejected", "Reject what is to be mended, then return it.")
        tx.set(
            Application,
            "therapist_id = ?",
            therapist_id,
            state="returned",
            decided_at=tx.now,
            reason_sealed=tx.seal(why, "application.reason") if why else None,
        )
        tell(tx, Event.APPLICATION_RETURNED, therapist_id, bump(tx, row))
        tx.audit(actor, "return", "application", therapist_id)


def parts_of(seen: ApplicationView) -> list[str]:
    """Return the parts of an application in the order of its pages."""
    found: list[str] = []
    for topic in TOPICS:
        if topic.fields:
            found.append(f"topic:{topic.name}")
        found += [f"document:{one.id}" for one in seen.documents if one.kind in topic.documents]
    return found


def part_words(seen: ApplicationView, part: str) -> str:
    """Return a part in words."""
    kind, _, name = part.partition(":")
    if kind == "topic":
        return topics.topic_of(name).title
    found = next((one for one in seen.documents if one.id == name), None)
    return "a file" if found is None else topics.document_kind(found.kind).label


def suspend(practice: Practice, actor: Actor, therapist_id: str, reason: str) -> None:
    """Suspend a therapist: hidden and closed to new bookings; booked sessions stay (P1)."""
    _set_suspended(practice, actor, therapist_id, reason, on=True)


def reinstate(practice: Practice, actor: Actor, therapist_id: str, reason: str) -> None:
    """End a suspension."""
    _set_suspended(practice, actor, therapist_id, reason, on=False)


def _set_suspended(
    practice: Practice, actor: Actor, therapist_id: str, reason: str, *, on: bool
) -> None:
    actor.must_be("team")
    why = plain(reason, 200)
    if not why:
        raise Invalid("A reason is needed", "Give one with --reason.")
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        if row is None:
            raise NotFound
        if (row.suspended_at is not None) == on:
            already = "suspended" if on else "not suspended"
            raise NotAllowed(f"They are {already} already", "Nothing was changed.")
        with watched(tx, therapist_id, f"reinstated:{tx.now}"):
            tx.set(Therapist, "id = ?", therapist_id, suspended_at=tx.now if on else None)
        event = Event.SUSPENDED if on else Event.REINSTATED
        tell(tx, event, therapist_id, tx.now)
        named = Actor(actor.role, actor.id, actor.via, actor.by_whom, why)
        tx.audit(named, "suspend" if on else "reinstate", "therapist", therapist_id)


def _under_review(tx: Tx, actor: Actor, therapist_id: str, version: int) -> Application:
    actor.must_be("team")
    row = changing(tx, actor, therapist_id, version)
    if row.state != "submitted":
        raise NotAllowed("The application is not with the team", "Wait until it is handed in.")
    return row
