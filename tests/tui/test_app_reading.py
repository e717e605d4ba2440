"""What people type into the forms is read strictly, or refused in one line (C5)."""

from __future__ import annotations

from datetime import date

import pytest

from helpspace.core.errors import HelpspaceError, NoSuchTime, TimeOccursTwice
from helpspace.core.moments import LONDON, iso
from helpspace.tui.reading import (
    Clock,
    instant_at,
    read_clock,
    read_day,
    read_minutes,
    read_pounds,
    read_weeks,
    write_clock,
    write_day,
    write_pounds,
)

TODAY = date(2026, 3, 4)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", date(2026, 3, 4)),
        (" Tomorrow ", date(2026, 3, 5)),
        ("wed", date(2026, 3, 4)),
        ("Tuesday", date(2026, 3, 10)),
        ("6 mar", date(2026, 3, 6)),
        ("Fri 6 Mar", date(2026, 3, 6)),
        ("Fri, 6 March 2026", date(2026, 3, 6)),
        ("6th March", date(2026, 3, 6)),
        ("March 6", date(2026, 3, 6)),
        ("6/3", date(2026, 3, 6)),
        ("6.3.26", date(2026, 3, 6)),
        ("06/03/2027", date(2027, 3, 6)),
        ("2026-11-24", date(2026, 11, 24)),
        ("3 mar", date(2027, 3, 3)),
        ("29 feb", date(2028, 2, 29)),
        ("29 Feb 2028", date(2028, 2, 29)),
    ],
)
def test_dates(text: str, expected: date) -> None:
    assert read_day(text, TODAY) == expected


def test_going_to_a_date_looks_back_a_quarter() -> None:
    assert read_day("3 mar", TODAY, ahead=False) == date(2026, 3, 3)
    assert read_day("28 dec", TODAY, ahead=False) == date(2025, 12, 28)
    assert read_day("25 oct", TODAY, ahead=False) == date(2026, 10, 25)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "6", "sometime", "31 feb", "29 feb 2027", "thu 6 mar", "6/13", "0/3", "32/1",
        "2026-02-30", "24-11", "1999-01-01", "6 mar 2300", "6 marzo", "fr", "٦/٣", "6 mar 26",
        "9:30 10:30 Europe/Helsinki", "[@click=app.quit]x[/]", "6 mar mar", "wed wed",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(HelpspaceError) as caught:
        read_day(text, TODAY)
    assert caught.value.title
    assert "\n" not in f"{caught.value.title}{caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", Clock(9, 0)),
        ("09:30", Clock(9, 30)),
        ("9.30", Clock(9, 30)),
        ("0930", Clock(9, 30)),
        ("930", Clock(9, 30)),
        ("14:00", Clock(14, 0)),
        ("2pm", Clock(14, 0)),
        ("12am", Clock(0, 0)),
        ("12 pm", Clock(12, 0)),
        ("2:15 PM", Clock(14, 15)),
        ("01:30 BST", Clock(1, 30, "bst")),
    ],
)
def test_times(text: str, expected: Clock) -> None:
    assert read_clock(text) == expected


@pytest.mark.parametrize("text", ["", "24:00", "9:60", "13pm", "0am", "nine", "9:3", "9-10", "-9"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(HelpspaceError):
        read_clock(text)


def test_a_time_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NoSuchTime):
        instant_at(date(2026, 3, 29), Clock(1, 30), LONDON)


def test_a_time_that_happens_twice_is_asked_about() -> None:
    day = date(2026, 10, 25)
    with pytest.raises(TimeOccursTwice, match="01:30 BST or 01:30 GMT"):
        instant_at(day, Clock(1, 30), LONDON)
    first = instant_at(day, Clock(1, 30, "bst"), LONDON)
    second = instant_at(day, Clock(1, 30, "gmt"), LONDON)
    assert (iso(first), iso(second)) == ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")
    assert write_clock(second, LONDON) == "01:30 GMT"
    assert write_clock(second + 3600, LONDON) == "02:30"


def test_a_name_of_the_wrong_season_is_refused() -> None:
    with pytest.raises(NoSuchTime, match="10:00 GMT"):
        instant_at(date(2026, 3, 4), Clock(10, 0, "bst"), LONDON)


@pytest.mark.parametrize(
    ("text", "pence"), [("60", 6000), ("£60", 6000), ("60.50", 6050), ("0", 0), (" £ 45 ", 4500)]
)
def test_pounds(text: str, pence: int) -> None:
    assert read_pounds(text) == pence


@pytest.mark.parametrize("text", ["", "sixty", "60.5", "60,50", "-60", "6e3", "=1+1", "1000000"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(HelpspaceError):
        read_pounds(text)


@pytest.mark.parametrize("text", ["", "1.5", "-1", "x", "99999", "٥٠"])
def test_what_is_no_number_is_refused(text: str) -> None:
    for read in (read_minutes, read_weeks):
        with pytest.raises(HelpspaceError):
            read(text)


@pytest.mark.parametrize("when", [date(2026, 3, 4), date(2026, 3, 3), date(2027, 3, 4)])
def test_what_a_form_writes_it_reads(when: date) -> None:
    assert read_day(write_day(when, TODAY), TODAY) == when
    assert read_pounds(write_pounds(1_234_50)) == 1_234_50
