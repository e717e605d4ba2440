"""Reports for the books: a tax year's income."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import OfTherapist
from helpspace.cli.root import noun

app = noun()


@app.command()
def income(
    ctx: typer.Context,
    tax_year: Annotated[
        int,
        typer.Option(
            "--tax-year", metavar="YEAR", help="The year in which it begins: 2026 is 2026/27."
        ),
    ],
    therapist: OfTherapist = None,
) -> None:
    """Print a tax year's income as a CSV table, 6 April to 5 April, by the day the money moved.

    The last line has the sums, which are those of the ledger. Clients are ids: it leaves the house.

    Example: helpspace report income --tax-year 2026
    """
    from helpspace.cli import shapes_money
    from helpspace.core.payments import income as incomes

    desk = Desk(ctx)
    report = incomes.income(desk.practice, desk.team, tax_year, therapist_id=therapist)
    desk.say_if_test(bool(report.rows))
    if desk.frame.as_json:
        desk.give(shapes_money.report(report))
        return
    desk.write(*incomes.as_csv(report).splitlines())
    if not report.rows:
        desk.say(f"No money moved in the tax year {report.period.name}.")
