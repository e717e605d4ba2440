"""What must agree at the end of a year: ledger, Stripe, report, table, figures, payouts (M8)."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now
from helpspace.core.moments import LONDON
from helpspace.core.payments import figures, income, lists, payouts
from helpspace.core.payments.movements import Sums
from helpspace.core.periods import days, month_of, tax_year
from helpspace.core.policy import State
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import Appointment, Ledger, Payment, Therapist
from helpspace.sandbox.stripe.ledger import LedgerRow
from helpspace.tui.desk import Desk
from helpspace.tui.money import desk as room
from tests import makers
from tests.jobs.world import World
from tests.soak.year import Year, states, unpaid
from tests.soak.year_pages import agree_on_pages

YEARS = (2025, 2026, 2027)


def agree(year: Year) -> Sums:
    """Assert that every way to the sums leads to the same, to the penny; returns them."""
    world = year.world
    assert reconcile(world.practice, world.stripe) == []
    world.bank.check("appointment")
    whole = _of_ledger(world.rows(Ledger))
    assert _of_bank(world.bank.ledger()) == whole
    assert _of_reports(world) == whole
    assert _of_figures(world) == whole
    for therapist in world.rows(Therapist):
        _agree_for(world, therapist)
    _each_session(year)
    return whole


def _of_ledger(rows: Iterable[dict[str, Any]]) -> Sums:
    """The ledger, added up by hand."""
    sums: Counter[str] = Counter()
    for row in rows:
        sign = -1 if row.get("undoes") else 1
        sums[row["kind"]] += sign * row["amount"]
        sums["commission"] += sign * (1 if row["kind"] == "charge" else -1) * row["commission"]
    return Sums(sums["charge"], sums["refund"], sums["dispute"], sums["commission"])


def _of_bank(rows: Iterable[LedgerRow]) -> Sums:
    """Stripe's own books; what went back was taken back from the account with it."""
    every = list(rows)
    assert all(row.reversed == row.refunded for row in every)
    return Sums(
        sum(row.gross for row in every),
        sum(row.refunded for row in every),
        0,
        sum(row.fee - row.fee_refunded for row in every),
    )


def _plus(parts: Iterable[Sums]) -> Sums:
    every = list(parts)
    names = ("gross_pence", "refunded_pence", "disputed_pence", "commission_pence")
    return Sums(**{name: sum(getattr(one, name) for one in every) for name in names})


def _of_reports(world: World, therapist_id: str | None = None) -> Sums:
    """The tax years, as objects and as the tables that leave the house."""
    found = []
    for number in YEARS:
        report = income.income(world.practice, makers.TEAM, number, therapist_id=therapist_id)
        rows = list(csv.DictReader(io.StringIO(income.as_csv(report))))
        table = {name: [_pence(row[name]) for row in rows] for name in ("Gross", "Net")}
        assert sum(table["Gross"][:-1]) == table["Gross"][-1] == report.sums.gross_pence
        assert sum(table["Net"][:-1]) == table["Net"][-1] == report.sums.net_pence
        found.append(report.sums)
    return _plus(found)


def _pence(cell: str) -> int:
    whole, _, rest = cell.lstrip("-").partition(".")
    return (-1 if cell.startswith("-") else 1) * (int(whole) * 100 + int(rest))


def _of_figures(world: World, therapist_id: str | None = None) -> Sums:
    """The terminal's figures, week by week over all the years."""
    first, last = tax_year(YEARS[0]), tax_year(YEARS[-1])
    period = days("all", first.first_day, last.last_day, LONDON)
    weeks = figures.by_week(world.practice, makers.TEAM, period, therapist_id=therapist_id)
    whole = figures.figures(world.practice, makers.TEAM, period, therapist_id=therapist_id)
    assert _plus(one.sums for one in weeks) == whole.sums
    for name in ("held", "no_shows", "late_cancellations", "owed_pence"):
        assert sum(getattr(one, name) for one in weeks) == getattr(whole, name)
    if therapist_id is None:
        _counts(world, whole)
    return whole.sums


def _counts(world: World, whole: figures.Figures) -> None:
    rows = world.rows(Appointment)
    ended = Counter(row["state"] for row in rows)
    assert whole.held == ended[State.COMPLETED]
    assert whole.no_shows == ended[State.NO_SHOW]
    assert whole.late_cancellations == sum(
        row["state"] == State.CANCELLED_BY_CLIENT and row["cancelled_at"] > row["free_until"]
        for row in rows
    )
    shown = lists.charges(world.practice, makers.TEAM, limit=100_000)
    assert sum(one.paid_pence for one in shown) == whole.sums.gross_pence - (
        whole.sums.refunded_pence
    )
    assert whole.owed_pence == sum(
        one.owed_pence for one in shown if one.payment in ("failed", "needs_approval")
    )


def _agree_for(world: World, therapist: dict[str, Any]) -> None:
    """One therapist's: the same ways, and what went to the bank and is left at Stripe."""
    ident, account = therapist["id"], therapist["account"]
    ledger = _of_ledger(row for row in world.rows(Ledger) if row["therapist_id"] == ident)
    assert _of_bank(row for row in world.bank.ledger() if row.destination == account) == ledger
    assert _of_reports(world, ident) == _of_figures(world, ident) == ledger
    seen = payouts.payouts(world.practice, world.stripe, makers.TEAM, since=0, therapist_id=ident)
    assert all(one.others == () and one.note is None for one in seen)
    for one in seen:
        assert sum(part.net_pence for part in one.sessions) == one.amount_pence
    left = world.bank.total(account)
    assert sum(one.amount_pence for one in seen) + left == ledger.net_pence
    _agree_on_screen(world, ident, ledger)
    agree_on_pages(world, ident, ledger, YEARS)


def _agree_on_screen(world: World, ident: str, ledger: Sums) -> None:
    """What the therapist's own money screen shows, month by month and year by year, as it is
    written there, comes to the same."""
    desk = Desk(world.practice, Actor.therapist(ident), world.practice.now)
    months, years = Counter[str](), Counter[str]()
    moments = [row["at"] for row in world.rows(Ledger)]
    month, seen = month_of(min(moments), LONDON), set[int]()
    while month.since <= max(moments):
        money = room.read(desk, month)
        heads, *rows = room.table(money, 140)
        columns = heads.split("  ")
        shown = [_figures_of(columns, row) for row in rows]
        months.update(shown[0])
        if money.tax_year not in seen:
            seen.add(money.tax_year)
            years.update(shown[1])
            assert sum(bar.pence for bar in money.bars()) == shown[1]["yours"]
        month = room.turned(month, 1)
    found = ledger.gross_pence, ledger.refunded_pence, ledger.commission_pence, ledger.net_pence
    for added in (months, years):
        assert tuple(added[name] for name in room.AMOUNTS) == found, (ident, added)


def _figures_of(heads: list[str], row: str) -> Counter[str]:
    """The amounts of a line of the screen, in pence, by their headings."""
    names = [one.strip() for one in heads if one.strip()]
    cells = re.findall(r"-?£[\d,]+(?:\.\d\d)?", row)
    return Counter(dict(zip(names, (_in_pence(one) for one in cells), strict=False)))


def _in_pence(shown: str) -> int:
    """£1,234.50 or -£60 as it is shown, in pence."""
    return _pence(shown.replace("£", "").replace(",", "") + ("" if "." in shown else ".00"))


def _each_session(year: Year) -> None:
    """M6, M7: what each session brought is what its rules say, or it is marked as unpaid."""
    world = year.world
    brought: Counter[str] = Counter()
    for row in world.bank.ledger():
        brought[row.metadata["appointment"]] += row.net
    open_ones = unpaid(year)
    now = world.practice.now()
    with world.practice.reading() as view:
        sessions = {row.id: row for row in view.rows(Appointment.select())}
        payments = {row.appointment_id: row for row in view.rows(Payment.select())}
    for ident, row in sessions.items():
        owed = owed_now(row, payments[ident], now)
        if ident in open_ones:
            assert (brought[ident], owed) == (0, row.fee)
        else:
            assert brought[ident] == owed, (ident, row.state, payments[ident].status)
    assert not any(row["next_at"] or row["holder"] for row in world.rows(Payment))
    assert states(year)[State.BOOKED] == 0
