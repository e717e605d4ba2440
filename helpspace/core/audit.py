"""Reading the trail: who did what, when and from where (A2). It is written with every change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Audit


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One change, for the team: ids and numbers, and the reason where somebody acted for another.

    `by_whom` is the team's account behind an act on somebody's behalf.
    """

    id: str
    at: int
    role: str
    actor_id: str
    by_whom: str | None
    why: str
    via: str
    act: str
    thing: str
    thing_id: str
    detail: dict[str, Any]


def trail(
    practice: Practice,
    actor: Actor,
    *,
    thing: str | None = None,
    who: str | None = None,
    act: str | None = None,
    since: int | None = None,
    limit: int = 200,
) -> list[TrailRow]:
    """Return changes for the team, newest first.

    `thing` is a kind of thing such as "appointment", or an id; `who` a role, an id, or
    "team:account" for what that account did on somebody's behalf; `since` an instant in UTC
    epoch seconds.
    """
    actor.must_be("team")
    query = Audit.select().order_by(Audit.seq.desc()).limit(limit)
    if thing is not None:
        query = query.where((Audit.thing == thing) | (Audit.thing_id == thing))
    if who is not None:
        query = query.where((Audit.role == who) | (Audit.actor_id == who) | (Audit.by_whom == who))
    if act is not None:
        query = query.where(Audit.act == act)
    if since is not None:
        query = query.where(Audit.at >= since)
    with practice.reading() as view:
        return [_row(view, row) for row in view.rows(query)]


def _row(view: View, row: Audit) -> TrailRow:
    return TrailRow(
        id=str(row.seq),
        at=row.at,
        role=row.role,
        actor_id=plain(row.actor_id),
        by_whom=None if row.by_whom is None else plain(row.by_whom),
        why=plain(view.open(row.why_sealed, "audit.why"), 200),
        via=plain(row.via),
        act=row.act,
        thing=row.thing,
        thing_id=plain(row.thing_id),
        detail=json.loads(row.detail),
    )
