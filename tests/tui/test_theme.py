"""Themes: every word can be read, and statuses can be told apart without telling colours apart."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from helpspace.tui import theme
from helpspace.tui.layout import Status

# Viénot's matrices for linear light: how the two common kinds of colour blindness see.
RED_BLIND = ((0.112, 0.888, 0.0), (0.112, 0.888, 0.0), (0.004, -0.004, 1.0))
GREEN_BLIND = ((0.293, 0.707, 0.0), (0.293, 0.707, 0.0), (-0.021, 0.021, 1.0))
FILLED = [status for status in Status if status not in {Status.CANCELLED, Status.TIME_OFF}]


def linear(colour: Color) -> tuple[float, float, float]:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized
    )
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, by WCAG."""
    lights = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(Color.parse(each)), strict=True))
        for each in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("worn", theme.themes(), ids=lambda worn: worn.name)
def test_words_can_be_read(worn: Theme) -> None:
    needed = 7.0 if worn.name.endswith("contrast") else 4.5
    colours = worn.variables
    for status, ground in itertools.product(Status, ("body", "next")):
        body = colours[f"status-{status}-{ground}"]
        least = needed if status is not Status.CANCELLED else min(needed, 4.5)
        assert contrast(colours[f"status-{status}"], body) >= least, (status, ground)
        assert contrast(colours["grid-text"], body) >= needed, (status, ground)
        # Under the cursor the two change places.
        assert contrast(colours[f"status-{status}"], colours["grid-ground"]) >= least
    assert contrast(colours["grid-quiet"], colours["grid-ground"]) >= 4.5
    assert contrast(colours["grid-quiet"], str(worn.panel)) >= 4.5
    assert contrast(colours["grid-now"], colours["grid-ground"]) >= 4.5
    assert contrast(worn.primary, colours["grid-ground"]) >= 4.5
    assert contrast(worn.primary, colours["grid-range"]) >= 3.0
    assert contrast(colours["grid-text"], colours["grid-range"]) >= 4.5


@pytest.mark.parametrize("matrix", [RED_BLIND, GREEN_BLIND], ids=["red-blind", "green-blind"])
def test_colours_stay_apart_for_the_colour_blind(matrix: tuple[tuple[float, ...], ...]) -> None:
    worn = next(each for each in theme.themes() if each.name.endswith("colour-blind"))
    seen = {}
    for status in FILLED:
        colour = linear(Color.parse(worn.variables[f"status-{status}"]))
        seen[status] = [sum(w * c for w, c in zip(row, colour, strict=True)) for row in matrix]
    for (one, a), (other, b) in itertools.combinations(seen.items(), 2):
        distance = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        assert distance > 0.08, (one, other, round(distance, 3))


def test_foreign_themes_get_every_variable() -> None:
    assert {each.name for each in theme.themes()}.isdisjoint(BUILTIN_THEMES)
    names = set(theme.variable_defaults(dark=True))
    assert names == set(theme.variable_defaults(dark=False))
    assert all(names <= set(each.variables) for each in theme.themes())
