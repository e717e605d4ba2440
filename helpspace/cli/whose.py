"""Whose practice a command means where nobody said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpspace.core.errors import HelpspaceError

if TYPE_CHECKING:
    from helpspace.cli.desk import Desk


def the_therapist(desk: Desk, named: str | None) -> str:
    """Return the therapist who is named, or the only one there is."""
    from helpspace.core.profiles import therapist_ids

    if named is not None:
        return named
    ids = therapist_ids(desk.practice)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise HelpspaceError(
            "There is no therapist yet", "Try it with sample people: helpspace populate."
        )
    raise HelpspaceError(
        f"There are {len(ids) if len(ids) < 50 else 'many'} therapists here",
        "Say which with --therapist ID; `helpspace therapists list` shows the ids.",
    )
