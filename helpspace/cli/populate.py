"""Sample people for trying things and for benchmarks."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk, Json
from helpspace.cli.options import DryRun
from helpspace.cli.root import new_app

app = new_app()

Count = Annotated[int, typer.Option(min=0, max=1_000_000)]


@app.command()
def populate(
    ctx: typer.Context,
    therapists: Count = 0,
    clients: Count = 0,
    slots: Count = 0,
    appointments: Count = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    dry_run: DryRun = False,
) -> None:
    """Fill a store with people at example.org; without numbers, the ten of the demo.

    Nobody is told anything and no money is on the ledger. With a test key the therapists' accounts
    are made at Stripe's address; clients' cards exist nowhere. A live key or a store with real
    people is refused.

    Example: helpspace populate --therapists 100 --clients 500 --slots 2000 --appointments 800
    """
    from helpspace.sandbox.crowd import Wanted, fill
    from helpspace.sandbox.sample import build

    desk = Desk(ctx)
    wanted = Wanted(therapists, clients, slots, appointments, seed)
    before = _counts(desk)
    make_accounts = None
    if desk.settings.stripe_key and not dry_run:
        from helpspace.sandbox.accounts import maker

        make_accounts = maker(desk.settings)
    with desk.rehearsing(dry_run):
        if therapists or clients or slots or appointments:
            fill(desk.practice, desk.team, wanted, make_accounts)
        else:
            build(desk.practice, desk.team, make_accounts)
        made = {name: count - before[name] for name, count in _counts(desk).items()}
    _show(desk, made, dry_run=dry_run)


def _counts(desk: Desk) -> dict[str, int]:
    from helpspace.core.store import upkeep

    found = upkeep.stats(desk.practice, desk.team)
    return {
        "therapists": found.counts["therapist"],
        "clients": found.counts["client"],
        "slots": found.slots.get("open", 0),
        "appointments": found.counts["appointment"],
    }


def _show(desk: Desk, made: dict[str, int], *, dry_run: bool) -> None:
    document: Json = {**made, **({"dry_run": True} if dry_run else {})}
    if desk.frame.as_json:
        desk.give(document)
        return
    word = "Would make" if dry_run else "Made"
    desk.write(f"{word} {', '.join(f'{count:,} {name}' for name, count in made.items())}.")
    if not dry_run:
        desk.say("Next: helpspace therapists list, or helpspace tui --therapist ID.")
