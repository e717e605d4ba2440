"""A therapist's calendar as a file for another calendar app (N6)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import AsTherapist
from helpspace.cli.sessions import ASKED, Reason
from helpspace.cli.whose import the_therapist

if TYPE_CHECKING:
    from helpspace.core.feeds import Feed


def register(app: typer.Typer) -> None:
    """Add the command to the appointments'."""
    app.command("export-ics")(export_ics)


def export_ics(
    ctx: typer.Context,
    therapist: AsTherapist = None,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FILE", help="A new file, only for you; else to stdout."),
    ] = None,
    reason: Reason = ASKED,
) -> None:
    """Write a therapist's calendar as an ICS file: what is booked, from 30 days ago on.

    Its titles say "Appointment" and initials, nothing else of the client; the video links are in
    it. A file that is there already is never overwritten.

    Example: helpspace appointments export-ics --out appointments.ics
    """
    from helpspace.core import feeds
    from helpspace.core.moments import iso

    desk = Desk(ctx)
    therapist_id = the_therapist(desk, therapist)
    actor = desk.acting_for("therapist", therapist_id, reason)
    found = feeds.own_feed(desk.practice, actor, therapist_id)
    if out is not None:
        _write(out, found)
        desk.say(f"Written: {len(found.entries)} appointments, in {out}.")
    if desk.frame.as_json:
        desk.give(
            {
                "therapist_id": therapist_id,
                "file": out,
                "appointments": [
                    {"id": one.id, "start": iso(one.start), "end": iso(one.end)}
                    for one in found.entries
                ],
            }
        )
    elif out is None:
        from helpspace import ics

        sys.stdout.write(ics.of_feed(found).decode())


def _write(out: str, found: Feed) -> None:
    """Write the file, or say in one line why not."""
    from pathlib import Path

    from helpspace import ics
    from helpspace.core.errors import HelpspaceError
    from helpspace.filing import write_new

    another = "Give another name with --out."
    try:
        write_new(Path(out), ics.of_feed(found))
    except FileExistsError:
        raise HelpspaceError("There is a file of that name already", another) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no name of a file"
        raise HelpspaceError(f"The file was not written: {why.lower()}", another) from None
