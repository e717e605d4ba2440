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


VIEWS = ("day", "week", "month", "agenda")
"""The forms in which a calendar can be shown; the second is the first that anybody sees."""


def view_of(practice: Practice, actor: Actor) -> str:
    """Return in which form a therapist looked at their calendar last."""
    with practice.reading() as view:
        kept = view.fact(_view_key(actor))
    return kept if kept in VIEWS else "week"


def keep_view(practice: Practice, actor: Actor, name: str) -> None:
    """Keep the form in which a therapist looks at their calendar."""
    if name not in VIEWS:
        raise Invalid("There is no such view", "Choose one from the palette.")
    with practice.change() as tx:
        row = tx.lock(Therapist, _own(actor))
        if row is None:
            raise NotFound
        if (tx.fact(_view_key(actor)) or "week") != name:
            tx.set_fact(_view_key(actor), name)
            tx.audit(actor, "put_on", "terminal", row.id, view=name)


def _view_key(actor: Actor) -> str:
    return f"view:{_own(actor)}"


def _own(actor: Actor) -> str:
    if actor.role != "therapist":
        raise NotFound
    return actor.id
