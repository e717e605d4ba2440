"""Backups of the store, restoring them, and the move to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, file_named

if TYPE_CHECKING:
    from helpspace.core.keeping.restore import Restored

File = Annotated[str, typer.Argument(metavar="FILE", help="The backup's file.")]


def backup(ctx: typer.Context, file: File, dry_run: DryRun = False) -> None:
    """Write a backup of the store and its documents, also while it is in use, and prove it.

    The file is new, mode 0600, and never holds the key: keep that apart, nobody can read the backup
    without it. Beside it lies the list of who was erased; a restore needs both.

    Example: helpspace store backup /backups/helpspace-2026-03-02
    """
    from helpspace.cli.shapes import moment
    from helpspace.core.keeping import backup as core

    desk = Desk(ctx)
    practice, target = desk.practice, file_named(file)
    make = core.preview if dry_run else core.backup
    made = make(practice, desk.team, target)
    desk.show_one(
        {
            "file": str(made.path),
            "bytes": made.bytes,
            "made_at": moment(made.made_at),
            "rows": made.rows,
            "documents": made.documents,
            "missing": list(made.missing),
            "proved": not dry_run,
            **({"dry_run": True} if dry_run else {}),
        },
        (
            ("file", str(made.path)),
            ("of", desk.at(made.made_at)),
            ("rows", f"{made.rows:,} in {made.tables} tables"),
            ("documents", f"{made.documents:,}"),
            ("proved", "not in a rehearsal" if dry_run else "restored into a throw-away store"),
        ),
        heading="Would be written" if dry_run else f"Backup of {made.bytes / 1e6:,.1f} MB",
    )
    _say_missing(desk, made.missing)
    if dry_run:
        desk.say_rehearsed()
    else:
        desk.say(f"Keep the key apart from it: {desk.settings.key_file}")
        if desk.settings.key_file.absolute().parent == made.path.parent:
            desk.say("Now both lie in one folder: whoever takes it can read everything.")


def restore(
    ctx: typer.Context,
    file: File,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Set aside the store that is there; it is not deleted."),
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Restore a backup to where HELPSPACE_DATABASE says, on SQLite or PostgreSQL.

    The place must be empty; stop serve first. The restored store charges nobody before
    `helpspace reconcile --adopt` has taken over what Stripe already holds.

    Example: helpspace store restore /backups/helpspace-2026-03-02
    """
    from helpspace.cli.shapes import moment
    from helpspace.core.keeping import restore as core
    from helpspace.core.moments import show
    from helpspace.core.store.standing import where
    from helpspace.wiring import without_store

    desk = Desk(ctx)
    source = file_named(file)
    practice = without_store(desk.settings, clock=desk.frame.clock)
    done = core.restore(practice, desk.team, source, replace_old=replace, dry_run=dry_run)
    to = where(desk.settings.database)
    desk.show_one(
        {
            "store": to,
            "made_at": moment(done.made_at),
            "rows": done.rows,
            "documents": done.documents,
            "missing": list(done.missing),
            "erased": done.erased,
            "erased_list": done.listed,
            "set_aside": list(done.aside),
            "adopted": False,
            **({"dry_run": True} if dry_run else {}),
        },
        (
            ("store", to),
            ("as it was", show(done.made_at, desk.zone)),
            ("rows", f"{done.rows:,}"),
            ("documents", f"{done.documents:,}"),
            ("erased again", f"{done.erased:,}"),
            ("set aside", ", ".join(done.aside) or "nothing was there"),
        ),
        heading="Would be restored" if dry_run else "Restored",
    )
    _say_missing(desk, done.missing)
    _say_next(desk, done, dry_run=dry_run)


def _say_missing(desk: Desk, missing: tuple[str, ...]) -> None:
    if missing:
        desk.say(f"{len(missing)} documents have no file any more, and so are not in the backup.")


def _say_next(desk: Desk, done: Restored, *, dry_run: bool) -> None:
    if not done.listed:
        desk.say("No list of erased people lay beside the backup: whoever was erased is back.")
    if dry_run:
        desk.say_rehearsed()
        return
    desk.say("What was booked, moved or cancelled after that is not in it: ask the therapists.")
    desk.say("It charges nobody yet. Next: helpspace reconcile --adopt, then helpspace serve.")


def move_to_postgres(
    ctx: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="postgresql://user@host/name of an empty database; see pgpass."
        ),
    ],
    dry_run: DryRun = False,
) -> None:
    """Move a SQLite store into an empty PostgreSQL database, with everything in it.

    Stop serve first. The old store is marked and takes no change any more; it is not deleted. A
    move that was cut off is finished by the same command. Keep a password in ~/.pgpass.

    Example: helpspace store move-to-postgres postgresql://helpspace@db/helpspace
    """
    from helpspace.core.keeping import moving
    from helpspace.wiring import open_practice

    desk = Desk(ctx)
    practice = open_practice(desk.settings, clock=desk.frame.clock, even_moved=True)
    ctx.call_on_close(practice.store.close)
    moved = moving.move(practice, desk.team, url, dry_run=dry_run)
    desk.show_one(
        {
            "to": moved.to,
            "rows": moved.rows,
            "tables": moved.counts,
            **({"dry_run": True} if dry_run else {}),
        },
        (("to", moved.to), ("rows", f"{moved.rows:,} in {len(moved.counts)} tables, compared")),
        heading="Would be moved" if dry_run else "Moved",
    )
    if dry_run:
        desk.say_rehearsed()
        return
    desk.say("Set HELPSPACE_DATABASE to that address, then start helpspace serve again.")
    desk.say(f"The documents stay where they are: set HELPSPACE_FILES to {desk.settings.files}.")
