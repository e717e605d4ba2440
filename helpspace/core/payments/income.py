"""A therapist's income of a UK tax year, movement by movement, as people and spreadsheets read it.

Income counts on the local day in London on which the money moved; a refund counts on its own day.
A client is named by id only: the file leaves the practice (accountant, HMRC), a name beside dates
of sessions says that somebody is in therapy, and after an erasure the report still says the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.moments import LONDON
from helpspace.core.payments.figures import whose
from helpspace.core.payments.movements import Movement, Sums, add_up, movements
from helpspace.core.periods import Period, tax_year
from helpspace.core.practice import Practice
from helpspace.core.spreadsheet import pounds_cell, table

HEADINGS = (
    "Date", "What", "Session", "Kind", "Appointment", "Client", "Therapist", "Gross", "Commission",
    "Refunded", "Net", "Disputed", "Stripe payment", "Stripe id",
)  # fmt: skip
"""The columns of the CSV; money in pounds, dates and times in London's."""


@dataclass(frozen=True, slots=True)
class Report:
    """The movements of a tax year in their order, and their sums; amounts in pence."""

    period: Period
    therapist_id: str | None
    rows: tuple[Movement, ...]
    sums: Sums


def income(
    practice: Practice, actor: Actor, year: int, *, therapist_id: str | None = None
) -> Report:
    """Return the income of the tax year that begins on 6 April of a year (M8).

    A therapist gets their own, the team anybody's or everybody's.
    """
    period = tax_year(year)
    with practice.reading() as view:
        person = whose(view, actor, therapist_id)
        rows = movements(view, since=period.since, until=period.until, therapist_id=person)
    return Report(period, person, tuple(rows), add_up(rows))


def as_csv(report: Report) -> str:
    """Return a report as a CSV table whose last line has the sums; no cell is a formula (A3)."""
    return table(HEADINGS, [*(_line(row) for row in report.rows), _last_line(report)])


def _line(row: Movement) -> list[str]:
    start = moments.at_zone(row.session_start, LONDON)
    return [
        moments.local_date(row.at, LONDON).isoformat(),
        row.kind,
        f"{start:%Y-%m-%d %H:%M}",
        row.session_kind.replace("_", "-"),
        row.appointment_id,
        row.client_id,
        row.therapist_id,
        *map(pounds_cell, (row.gross_pence, row.commission_pence, row.refunded_pence)),
        *map(pounds_cell, (row.net_pence, row.disputed_pence)),
        row.payment_intent or "",
        row.stripe_id,
    ]


def _last_line(report: Report) -> list[str]:
    sums = report.sums
    return [
        "Total",
        *[""] * 6,
        *map(pounds_cell, (sums.gross_pence, sums.commission_pence, sums.refunded_pence)),
        *map(pounds_cell, (sums.net_pence, sums.disputed_pence)),
        "",
        "",
    ]
