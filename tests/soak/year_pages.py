"""The money that a therapist reads on the other screens, as it is written there (M8).

The clients' list and pages, the opened sessions and the day's page must come to what the ledger
and the money screen say.
"""

from __future__ import annotations

import re
from collections import Counter

from helpspace.core import today
from helpspace.core.actors import Actor
from helpspace.core.casebook import case, cases
from helpspace.core.moments import LONDON, pounds
from helpspace.core.payments import figures
from helpspace.core.payments.movements import Sums
from helpspace.core.periods import days, month_of, tax_year
from helpspace.core.store.tables import Appointment, Ledger, Payment
from helpspace.core.timeline import timeline
from helpspace.tui.clients.words import about, marks_of
from helpspace.tui.desk import Desk
from helpspace.tui.money import desk as room
from helpspace.tui.opened.whole import whole_of
from helpspace.tui.opened.words import life_lines, money_lines
from helpspace.tui.today.words import said
from tests.jobs.world import World

_AMOUNT = re.compile(r"£([\d,]+)(?:\.(\d\d))?")


def written(text: str) -> int:
    """The pence of all amounts in a text."""
    found = _AMOUNT.findall(text)
    return sum(int(whole.replace(",", "")) * 100 + int(rest or 0) for whole, rest in found)


def agree_on_pages(world: World, ident: str, ledger: Sums, years: tuple[int, ...]) -> None:
    """Assert that what a therapist's pages say adds up to the ledger and to what is owed."""
    desk = Desk(world.practice, Actor.therapist(ident), world.practice.now)
    kept = ledger.gross_pence - ledger.refunded_pence
    paid, owed, listed = _clients(desk)
    money = room.read(desk, month_of(desk.now(), LONDON))
    assert paid == kept, (ident, paid, ledger)
    assert owed == listed == money.owed_pence, (ident, owed, listed)
    lives = _sessions(desk)
    assert lives["taken"] == ledger.gross_pence, (ident, lives)
    assert lives["given back"] == ledger.refunded_pence, (ident, lives)
    _stories(world, desk)
    first, last = tax_year(years[0]), tax_year(years[-1])
    period = days("all", first.first_day, last.last_day, LONDON)
    every = figures.figures(world.practice, desk.actor, period, therapist_id=ident)
    assert _day(desk) == every.owed_pence, ident


def _clients(desk: Desk) -> tuple[int, int, int]:
    """What the clients' pages say was paid and is owed, and what their list says is owed."""
    paid = owed = listed = 0
    for one in cases(desk.practice, desk.actor):
        page = case(desk.practice, desk.actor, one.id)
        line = next(text for label, text, _ in about(page, LONDON, desk.now(), blur=False)
                    if label == "Money")  # fmt: skip
        had, _, rest = line.partition(" paid")
        paid += written(had)
        owed += written(rest)
        listed += written(marks_of(one)[0])
    return paid, owed, listed


def _sessions(desk: Desk) -> Counter[str]:
    """What the pages "What happened" of all sessions say was taken and given back."""
    sums: Counter[str] = Counter()
    for one in cases(desk.practice, desk.actor):
        for session in case(desk.practice, desk.actor, one.id).sessions:
            life = timeline(desk.practice, desk.actor, session.id).happenings
            for line in life_lines(life, LONDON, desk.now()):
                if line.later:
                    continue
                if line.what.endswith("was charged"):
                    sums["taken"] += written(line.what)
                elif line.what.endswith("was given back"):
                    sums["given back"] += written(line.what)
    return sums


def _stories(world: World, desk: Desk) -> None:
    """The page "Money" of each session names what was taken and what was given back, or neither."""
    moved: dict[tuple[str, str], int] = Counter()
    for row in world.rows(Ledger):
        sign = -1 if row["undoes"] else 1
        moved[row["appointment_id"], row["kind"]] += sign * row["amount"]
    for row in world.rows(Appointment):
        if row["therapist_id"] != desk.actor.id:
            continue
        story = whole_of(desk, row["id"]).story
        said = " ".join(money_lines(story, blur=True))
        for kind in ("charge", "refund"):
            amount = moved.get((row["id"], kind), 0)
            assert not amount or pounds(amount) in said, (kind, amount, said)
        if not moved.get((row["id"], "charge")):
            assert "was taken" not in said, said


def agree_ahead(world: World, ident: str) -> int:
    """Assert that what the money screen says is charged by tomorrow is due then; return it."""
    desk = Desk(world.practice, Actor.therapist(ident), world.practice.now)
    money = room.read(desk, month_of(desk.now(), LONDON))
    payments = {row["appointment_id"]: row for row in world.rows(Payment)}
    due = [
        row["fee"]
        for row in world.rows(Appointment)
        if row["therapist_id"] == ident
        and (payment := payments[row["id"]])["status"] == "scheduled"
        and payment["next_at"] is not None
        and payment["next_at"] < money.until
        and payment["waived_at"] is None
    ]
    assert written(room.due_head(money, LONDON)) == sum(due), (ident, room.due_head(money, LONDON))
    return sum(due)


def _day(desk: Desk) -> int:
    """What the day's page says of fees that were tried and not paid."""
    needs = today.today(desk.practice, desk.actor).needs
    return sum(
        written(said(one, desk, desk.now())) for one in needs if one.kind in ("failed", "approval")
    )
