"""Commands about money: the story of a payment, another try, payouts, a tax year's income."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from typing import Any

import pytest

from helpspace import wiring
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.payments import figures, income
from helpspace.core.periods import month_of, tax_year, tax_year_of, weeks_of
from helpspace.core.practice import Practice
from helpspace.core.spreadsheet import pounds_cell, safe_cell, table
from helpspace.core.store.tables import Ledger
from tests import makers
from tests.cli.conftest import CommandLine
from tests.jobs.world import World

pytestmark = makers.ON_SQLITE

APRIL_6 = 1_775_430_000
"""6 April 2026, 00:00 in London: 5 April, 23:00 UTC."""


@pytest.fixture
def world(store_url: str, clock: Any) -> Any:
    made = World(store_url, clock, COMMISSION_PERCENT="10")
    yield made
    made.close()


@pytest.fixture
def money(cli: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line on the store of a world, with the world's Stripe."""
    cli.environment |= {
        "HELPSPACE_DATABASE": world.practice.settings.database,
        "HELPSPACE_STRIPE_KEY": "sk_test_helpspace",
        "HELPSPACE_STRIPE_API": "https://sandbox.invalid",
    }
    monkeypatch.setattr(wiring, "open_outside", lambda *_args, **_kwargs: world.outside)
    return cli


def paid(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    return session


def moved(practice: Practice, at: int, number: int, **changes: Any) -> None:
    """Write a ledger row of an instant."""
    booked = changes.pop("booked")
    values = {"kind": "charge", "amount": 6000, "commission": 600, **changes}
    with practice.change() as tx:
        tx.insert(
            Ledger,
            at=at,
            appointment_id=booked.id,
            therapist_id=booked.therapist_id,
            client_id=booked.client_id,
            stripe_id=f"x_{number}",
            **values,
        )


def test_k1_a_payment_is_explained(money: CommandLine, world: World) -> None:
    session = paid(world)
    shown = money("charges", "explain", session.id)
    assert shown.code == 0
    assert len(shown.out.splitlines()) == 4
    assert "less £6 commission (rule M7)" in shown.out
    found = money.json("charges", "explain", session.id)
    assert found["lines"] == shown.out.splitlines()
    assert [one["step"] for one in found["steps"]] == ["booked", "free_until", "paid"]
    pi = found["steps"][-1]["stripe_id"]
    assert money.json("charges", "explain", pi) == found
    assert (found["payment"], found["paid_pence"]) == ("paid", 6000)
    assert money("charges", "explain", "nobody").code == 1
    assert "UTC" in money("charges", "explain", session.id, "--utc").out


@pytest.mark.parametrize(
    "argv",
    ["charges list", "charges list --coming", "charges explain {}", "refunds list",
     "report income --tax-year 2025"],
)  # fmt: skip
def test_a5_shown_money_says_on_stderr_that_none_is_real(
    money: CommandLine, world: World, argv: str
) -> None:
    """A5: above the figures, never within what a script reads, and not where nothing is shown."""
    session = paid(world)
    makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    other = world.session(world.zoe, world.client(), makers.SOON + 2 * DAY)
    world.to_charge(other)
    world.settle()
    world.cancel(world.zoe, other.id)
    world.settle()
    command = argv.format(session.id).split()
    assert money(*command).line == "Test mode: no real money moves."
    assert money(*command, "--json").err == ""


def test_k1_a_receipt_is_printed(money: CommandLine, world: World) -> None:
    session = paid(world)
    shown = money("charges", "receipt", session.id)
    assert shown.out.splitlines()[0].startswith("Receipt ")
    assert "Paid by card: £60.00 on 4 March 2026" in shown.out
    page = money("charges", "receipt", session.id, "--html").out
    assert page.startswith("<!doctype html>")
    found = money.json("charges", "receipt", session.id)
    assert (found["paid_pence"], found["total_pence"], found["client_name"]) == (6000, 6000, "Sam")
    later = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    assert "no receipt" in money("charges", "receipt", later.id).line


def test_m6_a_payment_is_tried_again_or_refused(money: CommandLine, world: World) -> None:
    session = world.booked()
    assert "not due yet" in money("charges", "retry", session.id).line
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(session)
    world.charge()
    world.clock.advance(60)
    before = makers.snapshot(world.practice)
    found = money.json("charges", "retry", session.id, "--dry-run")
    assert (found["ask"], found["dry_run"]) == ("try", True)
    assert makers.snapshot(world.practice) == before
    assert "try to take £60" in money("charges", "retry", session.id).out
    world.charge()
    assert world.payment(session) == "paid"
    assert "paid already" in money("charges", "retry", session.id).line


def test_charges_are_listed_by_time_and_as_they_come(money: CommandLine, world: World) -> None:
    session = world.booked()
    later = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    ids = [one["id"] for one in money.json("charges", "list", "--since", "2026-03-07T00:00")]
    assert ids == [later.id]
    ids = [one["id"] for one in money.json("charges", "list", "--until", "2026-03-07T00:00")]
    assert ids == [session.id]
    first, second = money.json("charges", "list", "--coming")
    assert (first["id"], first["charge_at"], first["try"]) == (
        session.id, "2026-03-04T09:01:00Z", "first",
    )  # fmt: skip
    assert second["id"] == later.id
    assert "Wed 4 Mar 09:01" in money("charges", "list", "--coming").out
    found = money.json("charges", "list", "--coming", "--until", "2026-03-05T00:00")
    assert [one["id"] for one in found] == [session.id]
    assert money("charges", "list", "--coming", "--payment", "due").code == 2


def test_m7_payouts_show_their_sessions(money: CommandLine, world: World) -> None:
    session = paid(world)
    assert "Stripe pays out by itself" in money("payouts").line
    world.bank.pay_out(world.account_of(world.zoe))
    (found,) = money.json("payouts")
    assert (found["amount_pence"], found["fees_pence"], found["state"]) == (5400, 600, "paid")
    (inside,) = found["sessions"]
    assert (inside["appointment_id"], inside["net_pence"]) == (session.id, 5400)
    shown = money("payouts", "--therapist", world.zoe.id).out
    assert f"payment {session.id}" in shown
    assert "paid to the bank" in shown
    assert money.json("payouts", "--therapist", world.therapist("Ann").id) == []


def test_the_income_is_that_of_the_ledger(money: CommandLine, world: World) -> None:
    """CSV, JSON and ledger agree to the penny, with the sums in the last line."""
    first = world.booked()
    world.clock.move_to(APRIL_6 + 30 * DAY)
    more = [
        makers.follow_up(world.practice, world.zoe, world.sam, APRIL_6 + (40 + day) * DAY)
        for day in range(3)
    ]
    for session in more:
        world.to_charge(session)
        world.settle(DAY)
    world.cancel(world.zoe, more[-1].id)
    world.settle()
    found = money.json("report", "income", "--tax-year", "2026")
    assert found["tax_year"] == "2026/27"
    assert (found["since"], found["until"]) == ("2026-04-05T23:00:00Z", "2027-04-05T23:00:00Z")
    assert [one["what"] for one in found["rows"]] == ["charge"] * 4 + ["refund"]
    assert found["rows"][0]["appointment_id"] == first.id
    ledger = world.rows(Ledger)
    taken, back = (
        sum(row["amount"] for row in ledger if row["kind"] == kind) for kind in ("charge", "refund")
    )
    assert (taken, back) == world.money()
    assert found["sums"] == {
        "gross_pence": taken,
        "commission_pence": 3 * 600,
        "refunded_pence": back,
        "net_pence": taken - back - 3 * 600,
        "disputed_pence": 0,
    }
    rows = list(csv.DictReader(io.StringIO(money("report", "income", "--tax-year", "2026").out)))
    for name, key in (("Gross", "gross"), ("Refunded", "refunded"), ("Net", "net")):
        cells = [row[name] for row in rows]
        assert cells[-1] == pounds_cell(found["sums"][f"{key}_pence"])
        pence = [round(float(cell) * 100) for cell in cells]
        assert sum(pence[:-1]) == pence[-1]
    assert rows[-1]["Date"] == "Total"
    assert rows[-2]["Net"] == "-54.00"
    assert rows[-2]["Stripe payment"].startswith("pi_")
    assert rows[-2]["Stripe id"].startswith("re_")


def test_the_tax_year_begins_at_londons_midnight(cli: CommandLine, practice: Practice) -> None:
    """6 April 2026 to 5 April 2027 in London's dates, both under summer time."""
    zoe, sam = makers.add_therapist(practice), makers.add_client(practice)
    booked = [
        makers.session(practice, zoe, sam),
        *(makers.follow_up(practice, zoe, sam, makers.SOON + day * DAY) for day in range(1, 4)),
    ]
    end = 1_806_966_000
    for number, at in enumerate((APRIL_6 - 1, APRIL_6, end - 1, end)):
        moved(practice, at, number, booked=booked[number])
    years = {
        year: [one["at"] for one in cli.json("report", "income", "--tax-year", year)["rows"]]
        for year in ("2025", "2026", "2027")
    }
    assert years == {
        "2025": ["2026-04-05T22:59:59Z"],
        "2026": ["2026-04-05T23:00:00Z", "2027-04-05T22:59:59Z"],
        "2027": ["2027-04-05T23:00:00Z"],
    }
    lines = cli("report", "income", "--tax-year", "2026").out.splitlines()
    assert [line[:10] for line in lines[1:3]] == ["2026-04-06", "2027-04-05"]
    assert "No money moved" in cli("report", "income", "--tax-year", "2024").err


def test_an_income_is_one_therapists_when_asked(cli: CommandLine, practice: Practice) -> None:
    sam = makers.add_client(practice)
    people = [makers.add_therapist(practice, name) for name in ("Zoë", "Ann")]
    for number, person in enumerate(people):
        booked = makers.session(practice, person, sam, makers.SOON + number * DAY)
        moved(practice, APRIL_6 + number, number, booked=booked)
    ask = ("report", "income", "--tax-year", "2026")
    assert len(cli.json(*ask)["rows"]) == 2
    for person in people:
        (row,) = cli.json(*ask, "--therapist", person.id)["rows"]
        assert row["therapist_id"] == person.id
        assert income.income(practice, person, 2026).sums.gross_pence == 6000
    with pytest.raises(NotFound):
        income.income(practice, people[0], 2026, therapist_id=people[1].id)
    assert cli(*ask, "--therapist", "nobody").code == 1


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"), ("+44", "'+44"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"), (" =1", "'=1"), ("\r\n=1", "'=1"), ("|cmd", "'|cmd"), ("％", "％"),
        ("＝1", "'＝1"), ("-60.00", "-60.00"), ("60.00", "60.00"), ("-", "'-"), ("", ""),
        ("Zoë", "Zoë"), ("\u202e=1", "'=1"), ("-60.000", "'-60.000"),
    ],
)  # fmt: skip
def test_a3_no_cell_begins_a_formula(practice: Practice, text: str, cell: str) -> None:
    """A3: what people wrote stays a text in every spreadsheet, and money stays a number."""
    assert safe_cell(text) == cell
    (_, row) = csv.reader(io.StringIO(table(["Name"], [[f"{text}"]])))
    assert (row or [""])[0] == cell


def test_a3_the_income_has_no_formula_in_it(cli: CommandLine, practice: Practice) -> None:
    """Whatever an id from outside looks like."""
    zoe, sam = makers.add_therapist(practice), makers.add_client(practice)
    booked = makers.session(practice, zoe, sam)
    with practice.change() as tx:
        tx.insert(
            Ledger, at=APRIL_6, appointment_id=booked.id, therapist_id=zoe.id, client_id=sam.id,
            kind="charge", amount=6000, commission=0, stripe_id='=HYPERLINK("http://x","y")',
        )  # fmt: skip
    for row in csv.reader(io.StringIO(cli("report", "income", "--tax-year", "2026").out)):
        assert all(not cell.startswith(("=", "+", "@", "\t")) for cell in row)
        assert all(safe_cell(cell) == cell for cell in row)


def test_p1_the_income_names_no_client(cli: CommandLine, practice: Practice) -> None:
    """P1, K4: clients are ids, so that the file says nothing of a person, also after an erasure."""
    zoe, sam = makers.add_therapist(practice), makers.add_client(practice, "Sam Smith")
    moved(practice, APRIL_6, 1, booked=makers.session(practice, zoe, sam))
    out = cli("report", "income", "--tax-year", "2026").out
    assert sam.id in out
    assert {"Sam", "Smith", "Zoë"}.isdisjoint(out.replace(",", " ").split())


def test_figures_of_month_year_and_weeks_agree(world: World) -> None:
    """M8: the figures by week add up to the month's, and these to the ledger's."""
    first = paid(world)
    second = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    third = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 8 * DAY)
    world.clock.move_to(second.free_until + 30)
    world.cancel(world.sam, second.id)
    world.to_charge(second)
    world.settle(60)
    world.bank.card_answers(world.card_of(world.sam), ["lost_card"])
    world.to_charge(third)
    world.charge()
    world.clock.move_to(third.end)
    month = month_of(world.practice.now())
    whole = figures.figures(world.practice, makers.TEAM, month)
    assert (whole.held, whole.late_cancellations, whole.no_shows) == (2, 1, 0)
    assert (whole.sums.gross_pence, whole.sums.refunded_pence) == (12000, 0)
    assert whole.owed_pence == 6000
    weeks = figures.by_week(world.practice, world.zoe, month)
    assert [one.period.first_day.day for one in weeks] == [1, 2, 9, 16, 23, 30]
    for name in ("held", "late_cancellations", "no_shows", "owed_pence"):
        assert sum(getattr(one, name) for one in weeks) == getattr(whole, name)
    assert sum(one.sums.gross_pence for one in weeks) == whole.sums.gross_pence
    makers.set_row(world.practice, makers.Appointment, first.id, state="completed")
    makers.set_row(world.practice, makers.Appointment, first.id, state="no_show")
    again = figures.figures(world.practice, world.zoe, month)
    assert (again.held, again.no_shows) == (1, 1)
    year = figures.figures(world.practice, makers.TEAM, tax_year_of(world.practice.now()))
    assert year.sums == whole.sums
    assert figures.figures(world.practice, world.therapist("Ann"), month).sums.gross_pence == 0


def test_periods_keep_to_local_days(practice: Practice, therapist: Actor) -> None:
    year = tax_year(2026)
    weeks = weeks_of(year)
    assert (year.first_day.isoformat(), year.last_day.isoformat()) == ("2026-04-06", "2027-04-05")
    assert (weeks[0].since, weeks[-1].until) == (year.since, year.until)
    assert all(one.until == two.since for one, two in pairwise(weeks))
    assert {one.first_day.weekday() for one in weeks} == {0}
    assert {(one.until - one.since) // 3600 for one in weeks} >= {167, 168, 169}
    assert month_of(APRIL_6).name == "April 2026"
    assert tax_year_of(APRIL_6 - 1).name == "2025/26"
    assert tax_year_of(APRIL_6).name == "2026/27"
