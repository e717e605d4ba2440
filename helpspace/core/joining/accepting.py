"""What the team's word on a renewal does: the new one takes the other's place (J4, J7)."""

from __future__ import annotations

import json

from helpspace.core.actors import Actor
from helpspace.core.joining.application import bump, opened, the_application
from helpspace.core.joining.review import RECHECK
from helpspace.core.practice import Tx
from helpspace.core.store.tables import Application, Document, Renewal, Therapist, Verdict


def take_proof(
    tx: Tx, actor: Actor, renewal: Renewal, page: str, answers: dict[str, str], until: int
) -> list[str]:
    """Make a proof with its page's answers the one that counts; return files not needed now."""
    row = the_application(tx, renewal.therapist_id)
    texts = opened(tx, row)
    texts[page] = answers
    ends: dict[str, int] = {
        "insurance": row.insured_until or until,
        "registration": row.registered_until or until,
        renewal.proof: until,
    }
    register = {}
    if renewal.proof == "registration":
        register = {
            "checked_at": tx.now,
            "checked_by": actor.id,
            "recheck_at": tx.now + RECHECK,
        }
    tx.set(
        Application,
        "therapist_id = ?",
        renewal.therapist_id,
        answers_sealed=tx.seal(json.dumps(texts, sort_keys=True), "application.answers"),
        insured_until=ends["insurance"],
        registered_until=ends["registration"],
        **register,
    )
    tx.set(Therapist, "id = ?", renewal.therapist_id, proofs_until=min(ends.values()))
    if renewal.file is None:
        bump(tx, row)
        return []
    return take_file(tx, actor, renewal)


def take_file(tx: Tx, actor: Actor, renewal: Renewal) -> list[str]:
    """Make the file the application's own, accepted; the one before goes."""
    owner, kind = renewal.therapist_id, renewal.proof
    bump(tx, the_application(tx, owner))
    where = "therapist_id = ? AND kind = ? AND removed_at IS NULL"
    old = [one.id for one in tx.find_all(Document, where, owner, kind)]
    for one in old:
        tx.set(Document, "id = ?", one, removed_at=tx.now)
        part = f"document:{one}"
        tx.run(Verdict.delete().where(Verdict.therapist_id == owner, Verdict.part == part))
    name = tx.open(renewal.name_sealed, "renewal.name")
    tx.insert(
        Document,
        id=renewal.file,
        therapist_id=owner,
        kind=kind,
        name_sealed=tx.seal(name, "document.name"),
        type=renewal.type,
        size=renewal.size,
        digest=renewal.digest,
        created_at=tx.now,
    )
    tx.insert(
        Verdict,
        therapist_id=owner,
        part=f"document:{renewal.file}",
        accepted=1,
        by_whom=actor.id,
        at=tx.now,
    )
    return old
