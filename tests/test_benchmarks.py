"""The benchmarks load, and each promised figure has one measurement; no time is asserted."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

import pytest

import benchmarks
from benchmarks import MEASUREMENTS
from benchmarks.harness import Report, per, percentile, said
from benchmarks.promises import PROMISES

ROOT = Path(__file__).parent.parent


def test_every_module_can_be_loaded() -> None:
    names = {found.name for found in pkgutil.iter_modules(benchmarks.__path__)}
    for name in names - {"__main__"}:
        importlib.import_module(f"benchmarks.{name}")
    assert set(MEASUREMENTS) <= names


def test_every_promised_figure_has_one_measurement() -> None:
    modules = [importlib.import_module(f"benchmarks.{name}") for name in MEASUREMENTS]
    assert Counter(key for module in modules for key in module.PROMISED) == Counter([*PROMISES])
    assert all(module.TITLE and callable(module.measure) for module in modules)


def test_the_paper_has_every_table() -> None:
    paper = (ROOT / "BENCHMARKS.md").read_text()
    for name in MEASUREMENTS:
        assert f"python -m benchmarks {name}`" in paper


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("first_paint", 1.6, True),
        ("first_paint", 1.61, False),
        ("due", 1000, True),
        ("due", 999, False),
        ("bot", 1e9, None),
    ],
)
def test_a_limit_is_judged(
    key: str, value: float, kept: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("some", "Some figures")
    report.check(key, value, "this")
    assert report.rows[0].kept is kept
    assert ("MISSED" in capsys.readouterr().out) == (kept is False)
    assert report.measured == {key}


def test_figures_are_said_as_exactly_as_they_deserve() -> None:
    assert said(1.234, "×") == "1.23×"
    assert said(12.34, "ms") == "12.3 ms"
    assert said(1234.5, "/s") == "1,234/s"


def test_ratios_are_of_pairs() -> None:
    assert per([2, 30, 6], [1, 10, 2]) == 3
    assert percentile([5, 1, 3], 0.5) == 3
