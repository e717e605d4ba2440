"""Tables and lists of facts: widths as a terminal counts them, and nothing harmful in a cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.cli.tables import facts, fitted, table, width_of


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("Zoë", 3), ("Zoe\u0308", 3), ("李明", 4), ("محمد", 4), ("–£", 2)],
)
def test_widths(text: str, width: int) -> None:
    assert width_of(text) == width


@given(st.text(), st.integers(2, 30))
def test_what_is_fitted_fits(text: str, width: int) -> None:
    assert width_of(fitted(text, width)) <= width
    if width_of(text) <= width:
        assert fitted(text, width) == text


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_every_line_is_harmless(rows: list[list[str]]) -> None:
    lines = table(("A", "B", "C"), rows)
    assert len(lines) == len(rows) + 1
    for line in lines:
        assert "\x1b" not in line
        assert "\n" not in line


def test_columns_stand_under_each_other() -> None:
    lines = table(("ID", "NAME", "STATE"), [("a1", "李 明", "ok"), ("b2", "Zoë", "closed")])
    assert [width_of(line[: line.index(word)]) for line, word in zip(
        lines, ("STATE", "ok", "closed"), strict=True
    )] == [11, 11, 11]  # fmt: skip
    assert not any(line.endswith(" ") for line in lines)


def test_the_widest_column_gives_way_but_never_the_id() -> None:
    rows = [("k3x7m2qa5bcd", "a long sentence that goes on and on", "booked")]
    lines = table(("ID", "WORDS", "STATE"), rows, width=40)
    assert all(width_of(line) <= 40 for line in lines)
    assert lines[1].startswith("k3x7m2qa5bcd  ")
    assert "…" in lines[1]


def test_an_empty_cell_is_a_dash() -> None:
    assert table(("A", "B"), [("x", "")])[1] == "x  –"
    assert facts((("name", ""), ("longer", "y"))) == ["name    –", "longer  y"]
