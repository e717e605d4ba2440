"""Texts from people are text on every screen of joining (A3, A3a)."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from helpspace.core.joining import review
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Application, Document, Therapist, Verdict
from tests.core.applicants import TEAM, accept_all, submit, version
from tests.tui.join.stage import LARGE, SMALL, Visit, play

NASTY = "[/b][@click=app.quit]x[/]\x1b]52;c;aGk=\x07 Zoë محمد"
SHOWN = "[/b][@click=app.quit]x[/]]52;c;aGk= Zoë محمد"


def harmless(text: str) -> None:
    bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c != "\n"}
    assert bad == set()


def spoil(room: Practice, own: str) -> None:
    """Return an application with hostile texts in every place, past the core's cleaning."""
    submit(room, own)
    accept_all(room, own)
    documents = {one.kind: one.id for one in review.applications(room, TEAM)[0].documents}
    for part in ("topic:supervision", f"document:{documents['insurance']}"):
        review.judge(room, TEAM, own, part, accepted=False, reason="bad",
                     version=version(room, own))  # fmt: skip
    review.return_(room, TEAM, own, "bad", version=version(room, own))
    with room.change() as tx:
        tx.run(Verdict.update(reason_sealed=tx.seal(NASTY, "verdict.reason")))
        tx.run(Document.update(name_sealed=tx.seal(NASTY, "document.name")))
        tx.run(Application.update(reason_sealed=tx.seal(NASTY, "application.reason")))
        tx.run(Therapist.update(name_sealed=tx.seal(NASTY, "therapist.name")))
        sealed = tx.seal(
            '{"supervision": {"supervisor": "%s"}, "style": {"about_me": "%s", "concerns": "%s"}}'
            % ((NASTY.replace("\x1b", "\\u001b").replace("\x07", "\\u0007"),) * 3),
            "application.answers",
        )
        tx.run(Application.update(answers_sealed=sealed))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a3_every_page_shows_every_text_as_it_is(
    room: Practice, filled: str, size: tuple[int, int]
) -> None:
    spoil(room, filled)

    async def walk(visit: Visit) -> None:
        harmless(visit.text)
        assert SHOWN[:30] in visit.text
        for topic in ("supervision", "insurance", "style"):
            visit.app.open_page(topic)
            await visit.settle()
            harmless(visit.text)
            assert SHOWN[:20] in visit.text, topic
            await visit.pilot.click(".news", offset=(20, 0))
            await visit.press("escape")
        assert visit.app.is_running
        assert not visit.app._exit

    play(room, walk, filled, size)


def test_a3_what_is_pasted_or_named_so_is_kept_harmless(
    room: Practice, begun: str, tmp_path: Path
) -> None:
    from textual import events

    from tests.core.applicants import PDF

    folder = tmp_path / "[red]folder"
    folder.mkdir()
    (folder / "\x1b]52;c;aGk=\x07[@click=app.quit]me.pdf").write_bytes(PDF)

    async def walk(visit: Visit) -> None:
        visit.app.open_page("qualifications")
        await visit.settle()
        visit.app.screen.post_message(events.Paste(f"{NASTY}\r\nsecond\x9b31m line"))
        await visit.settle()
        await visit.kept()
        harmless(visit.text)
        kept = visit.seen.answers["qualifications"]["qualifications"]
        assert kept == f"{SHOWN}\nsecond31m line"
        visit.app.desk.folder = folder
        await visit.press("ctrl+o")
        assert "[@click=app.quit]me.pdf" in visit.text
        harmless(visit.text)
        await visit.press("enter")
        await visit.until(lambda: "Handed in" in visit.text)
        harmless(visit.text)
        assert visit.seen.documents[0].name == "]52;c;aGk=[@click=app.quit]me.pdf"

    play(room, walk, begun)
