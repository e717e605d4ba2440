"""The pictures of the documents: all there, as SVG and PNG; none asks for anything from afar."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from PIL import Image

from helpspace.sandbox import pictures

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
NAMES = ["demo", *(picture.name for picture in pictures.PICTURES)]


def test_each_is_there_and_nothing_else() -> None:
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept == {f"{name}{kind}" for name in NAMES for kind in (".svg", ".png")}


@pytest.mark.parametrize("name", NAMES)
def test_none_asks_for_anything(name: str) -> None:
    drawn = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert "@font-face" not in drawn
    assert set(re.findall(r"https?://[^\s\"'<]+", drawn)) <= {
        "http://www.w3.org/2000/svg", "https://www.textualize.io",
    } | set(re.findall(r"https://video\.example\.org[^\s\"'<]*", drawn))  # fmt: skip
    with Image.open(FOLDER / f"{name}.png") as picture:
        picture.verify()


def test_the_documents_show_only_what_is_there() -> None:
    shown = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
            shown.add(Path(link).stem)
    assert shown == set(NAMES)


def test_the_demo_is_drawn_the_same_each_time() -> None:
    """`make pictures` renews them after a change of what they show."""
    kept = (FOLDER / "demo.svg").read_text(encoding="utf-8")
    assert asyncio.run(pictures.demo()) == kept
