"""The screen of a running app as plain text, and golden files of it.

The text comes from `App.export_screenshot`, which is public, so that a golden shows what a terminal
would. `UPDATE_GOLDEN=1 pytest …` writes the files anew; look at the difference before committing.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.app import App

GOLDEN = Path(__file__).parent / "golden"
_CELL = 12.2  # the width of a cell in Rich's SVG
_TEXT = re.compile(r'<text class="[^"]*-r\d+" x="([\d.]+)"[^>]*-line-(\d+)\)">([^<]*)</text>')


def screen_text(app: App[Any]) -> list[str]:
    """The lines of the screen, without trailing spaces; wide characters take one place in them."""
    width, height = app.size
    cells = [[" "] * width for _ in range(height)]
    for left, line, escaped in _TEXT.findall(app.export_screenshot()):
        row, x = cells[int(line)], round(float(left) / _CELL)
        for cluster in _clusters(html.unescape(escaped).replace("\xa0", " ")):
            size = cell_len(cluster)
            if x < width:
                row[x : x + size] = [cluster, *[""] * (size - 1)]
            x += size
    return ["".join(row).rstrip() for row in cells]


def _clusters(text: str) -> list[str]:
    """Split into what shares cells: a character with the zero-width ones that follow it."""
    clusters: list[str] = []
    for character in text:
        joined = clusters and (cell_len(character) == 0 or clusters[-1].endswith("\u200d"))
        if joined:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def assert_golden(app: App[Any], name: str) -> None:
    """Compare the screen with `golden/NAME.txt`."""
    lines = screen_text(app)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    assert path.exists(), f"no golden {path.name}: run with UPDATE_GOLDEN=1 and look at it"
    expected = path.read_text(encoding="utf-8").splitlines()
    assert lines == expected
