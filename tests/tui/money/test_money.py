"""The money screen: the core's figures to the penny, owed fees, waiving, the CSV (M6, M8, M9)."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from helpspace.core import appointments, booking, moments, periods
from helpspace.core.moments import LONDON, pounds
from helpspace.core.payments import figures
from helpspace.core.payments.coming import coming
from helpspace.core.payments.income import as_csv, income
from helpspace.core.practice import Practice
from helpspace.tui.app import TherapistApp
from helpspace.tui.desk import Desk
from helpspace.tui.money import desk as room
from helpspace.tui.money.chart import Bar, halves, lines
from helpspace.tui.money.saving import save
from helpspace.tui.money.screen import MoneyScreen
from helpspace.tui.money.waiving import WaiveModal
from tests import makers
from tests.tui.money.lived import BOTH, Year
from tests.tui.scenes import Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import Stage, play


@BOTH
def test_m8_the_screen_has_the_figures_of_the_core(
    earned: Practice, year: Year, name: str, size: tuple[int, int]
) -> None:
    own = year.therapist
    month = figures.figures(earned, own, periods.month_of(earned.now()))
    whole = figures.figures(earned, own, periods.tax_year(2025))

    async def walk(stage: Stage) -> None:
        await stage.press("M")
        assert_golden(stage.app, f"money_{name}")
        rows = {line.strip().partition("  ")[0]: line.split() for line in stage.text.splitlines()}
        for title, found in (("March 2026", month), ("Tax year 2025/26", whole)):
            sums = found.sums
            for pence in (sums.gross_pence, sums.refunded_pence, sums.commission_pence):
                assert pounds(pence) in rows[title], (title, pence)
            assert pounds(sums.net_pence) in rows[title]
        assert whole.sums == income(earned, own, 2025).sums
        screen = stage.app.screen
        assert isinstance(screen, MoneyScreen)
        assert screen.money is not None
        assert sum(one.pence for one in screen.money.bars()) == whole.sums.net_pence
        assert screen.money.owed_pence == whole.owed_pence
        await stage.press("escape")
        assert len(stage.app.screen_stack) == 1

    play(earned, own, walk, size)


def test_m8_months_are_turned_with_their_tax_year(earned: Practice, year: Year) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("M")
        await stage.press("right_square_bracket", "right_square_bracket")
        assert "May 2026" in stage.text
        assert "Tax year 2026/27" in stage.text
        for _ in range(2):
            await stage.press("left_square_bracket")
        assert "Tax year 2025/26" in stage.text
        screen = stage.app.screen
        assert isinstance(screen, MoneyScreen)
        screen._month = periods.days("April 2000", date(2000, 4, 1), date(2000, 4, 30))
        await stage.press("left_square_bracket")
        assert "There is no such tax year" in stage.said

    play(earned, year.therapist, walk)


@BOTH
def test_m9_an_owed_fee_is_waived_after_its_money_was_shown(
    earned: Practice, year: Year, name: str, size: tuple[int, int]
) -> None:
    own = year.therapist

    async def walk(stage: Stage) -> None:
        await stage.press("M")
        assert "Owed to you: £60" in stage.text
        assert "there was not enough money o" in stage.text
        screen = stage.app.screen
        assert isinstance(screen, MoneyScreen)
        assert screen.chosen is not None
        fee = screen.chosen.view.id
        await stage.press("w")
        assert isinstance(stage.app.screen, WaiveModal)
        assert_golden(stage.app, f"money_waive_{name}")
        assert "The client no longer owes £60; nothing is charged." in stage.flat
        assert appointments.appointment(earned, own, fee).payment == "failed"
        await stage.press("n")
        assert appointments.appointment(earned, own, fee).payment == "failed"
        await stage.press("w", "y")
        assert appointments.appointment(earned, own, fee).payment == "waived"
        assert stage.said == "Waived Wed 4 Mar 09:00: nothing is charged."
        assert "Nothing is owed to you." in stage.text

    play(earned, own, walk, size)


def test_m9_what_changed_since_it_was_shown_is_not_waived(
    earned: Practice, elsewhere: Practice, year: Year
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("M", "w")
        modal = stage.app.screen
        assert isinstance(modal, WaiveModal)
        modal._plan = replace(modal._plan, owed_pence=1)
        await stage.press("y")
        assert stage.app.screen is modal
        assert "changed" in stage.said
        assert appointments.appointment(earned, year.therapist, year.owed).payment == "failed"

    play(earned, year.therapist, walk)


def test_enter_goes_to_the_session_in_the_calendar(earned: Practice, year: Year) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("M")
        screen = stage.app.screen
        assert isinstance(screen, MoneyScreen)
        assert screen.chosen is not None
        start = screen.chosen.view.start
        await stage.press("enter")
        assert len(stage.app.screen_stack) == 1
        assert stage.pane.entry is not None
        assert stage.pane.entry.start == start

    play(earned, year.therapist, walk)


def test_m8_the_screen_follows_what_another_process_does(
    earned: Practice, elsewhere: Practice, year: Year
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("M")
        screen = stage.app.screen
        assert isinstance(screen, MoneyScreen)
        assert screen.chosen is not None
        booking.waive(elsewhere, year.therapist, screen.chosen.view.id)
        screen._follow()
        await stage.settle()
        assert "Nothing is owed to you." in stage.text

    play(earned, year.therapist, walk)


def test_m8_the_tax_year_is_saved_once_and_over_nothing(
    earned: Practice, year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = year.therapist
    path = tmp_path / "helpspace-income-2025-26.csv"

    async def walk(stage: Stage) -> None:
        await stage.press("M", "s")
        assert path.read_text(encoding="utf-8") == as_csv(income(earned, own, 2025))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert f"{path.name} in {tmp_path}" in stage.said
        await stage.press("s")

    play(earned, own, walk)
    assert list(tmp_path.glob("*.csv")) == [path]
    path.write_text("something else")
    assert save(income(earned, own, 2025), tmp_path)[1].name.endswith("2025-26-2.csv")
    assert path.read_text() == "something else"


def test_a_folder_that_takes_no_file_is_one_calm_line(
    earned: Practice, year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)

    async def walk(stage: Stage) -> None:
        await stage.press("M")
        gone.rmdir()
        await stage.press("s")
        assert stage.said.startswith("The file was not written: ")
        assert "folder of your own" in stage.said

    play(earned, year.therapist, walk)


def test_a2_on_a_shared_host_no_file_is_written(
    earned: Practice, year: Year, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def walk(stage: Stage) -> None:
        await stage.press("M", "s")
        assert f"report income --tax-year 2025 --therapist {year.therapist.id}" in stage.said

    play(
        earned,
        year.therapist,
        walk,
        app=TherapistApp(earned, year.therapist, hosted=True, debug=True),
    )
    assert list(tmp_path.glob("*.csv*")) == []


def test_m6_the_owed_fees_add_up_to_the_figures(week: Practice, scene: Scene) -> None:
    own = scene.therapist
    whole = figures.figures(week, own, periods.tax_year(2025))
    fees = figures.owed_fees(week, own)
    assert sum(one.owed_pence for one in fees) == whole.owed_pence == 12000
    assert figures.owed_fees(week, makers.add_therapist(week, "Somebody Else")) == []


def test_a_bar_of_any_money_is_seen_and_none_is_not() -> None:
    assert halves(0, 100_000, 6) == 0
    assert halves(1, 100_000, 6) == 1
    assert halves(100_000, 100_000, 6) == 12
    assert halves(-5, 100, 6) == 0
    day = periods.tax_year(2025).first_day
    drawn = lines([Bar(day, 100), Bar(day, 0), Bar(day, -5), Bar(day, 50)], 5, 1)
    text = ["".join(part for part, _ in line) for line in drawn]
    assert [line[9:] for line in text] == ["█   ", "█   ", "█  █", "█·▾█", "Apr"]
    assert "£1" in text[0]


@pytest.mark.parametrize(("key", "marked"), [("sk_test_x", True), ("sk_live_x", False)])
@pytest.mark.parametrize("screen", ["M", "T"])
def test_a5_the_other_screens_say_that_no_money_is_real_too(
    earned: Practice, year: Year, screen: str, key: str, *, marked: bool
) -> None:
    object.__setattr__(earned.settings, "stripe_key", key)

    async def walk(stage: Stage) -> None:
        await stage.press(screen)
        assert stage.text.splitlines()[0].lstrip().startswith("TEST ") is marked

    play(earned, year.therapist, walk)


def test_m6_each_session_stands_once_with_what_happens_to_it(week: Practice, scene: Scene) -> None:
    """A fee that is owed and about to be taken is no second sum of money."""
    own = Desk(week, scene.therapist, week.now)
    found = room.read(own, periods.month_of(week.now(), LONDON))
    owed = {one.view.id: one for one in found.owed}
    assert not owed.keys() & {one.view.id for one in found.coming}
    by_itself = [one for one in found.owed if one.next is not None]
    assert by_itself
    for one in by_itself:
        assert one.next is not None
        assert moments.show(one.next.at, own.zone) in room.owed_words(one, own.zone, found.now)
    assert {one.appointment_id for one in coming(week, scene.therapist, until=found.until)} <= (
        owed.keys() | {one.view.id for one in found.coming}
    )
    own.close()
