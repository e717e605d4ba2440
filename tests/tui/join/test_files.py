"""Files by path and from the list: kept, refused in a line, taken away; not on a shared host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpspace.core.joining import documents, review
from helpspace.core.practice import Practice
from helpspace.tui.join.files import DocumentRow, PathInput
from helpspace.tui.join.page import PARTLY
from helpspace.tui.join.preview import Preview
from tests.core import applicants
from tests.core.applicants import TEAM
from tests.tui.join.stage import LARGE, Visit, play


async def to_files(visit: Visit, topic: str, *, tabs: int = 1) -> None:
    """Open a page and go to its path."""
    visit.app.open_page(topic)
    await visit.settle()
    await visit.press(*["tab"] * tabs)
    assert isinstance(visit.app.focused, PathInput)


def test_j3_a_bad_file_gets_one_line_and_the_draft_is_kept(
    room: Practice, begun: str, papers: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "long.pdf").write_bytes(b"%PDF-" + b"x" * (10 * 1024 * 1024))
    (tmp_path / "cut.pdf").write_bytes(applicants.PDF[:30])
    (tmp_path / "page.pdf").write_bytes(b"<html>")
    os.mkfifo(tmp_path / "pipe.pdf")
    lines = {
        papers / "notes.txt": "That is neither a PDF nor a PNG or JPEG picture.",
        papers / "nothing.pdf": "There is no such file.",
        papers / "more": "That is not a file.",
        papers / "link.pdf": "That file cannot be opened.",
        tmp_path / "pipe.pdf": "That is not a file.",
        tmp_path / "empty.pdf": "The file is empty.",
        tmp_path / "long.pdf": "The file is larger than 10 MB.",
        tmp_path / "cut.pdf": "The PDF is cut off.",
        tmp_path / "page.pdf": "That is neither a PDF",
    }

    async def walk(visit: Visit) -> None:
        visit.app.open_page("qualifications")
        await visit.settle()
        await visit.type("Diploma")
        await visit.press("tab")
        for path, line in lines.items():
            await visit.press("ctrl+u")
            await visit.type(str(path))
            await visit.press("enter")
            assert line in visit.flat, path
        assert visit.seen.documents == ()
        await visit.kept()
        assert visit.seen.answers["qualifications"]["qualifications"] == "Diploma"
        assert not any(room.settings.files.glob("*"))

    play(room, walk, begun)


def test_a_fault_of_our_own_is_told_where_the_file_is(
    room: Practice, begun: str, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing says for ever that the file is being read."""

    def broken(*_given: object, **_more: object) -> None:
        secret = "Sam Taylor"
        raise ZeroDivisionError(secret)

    async def walk(visit: Visit) -> None:
        await to_files(visit, "qualifications")
        await visit.type(str(papers / "diploma.pdf"))
        monkeypatch.setattr(documents, "hand_in", broken)
        await visit.press("enter")
        await visit.settle()
        assert "That did not work. Nothing was changed; please try again." in visit.flat
        assert "Checking and encrypting" not in visit.flat
        assert "Sam Taylor" not in visit.flat

    play(room, walk, begun)


def test_j2_several_certificates_and_one_taken_away_again(
    room: Practice, begun: str, papers: Path
) -> None:
    async def walk(visit: Visit) -> None:
        await to_files(visit, "qualifications")
        for path in ("diploma.pdf", "more/insurance.pdf", "Zoë's face.png"):
            await visit.type(f'"{papers / path}"')
            await visit.press("enter")
            assert "Handed in: checked, encrypted and kept." in visit.flat
        assert {one.name for one in visit.seen.documents} == {
            "diploma.pdf", "insurance.pdf", "Zoë's face.png"
        }  # fmt: skip
        await visit.press("shift+tab")
        gone = visit.app.focused.document  # type: ignore[union-attr]
        await visit.press("x")
        assert "Taken away." in visit.flat
        assert gone.name not in visit.text
        assert gone.id not in {one.id for one in visit.seen.documents}
        assert len(list(room.settings.files.iterdir())) == len(visit.seen.documents) == 2

    play(room, walk, begun)


def test_a_file_is_chosen_from_the_list(room: Practice, begun: str, papers: Path) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.desk.folder = papers
        visit.app.open_page("insurance")
        await visit.settle()
        await visit.press("ctrl+o")
        text = visit.text
        assert "▸ more/" in text
        assert "diploma.pdf" in text
        for hidden in ("notes.txt", ".hidden", "link.pdf"):
            assert hidden not in text
        await visit.press("enter")
        assert "insurance.pdf" in visit.text
        await visit.press("left")
        assert "diploma.pdf" in visit.text
        await visit.press("right")
        assert "insurance.pdf" in visit.text
        await visit.press("enter")
        await visit.until(lambda: "Handed in" in visit.text)
        assert [one.name for one in visit.seen.documents] == ["insurance.pdf"]
        assert visit.app.desk.folder == papers / "more"
        await visit.press("ctrl+o", "escape")
        assert len(visit.seen.documents) == 1

    play(room, walk, begun)


def test_a_file_is_chosen_by_the_mouse(room: Practice, begun: str, papers: Path) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.desk.folder = papers
        visit.app.open_page("insurance")
        await visit.settle()
        await visit.pilot.click(".choose")
        await visit.settle()
        await visit.pilot.click("FolderList", offset=(4, 1))
        await visit.until(lambda: "Handed in" in visit.text)
        assert [one.name for one in visit.seen.documents] == ["diploma.pdf"]
        row = visit.app.screen.query_one("DocumentRow")
        await visit.pilot.click(row, offset=(row.size.width - 4, 0))
        await visit.settle()
        assert visit.seen.documents == ()
        bar = visit.app.screen.query_one("KeyBar")
        left = next(x for x, _, one in bar._spans if one.id == "page.next")  # type: ignore[attr-defined]
        await visit.pilot.click(bar, offset=(left, 0))
        await visit.settle()
        assert "Profile picture 6 of 9" in visit.flat

    play(room, walk, begun)


@pytest.mark.parametrize("size", [(80, 24), LARGE])
def test_the_picture_is_shown_as_it_was_kept(
    room: Practice, begun: str, papers: Path, size: tuple[int, int]
) -> None:
    async def walk(visit: Visit) -> None:
        await to_files(visit, "picture", tabs=0)
        await visit.type(str(papers / "diploma.pdf"))
        await visit.press("enter")
        assert "That is no PNG or JPEG picture." in visit.flat
        await visit.press("ctrl+u")
        await visit.type(str(papers / "Zoë's face.png"))
        await visit.press("enter")
        picture = visit.app.screen.query_one(Preview)
        await visit.until(lambda: picture.lines)
        assert picture.lines == min(32, size[1] - 13)
        assert visit.text.count("▀" * picture.lines) >= picture.lines
        await visit.press("escape")
        visit.app.open_page("picture")
        await visit.settle()
        # A stray x on coming back takes nothing away.
        await visit.press("x", "ctrl+u")
        picture = visit.app.screen.query_one(Preview)
        await visit.until(lambda: picture.lines)
        await visit.press("shift+tab", "x")
        await visit.until(lambda: not picture.lines)

    play(room, walk, begun, size)


def test_a2_on_a_shared_host_no_path_can_be_typed_or_browsed(
    room: Practice, begun: str, beside: Practice
) -> None:
    async def walk(visit: Visit) -> None:
        for topic, kind in (("qualifications", "qualification"), ("insurance", "insurance"),
                            ("picture", "picture")):  # fmt: skip
            visit.app.open_page(topic)
            await visit.settle()
            assert f"ssh HOST upload {kind} < " in visit.text
            assert not visit.app.screen.query(PathInput)
            assert "Ctrl+O" not in visit.text
            part = visit.app.screen.query_one("FilesPart")
            await visit.press("ctrl+o")
            part.choose()  # type: ignore[attr-defined]
            part.action_hand_in()  # type: ignore[attr-defined]
            await visit.settle()
            assert visit.app.screen.query("FilesPart")
            await visit.press("escape")
        visit.app.open_page("insurance")
        await visit.settle()
        await visit.type("Calm Cover")
        applicants.hand_in(beside, begun, "insurance", applicants.PDF, "by the other door.pdf")
        await visit.until(lambda: "by the other door.pdf" in visit.text)
        await visit.type(" Ltd")
        await visit.kept()
        assert visit.seen.answers["insurance"]["insurer"] == "Calm Cover Ltd"

    play(room, walk, begun, hosted=True)


def test_j4_only_the_file_that_came_back_can_be_mended(room: Practice, filled: str) -> None:
    """The wizard offers what the core lets through: neither the files beside it nor other pages."""
    applicants.hand_in(room, filled, "qualification", applicants.PDF + b"\n", "second.pdf")
    applicants.submit(room, filled)
    first, second = applicants.application.application(room, TEAM, filled).of_kind("qualification")
    part = f"document:{second.id}"
    for act in (
        lambda now: review.judge(
            room, TEAM, filled, part, accepted=False, reason="blurred", version=now
        ),
        lambda now: review.return_(room, TEAM, filled, version=now),
    ):
        act(applicants.version(room, filled))

    async def walk(visit: Visit) -> None:
        visit.app.open_page("qualifications")
        await visit.settle()
        assert PARTLY in visit.flat
        rows = {one.document.id: one for one in visit.app.screen.query(DocumentRow)}
        assert [rows[one.id].disabled for one in (first, second)] == [True, False]
        assert visit.text.count("take away") == 1
        rows[first.id].action_take_away()
        rows[second.id].focus()
        await visit.press("x")
        await visit.until(lambda: "Taken away." in visit.flat)
        assert [one.id for one in visit.seen.of_kind("qualification")] == [first.id]
        assert visit.app.screen.query_one("FilesPart > .row").display, "its place stays open"
        await visit.press("escape")
        visit.app.open_page("picture")
        await visit.settle()
        assert "This page was accepted" in visit.flat
        assert not visit.app.screen.query_one("FilesPart > .row").display
        await visit.press("ctrl+o")
        assert visit.app.screen.query("FilesPart"), "no list of files opens"

    play(room, walk, filled)
