"""Options and arguments that several commands share, and the reading of what people write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.core.errors import HelpspaceError, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from helpspace.cli.desk import Desk

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without being asked.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")]
OfTherapist = Annotated[
    str | None, typer.Option("--therapist", metavar="ID", help="Only of this therapist.")
]
OfClient = Annotated[
    str | None, typer.Option("--client", metavar="ID", help="Only of this client.")
]
AsTherapist = Annotated[
    str | None,
    typer.Option("--therapist", metavar="ID", help="Whose; may be left out where there is one."),
]
Start = Annotated[
    str,
    typer.Option(
        "--start",
        metavar="TIME",
        help="When it begins: 2026-03-28T09:00 in the therapist's zone, or with an offset or Z.",
    ),
]
Minutes = Annotated[
    int | None, typer.Option("--minutes", help="How long; else the therapist's usual length.")
]

_POUNDS = re.compile(r"£?([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def read_pounds(text: str) -> int:
    """Return what somebody wrote as pounds, such as 60 or 60.50, in pence."""
    found = _POUNDS.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("write pounds like 60 or 60.50", param_hint="--fee")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def standard_input(most: int) -> bytes:
    """Return what comes through standard input, at most so many bytes of it."""
    import sys

    if sys.stdin.isatty():
        sys.stderr.write("Reading from this terminal; Ctrl+D ends it.\n")
    stream = getattr(sys.stdin, "buffer", sys.stdin)
    found = stream.read(most)
    return found.encode() if isinstance(found, str) else bytes(found)


def file_named(named: str) -> Path:
    """Return the path that somebody wrote, absolute; refuse what is no name of a file."""
    from pathlib import Path

    if not named.strip() or not named.isprintable() or len(named) > 4000 or not Path(named).name:
        raise HelpspaceError("That is no name of a file", "Write the path of a file.")
    return Path(named).absolute()


def must_exist(
    desk: Desk,
    *,
    therapist: str | None = None,
    client: str | None = None,
    appointment: str | None = None,
) -> None:
    """Refuse an id that there never was, so that a typing error is no empty list.

    Who was erased still counts: their money is listed without a name (K4).
    """
    if therapist is client is appointment is None:
        return
    from helpspace.core.store.tables import Appointment, Client, Therapist

    wanted = ((Therapist, therapist), (Client, client), (Appointment, appointment))
    with desk.practice.reading() as view:
        for model, named in wanted:
            if named is not None and view.get(model, named) is None:
                raise NotFound
