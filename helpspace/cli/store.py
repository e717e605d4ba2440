"""The store itself."""

from __future__ import annotations

import typer

from helpspace.cli import keeping
from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun, Yes
from helpspace.cli.root import noun

app = noun()
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("move-to-postgres")(keeping.move_to_postgres)


@app.command()
def check(ctx: typer.Context) -> None:
    """Check that the store is sound, a line each; exit 1 if anything is not.

    Example: helpspace store check
    """
    from helpspace.core.store import upkeep

    desk = Desk(ctx)
    found = upkeep.check(desk.practice, desk.team)
    desk.show_list(
        found,
        lambda one: {"check": one.name, "ok": one.ok, "message": one.words},
        (
            ("CHECK", lambda one: one.name),
            ("", lambda one: ("note" if one.note else "ok") if one.ok else "FAILED"),
            ("", lambda one: one.words),
        ),
        nothing="",
    )
    if not all(one.ok for one in found):
        raise typer.Exit(1)


@app.command()
def stats(ctx: typer.Context) -> None:
    """Count what the store holds.

    Example: helpspace store stats
    """
    from helpspace.cli.shapes import moment
    from helpspace.core.store import upkeep

    desk = Desk(ctx)
    found = upkeep.stats(desk.practice, desk.team)

    def said(counts: dict[str, int]) -> str:
        return ", ".join(f"{count:,} {word}" for word, count in counts.items())

    desk.show_one(
        {
            "backend": found.backend,
            "version": found.version,
            "name": found.name,
            "bytes": found.bytes,
            "last_act_at": moment(found.last_act_at),
            "rows": found.counts,
            "slots": found.slots,
            "appointments": found.appointments,
            "payments": found.payments,
            "notices": found.notices,
        },
        (
            ("database", f"{found.backend} {found.version}, {found.bytes / 1e6:,.1f} MB"),
            ("name", found.name),
            ("therapists", f"{found.counts['therapist']:,}"),
            ("clients", f"{found.counts['client']:,}"),
            ("slots", said(found.slots)),
            ("appointments", said(found.appointments)),
            ("payments", said(found.payments)),
            ("notices", said(found.notices)),
            ("ledger", f"{found.counts['ledger']:,} rows"),
            ("trail", f"{found.counts['audit']:,} rows, the last {desk.at(found.last_act_at)}"),
        ),
        heading="Store",
    )


@app.command("mend-clock")
def mend_clock(ctx: typer.Context, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Let the store live by this machine's clock again, after a clock that was ahead was set right.

    Stop serve first, and start it again afterwards.

    Example: helpspace store mend-clock
    """
    from helpspace.core import mending
    from helpspace.core.errors import HelpspaceError
    from helpspace.core.moments import show_minutes
    from helpspace.core.skew import MOST_SKEW
    from helpspace.wiring import open_outside

    desk = Desk(ctx)
    stripe = open_outside(desk.settings, desk.practice).stripe
    if stripe is not None:
        stripe.check()
        off = stripe.clock_ahead()
        if off is None:
            raise HelpspaceError("Stripe does not answer", "Its clock is needed; try again later.")
        if abs(off) > MOST_SKEW:
            raise HelpspaceError(
                f"This machine's clock is {abs(off)} s away from Stripe's", "Set it right first."
            )
    ahead = mending.ahead(desk.practice)
    words = f"The store lives {show_minutes(ahead)} ahead of this machine's clock."
    if dry_run and ahead > 0:
        desk.say(words)
        desk.say_rehearsed()
    else:
        if ahead > 0 and not yes:
            desk.ask(f"{words} Mend it?")
        mending.mend_clock(desk.practice, desk.team)
    if desk.frame.as_json:
        desk.give({"ahead_seconds": ahead, "dry_run": dry_run})
    elif not dry_run:
        desk.write("Mended. Start serve again.")
