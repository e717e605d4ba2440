"""What a therapist has set about their terminal, so that it opens as they left it."""

from __future__ import annotations

import re

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist

_NAME = re.compile(r"[a-z][a-z-]{0,39}")


def theme_of(practice: Practice, actor: Actor) -> str | None:
    """Return the theme that a therapist put on last; None for one who never did."""
    with practice.reading() as view:
        row = view.get(Therapist, _own(actor))
    return None if row is None else row.theme


def keep_theme(practice: Practice, actor: Actor, name: str) -> None:
    """Keep the theme that a therapist has put on, such as "helpspace-light"."""
    if not _NAME.fullmatch(name):
        raise Invalid("That is no theme", "Choose one from the palette.")
    with practice.change() as tx:
        row = tx.lock(Therapist, _own(actor))
        if row is None:
            raise NotFound
        if row.theme != name:
            tx.set(Therapist, "id = ?", row.id, theme=name)
            tx.audit(actor, "put_on", "terminal", row.id, theme=name)


def _own(actor: Actor) -> str:
    if actor.role != "therapist":
        raise NotFound
    return actor.id
