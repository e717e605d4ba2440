"""The pure parts: paths as people hand them over, drafts that meet, pictures in half blocks."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from helpspace.core.errors import Invalid
from helpspace.core.joining import application
from helpspace.core.practice import Practice
from helpspace.tui.join import preview, qr
from helpspace.tui.join.draft import Draft
from helpspace.tui.join.paths import read_path, shown_size
from helpspace.tui.join.picker import entries
from tests.core.applicants import TEAM


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("/a/b.pdf", "/a/b.pdf"),
        ("  /a/b c.pdf  ", "/a/b c.pdf"),
        ("'/a/b c.pdf'", "/a/b c.pdf"),
        ('"/a/Zoë\'s.pdf"', "/a/Zoë's.pdf"),
        (r"/a/b\ c\(1\).pdf", "/a/b c(1).pdf"),
        ("file:///a/b%20c.pdf", "/a/b c.pdf"),
        ("file://localhost/a/b.pdf", "/a/b.pdf"),
        ("FILE:///a/50%25?.pdf", "/a/50%?.pdf"),
        ("'file:///a/b.pdf'", "/a/b.pdf"),
        ("../b.pdf", "../b.pdf"),
    ],
)
def test_j2_a_path_is_taken_as_people_hand_it_over(typed: str, path: str) -> None:
    assert read_path(typed) == Path(path)


def test_j2_the_own_folder_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/zoe")
    assert read_path("~/b.pdf") == Path("/home/zoe/b.pdf")
    assert read_path("'~/b c.pdf'") == Path("/home/zoe/b c.pdf")


@pytest.mark.parametrize(
    "typed", ["", "  ", "''", "file://", "file://[", "file://elsewhere/a.pdf", "a\0b", "x" * 5000,
              "~nobody-at-all/x.pdf"],
)  # fmt: skip
def test_j3_what_is_no_path_is_refused_in_one_line(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_path(typed)
    assert "\n" not in str(refused.value)


def test_sizes_are_said_as_people_read_them() -> None:
    assert [shown_size(n) for n in (1, 812_400, 10_485_760)] == ["1 kB", "812 kB", "10.5 MB"]


def test_j3_the_list_of_files_shows_only_what_can_be_chosen(papers: Path) -> None:
    names = [one.path.name for one in entries(papers, pictures=False)]
    assert names == ["more", "diploma.pdf", "Zoë's face.png"]
    assert [one.path.name for one in entries(papers, pictures=True)] == ["more", "Zoë's face.png"]


def test_what_is_typed_and_what_others_write_meet(room: Practice, begun: str) -> None:
    """Nothing that is typed is lost, and nothing of theirs is overwritten unseen (D1)."""
    seen = application.application(room, TEAM, begun)
    draft = Draft(seen)
    draft.type("body", "number", " 12 ")
    draft.type("supervision", "supervisor", "Ann")
    assert draft.to_save() == ("body", {"number": " 12 "})
    theirs = replace(
        seen,
        version=9,
        answers={**seen.answers, "body": {"body": "BACP"}, "supervision": {"supervisor": "Bo"}},
    )
    assert draft.meet(theirs) == {("body", "body")}
    assert draft.seen.version == 9
    assert draft.clashes == {("supervision", "supervisor"): "Bo"}
    assert (draft.to_save(), draft.text("supervision", "supervisor")) == (None, "Ann")
    draft.settle()
    assert draft.to_save() == ("body", {"number": " 12 "})
    draft.saved("body", {"number": " 12 "})
    draft.type("body", "number", "123")
    mine = replace(theirs, answers={**theirs.answers, "body": {"body": "BACP", "number": "12"}})
    assert draft.meet(mine) == set()
    assert draft.clashes == {}
    assert draft.text("body", "number") == "123"
    draft.type("body", "number", "12")
    draft.type("supervision", "supervisor", "Bo")
    assert draft.is_kept


def test_a_picture_becomes_half_blocks_in_its_colours() -> None:
    picture = Image.new("RGBA", (400, 300), (200, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 150, 400, 300))
    out = io.BytesIO()
    picture.save(out, "PNG")
    pixels = preview.pixels_of(out.getvalue(), (1, 2, 3))
    assert (len(pixels[0]), len(pixels)) == (64, 48)
    assert (pixels[0][0], pixels[-1][0]) == ((200, 0, 0), (1, 2, 3))
    small = preview.fitted(pixels, 20, 5)
    assert (len(small[0]) <= 20, len(small)) == (True, 10)
    lines = preview.strips(small)
    assert [line.text for line in lines] == ["▀" * len(small[0])] * 5
    style = lines[0]._segments[0].style
    assert style is not None
    assert style.color is not None
    assert style.color.triplet == (200, 0, 0)
    assert preview.fitted([], 10, 10) == []
    assert preview.fitted(pixels, 0, 10) == []


def test_an_address_becomes_a_code_of_dark_on_light() -> None:
    pixels = qr.pixels_of("https://connect.stripe.com/setup/e/acct_1/abc")
    assert len(pixels) % 2 == 0
    assert set(pixels[0]) == {(255, 255, 255)}
    assert {pixel for row in pixels for pixel in row} == {(0, 0, 0), (255, 255, 255)}
