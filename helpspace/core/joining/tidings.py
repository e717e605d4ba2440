"""What the mails of joining may tell their counsellor, read afresh when they are sent (N5)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import policy, proofs
from helpspace.core.joining import payments
from helpspace.core.joining.application import view_of
from helpspace.core.joining.review import part_words
from helpspace.core.joining.topics import TOPICS
from helpspace.core.links import chat_link
from helpspace.core.notices import Errand, Event
from helpspace.core.plain import plain
from helpspace.core.practice import View
from helpspace.core.profiles import why_hidden
from helpspace.core.store.tables import Application, Renewal, Therapist

EVENTS = frozenset(
    {
        Event.APPLICATION_RECEIVED,
        Event.APPLICATION_RETURNED,
        Event.APPLICATION_APPROVED,
        Event.PROOF_EXPIRING,
        Event.PROOF_EXPIRED,
        Event.PROOF_ACCEPTED,
        Event.PROOF_RETURNED,
        Event.PUBLISHED,
        Event.ACCOUNT_READY,
        Event.ACCOUNT_LOST,
        Event.SUSPENDED,
        Event.REINSTATED,
    }
)
"""The events of which this room knows."""


@dataclass(frozen=True, slots=True)
class Tiding:
    """What joining has to tell; only what its event needs is filled.

    `parts` are what came back, each with its reason, and `remark` what was said besides, by lines.
    `asks` and `why` are Stripe's, in words. `proof` is which one, `until` its end, `due_at` until
    when Stripe asks, in UTC epoch seconds; `waiting` says that a new proof is with the team.
    `lacks` is what still hides the profile, in words.
    """

    parts: tuple[str, ...] = ()
    remark: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    why: str = ""
    withdrawn: bool = False
    refused: bool = False
    due_at: int | None = None
    proof: str = ""
    until: int | None = None
    waiting: bool = False
    lacks: tuple[str, ...] = ()
    link: str | None = None


def tiding(view: View, errand: Errand) -> Tiding | str:
    """Return what may be told, or as a code why it is not true any more (N5)."""
    row = view.get(Therapist, errand.person_id)
    if row is None:
        return "no_therapist"
    match errand.event:
        case Event.APPLICATION_RETURNED:
            return _returned(view, row)
        case Event.PROOF_EXPIRING | Event.PROOF_EXPIRED:
            return _ending(view, row, errand)
        case Event.PROOF_ACCEPTED | Event.PROOF_RETURNED:
            return _renewed(view, errand)
        case Event.PUBLISHED:
            return _published(view, row)
        case Event.ACCOUNT_READY | Event.ACCOUNT_LOST:
            return _account(view, row, ready=errand.event is Event.ACCOUNT_READY)
        case Event.SUSPENDED | Event.REINSTATED:
            on = errand.event is Event.SUSPENDED
            if (row.suspended_at is not None) != on:
                return "changed_since"
            return Tiding(lacks=() if on else _lacks(view, row))
        case _:
            return Tiding()


def _lacks(view: View, row: Therapist) -> tuple[str, ...]:
    return tuple(policy.WHY_HIDDEN[code] for code in why_hidden(view, row))


def _returned(view: View, row: Therapist) -> Tiding | str:
    found = view.get(Application, row.id)
    if found is None or found.state != "returned":
        return "changed_since"
    seen = view_of(view, found)
    names = {f"document:{one.id}": one.name for one in seen.documents}
    order = [f"topic:{topic.name}" for topic in TOPICS] + list(names)
    parts = []
    for part in order:
        verdict = seen.verdicts.get(part)
        if verdict is not None and not verdict.accepted:
            called = f" ({names[part]})" if part in names else ""
            parts.append(f"{part_words(seen, part)}{called}: {verdict.reason}")
    return Tiding(parts=tuple(parts), remark=tuple(seen.reason.splitlines()))


def _ending(view: View, row: Therapist, errand: Errand) -> Tiding | str:
    proof, until = errand.facts.get("proof"), errand.facts.get("until")
    if proofs.ends_of(view, row).get(proof or "proof") != until or until is None:
        return "renewed"
    if errand.event is Event.PROOF_EXPIRING and until <= view.now:
        return "expired"
    where = "therapist_id = ? AND proof = ? AND state = 'waiting'"
    waiting = view.find(Renewal, where, row.id, proof) is not None
    return Tiding(proof=str(proof), until=until, waiting=waiting)


def _renewed(view: View, errand: Errand) -> Tiding | str:
    row = view.get(Renewal, str(errand.facts.get("renewal")))
    if row is None or row.therapist_id != errand.person_id:
        return "no_renewal"
    if errand.event is Event.PROOF_ACCEPTED:
        return Tiding(proof=row.proof, until=row.until_at)
    newer = "therapist_id = ? AND proof = ? AND created_at >= ? AND id <> ? AND state <> 'rejected'"
    if view.find(Renewal, newer, row.therapist_id, row.proof, row.created_at, row.id) is not None:
        return "handed_in_again"
    reason = plain(view.open(row.reason_sealed, "renewal.reason"), 300)
    name = plain(view.open(row.name_sealed, "renewal.name"))
    kind = "Picture" if row.proof == "picture" else "Certificate"
    what = f"{kind} ({name})" if name else "Date"
    return Tiding(proof=row.proof, until=row.until_at, parts=(f"{what}: {reason}",))


def _published(view: View, row: Therapist) -> Tiding | str:
    if why_hidden(view, row):
        return "hidden_since"
    handle = plain(view.open(row.handle_sealed, "therapist.handle"), 80)
    public = view.practice.settings.public_url
    link = f"{public.rstrip('/')}/t/{handle}" if public else chat_link(view, f"t_{handle}")
    return Tiding(link=link)


def _account(view: View, row: Therapist, *, ready: bool) -> Tiding | str:
    state = payments.state_of(row)
    if state.ready != ready:
        return "changed_since"
    return Tiding(
        asks=state.asks,
        why=state.reason or "",
        withdrawn=state.withdrawn,
        refused=state.step == "refused",
        due_at=state.due_at,
        lacks=_lacks(view, row) if ready else (),
    )
