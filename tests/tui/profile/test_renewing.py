"""New proofs handed in by keys: from the checklist and from the steps of joining (J7)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpspace.core import moments
from helpspace.core.joining import renewal
from helpspace.core.moments import DAY, LONDON
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.profile.proofs import ProofsModal
from tests import makers
from tests.core.applicants import PDF, TEAM
from tests.tui.join.conftest import approved, beside, filled, papers, room
from tests.tui.join.stage import LARGE, SMALL, Visit, play
from tests.tui.screen_text import assert_golden

__all__ = ["approved", "beside", "filled", "papers", "room"]

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x40"])


def date_in(room: Practice, days: int) -> str:
    return (moments.local_date(room.now(), LONDON) + timedelta(days=days)).isoformat()


def form(visit: Visit) -> ProofsModal:
    screen = visit.app.screen
    assert isinstance(screen, ProofsModal)
    return screen


@SIZES
def test_j7_a_certificate_by_keys_comes_back_and_is_accepted(
    room: Practice,
    beside: Practice,
    approved: str,
    papers: Path,
    size: tuple[int, int],
    clock: MovableClock,
) -> None:
    """Hand in, read why it came back, hand in again, see it accepted; nothing by the mouse."""
    until = date_in(room, 400)

    async def hand_in(visit: Visit) -> None:
        await visit.type(until)
        await visit.press("enter")
        await visit.type(f"'{papers / 'more' / 'insurance.pdf'}'")
        await visit.press("ctrl+s")
        await visit.until(lambda: not form(visit).acting)

    def one() -> renewal.RenewalView:
        (found,) = renewal.renewals(beside, TEAM)
        return found

    async def walk(visit: Visit) -> None:
        assert "n new proof" in visit.text
        await visit.press("n")
        await hand_in(visit)
        assert "Handed in. The team looks at it" in visit.text
        assert f"waiting for the team: until {until}" in visit.text
        assert (one().file, one().answers["insured_until"]) == ("insurance.pdf", until)
        renewal.judge(beside, TEAM, one().id, accepted=False, reason="The date cannot be read")
        form(visit).look()
        await visit.settle()
        assert "came back: The date cannot be read" in visit.text
        clock.advance(60)
        form(visit).until["insurance"].focus()
        await hand_in(visit)
        form(visit).until["registration"].focus()
        await visit.type(until)
        await visit.press("ctrl+s")
        await visit.until(lambda: len(renewal.renewals(beside, TEAM)) == 2)
        await visit.settle()
        first = next(one for one in renewal.renewals(beside, TEAM) if one.file)
        renewal.judge(beside, TEAM, first.id, accepted=True)
        form(visit).look()
        await visit.settle()
        assert f"accepted until {until}" in visit.text
        assert "waiting for the team" in visit.text
        assert_golden(visit.app, f"proofs_{size[0]}x{size[1]}")
        await visit.press("escape")
        assert not isinstance(visit.app.screen, ProofsModal)

    play(room, walk, approved, size)


def test_j7_what_is_refused_stays_typed(room: Practice, approved: str, papers: Path) -> None:
    before = makers.snapshot(room)

    async def walk(visit: Visit) -> None:
        await visit.press("n")
        await visit.press("ctrl+s")
        assert "There is no path yet" in visit.text
        await visit.type("31.3.27")
        await visit.press("tab")
        await visit.type(str(papers / "diploma.pdf"))
        await visit.press("ctrl+s")
        await visit.until(lambda: not form(visit).acting)
        assert "That date will not do" in visit.text
        assert form(visit).until["insurance"].value == "31.3.27"

    play(room, walk, approved)
    assert makers.snapshot(room) == before


def test_j7_the_file_from_the_list(room: Practice, approved: str, papers: Path) -> None:
    async def walk(visit: Visit) -> None:
        await visit.press("n")
        form(visit).folder = papers / "more"
        await visit.type(date_in(room, 380))
        await visit.press("ctrl+o")
        await visit.until(lambda: "insurance.pdf" in visit.text)
        await visit.press("enter")
        assert form(visit).path.value.endswith("insurance.pdf")
        await visit.press("ctrl+s")
        await visit.until(lambda: renewal.renewals(room, TEAM))

    play(room, walk, approved)


def test_j7_where_the_machine_is_shared_no_path_is_taken(room: Practice, approved: str) -> None:
    """The other terminal's words have the date in them; what comes that way is seen here."""
    own = renewal.Actor.therapist(approved)

    async def walk(visit: Visit) -> None:
        await visit.press("n")
        assert not form(visit).query("PathInput")
        await visit.type(date_in(room, 400))
        assert f"ssh HOST upload insurance {date_in(room, 400)} < insurance.pdf" in visit.text
        await visit.press("ctrl+o", "ctrl+s")
        assert "comes from your own machine" in visit.text
        renewal.renew(room, own, approved, "insurance", date_in(room, 400), raw=PDF)
        form(visit).look()
        await visit.settle()
        assert "waiting for the team" in visit.text
        assert_golden(visit.app, "proofs_hosted_80x24")

    play(room, walk, approved, SMALL, hosted=True)


def test_j7_long_reasons_leave_the_keys_in_sight(room: Practice, approved: str) -> None:
    own = renewal.Actor.therapist(approved)
    for proof, raw in (("insurance", PDF), ("registration", None)):
        one = renewal.renew(room, own, approved, proof, date_in(room, 400), raw=raw)  # type: ignore[arg-type]
        renewal.judge(room, TEAM, one, accepted=False, reason="It cannot be read. " * 30)

    async def walk(visit: Visit) -> None:
        await visit.press("n")
        assert "Ctrl+S hand in" in visit.text
        assert "Esc back" in visit.text
        await visit.press("shift+tab", "shift+tab")
        assert form(visit).focused is form(visit).until["registration"]
        assert "like 2027-03-31" in visit.text

    play(room, walk, approved, SMALL)


def test_j7_before_the_approval_there_is_no_key(room: Practice, filled: str) -> None:
    async def walk(visit: Visit) -> None:
        assert "new proof" not in visit.text
        await visit.press("n")
        assert "New proofs come after the approval" in visit.text

    play(room, walk, filled)


def test_j7_the_checklist_in_the_calendar_leads_here(room: Practice, approved: str) -> None:
    makers.set_row(room, Therapist, approved, proofs_until=room.now() - DAY)
    from tests.tui import stage

    async def walk(there: stage.Stage) -> None:
        await there.press("c")
        assert "Hand in the new proof; the team looks at it." in there.flat
        assert "n new proof" in there.flat
        await there.press("n")
        await there.settle()
        assert isinstance(there.app.screen, ProofsModal)
        assert "Nothing new is handed in." in there.flat
        await there.press("escape")
        assert there.app.screen.query("CalendarPane")

    stage.play(room, renewal.Actor.therapist(approved), walk)
