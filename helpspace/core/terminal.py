"""What a therapist has set about their terminal, so that it opens as they left it."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Terminal, Therapist

VIEWS = ("day", "week", "month", "agenda")
"""The forms in which a calendar can be shown; the second is the first that anybody sees."""

OPENS = ("last", *VIEWS, "today")
"""What the terminal can open with: the form that was looked at last, one form, or Today."""

_THEME = r"[a-z][a-z-]{0,39}"
_ACTION = r"[a-z]+\.[a-z_-]{1,40}"
_KEY = r"[A-Za-z0-9_+]{1,40}"
_MOST_KEYS = 200


class TerminalSettings(NamedTuple):
    """One therapist's terminal, with what stands where they set nothing."""

    theme: str | None = None
    view: str = "week"
    """The form of the calendar that was looked at last."""
    opens: str = "last"
    """One of OPENS."""
    blurs: bool = False
    """Whether clients' names are dots when it opens."""
    keys: Mapping[str, str] = MappingProxyType({})
    """Their own keys: an action's id to its keys, as "f" or "f,ctrl+f"."""
    toured: bool = False
    """Whether the tour was taken, or left."""
    lock_minutes: int | None = None
    """Idle minutes after which the passphrase is asked; None where there is no lock."""


def settings_of(practice: Practice, actor: Actor) -> TerminalSettings:
    """Return what a therapist has set about their own terminal (A1)."""
    with practice.reading() as view:
        return _read(view.get(Terminal, own(actor)))


def keep_theme(practice: Practice, actor: Actor, name: str) -> None:
    """Keep the theme that a therapist has put on, such as "helpspace-light"."""
    if not re.fullmatch(_THEME, name):
        raise Invalid("That is no theme", "Choose one from the palette.")
    _keep(practice, actor, theme=name)


def keep_view(practice: Practice, actor: Actor, name: str) -> None:
    """Keep the form in which a therapist looks at their calendar."""
    if name not in VIEWS:
        raise Invalid("There is no such view", "Choose one from the palette.")
    _keep(practice, actor, view=name)


def keep_start(practice: Practice, actor: Actor, *, opens: str, blurs: bool) -> None:
    """Keep what the terminal opens with, and whether names are dots then."""
    if opens not in OPENS:
        raise Invalid("It cannot open with that", f"Choose one of {', '.join(OPENS)}.")
    _keep(practice, actor, opens=opens, blurs=int(blurs))


def keep_keys(practice: Practice, actor: Actor, keys: Mapping[str, str]) -> None:
    """Keep a therapist's own keys: an action's id to its keys, as "f" or "f,ctrl+f".

    Which actions there are and which keys clash is known to the terminal, which asks first; here
    only the form is checked.
    """
    for action, pressed in keys.items():
        if not re.fullmatch(_ACTION, action) or not all(
            re.fullmatch(_KEY, key) for key in pressed.split(",")
        ):
            raise Invalid("That is no key", "Press the key that you want for the action.")
    if len(keys) > _MOST_KEYS:
        raise Invalid("Those are too many keys", "Take some of your own keys back.")
    _keep(practice, actor, keys=json.dumps(dict(keys), sort_keys=True, separators=(",", ":")))


def end_tour(practice: Practice, actor: Actor) -> None:
    """Remember that a therapist has taken the tour, or left it: it does not come by itself again.

    The first end counts.
    """
    with practice.change() as tx:
        if row_of(tx, actor).toured_at is None:
            _set(tx, actor, toured_at=tx.now)


def row_of(tx: Tx, actor: Actor) -> Terminal:
    """Return the row of the acting therapist's terminal, locked and made if there was none."""
    if tx.lock(Therapist, own(actor)) is None:
        raise NotFound
    row = tx.get(Terminal, actor.id)
    if row is not None:
        return row
    tx.insert(
        Terminal, therapist_id=actor.id, view="week", opens="last", blurs=0, keys="{}",
        lock_misses=0,
    )  # fmt: skip
    made = tx.get(Terminal, actor.id)
    assert made is not None  # noqa: S101 - it was made in this transaction
    return made


def _keep(practice: Practice, actor: Actor, **values: Any) -> None:
    with practice.change() as tx:
        row = row_of(tx, actor)
        if any(getattr(row, name) != value for name, value in values.items()):
            _set(tx, actor, **values)


def _set(tx: Tx, actor: Actor, **values: Any) -> None:
    tx.set(Terminal, "therapist_id = ?", actor.id, **values)
    tx.audit(actor, "set_up", "terminal", actor.id, changed=sorted(values))


def _read(row: Terminal | None) -> TerminalSettings:
    if row is None:
        return TerminalSettings()
    return TerminalSettings(
        theme=row.theme,
        view=row.view,
        opens=row.opens,
        blurs=bool(row.blurs),
        keys=MappingProxyType(json.loads(row.keys)),
        toured=row.toured_at is not None,
        lock_minutes=row.lock_minutes,
    )


def own(actor: Actor) -> str:
    """Return whose terminal the acting therapist may set: their own (A1)."""
    if actor.role != "therapist":
        raise NotFound
    return actor.id
