"""A counsellor's way by keys alone: begun, filled in, handed in, returned, mended, approved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpspace.core import moments
from helpspace.core.joining import review
from helpspace.core.moments import LONDON
from helpspace.core.practice import Practice
from helpspace.tui.actions import ACTIONS
from helpspace.tui.join.app import PLACES, JoinApp
from helpspace.tui.join.keys import JOINING
from tests.core.applicants import TEAM, accept_all, version
from tests.tui.join.stage import LARGE, SMALL, Visit, play


def judge(practice: Practice, therapist_id: str, part: str, reason: str = "") -> None:
    seen = version(practice, therapist_id)
    review.judge(
        practice, TEAM, therapist_id, part, accepted=not reason, reason=reason, version=seen
    )


def part_of(visit: Visit, kind: str) -> str:
    return f"document:{visit.seen.of_kind(kind)[0].id}"


async def fill_in(visit: Visit, papers: Path) -> None:
    """Type every page, from the first to the last."""
    now = visit.app.desk.practice.now()
    last = (moments.local_date(now, LONDON) + timedelta(days=365)).isoformat()
    await visit.press("tab", "tab")
    await visit.type("020 7946 0000")
    await visit.press("enter", "right", "space", "ctrl+n")
    await visit.type("Diploma in Counselling")
    await visit.press("enter")
    await visit.type("MSc")
    await visit.press("tab")
    await visit.type(f"'{papers / 'diploma.pdf'}'")
    await visit.press("enter")
    await visit.press("ctrl+n", "down", "space", "tab")
    await visit.type("00123456")
    await visit.press("enter")
    await visit.type(last)
    await visit.press("ctrl+n")
    await visit.type("Ann Lee")
    await visit.press("enter")
    await visit.type("ann@example.org")
    await visit.press("pagedown")
    await visit.type("Calm Cover")
    await visit.press("enter")
    await visit.type(last)
    await visit.press("enter")
    await visit.type(f"file://{papers}/more/insurance.pdf".replace(" ", "%20"))
    await visit.press("enter")
    await visit.press("ctrl+n")
    await visit.type(str(papers / "Zoë's face.png"))
    await visit.press("enter")
    await visit.press("ctrl+n")
    await visit.type("Steady help")
    await visit.press("tab")
    await visit.type("I listen.")
    await visit.press("tab", "right", "space", "down", "space", "tab", "space", "tab", "space")
    await visit.press("tab", "space", "ctrl+n")
    await visit.type("24")
    await visit.press("ctrl+n", "space")
    await visit.kept()


@pytest.mark.long
def test_j1_from_joining_to_approval(room: Practice, papers: Path) -> None:
    """J1, J2, J4: each step says what it lacks; only what came back is mended."""

    async def walk(visit: Visit) -> None:
        await visit.type("Zoë O'Brien")
        await visit.press("enter")
        await visit.type("zoe@example.org")
        await visit.press("enter")
        assert "About you 1 of 9" in visit.flat
        await fill_in(visit, papers)
        seen = visit.seen
        assert seen.lacks == ()
        assert seen.answers["about"]["gender"] == "man"
        assert seen.answers["body"]["body"] == "COSCA"
        assert seen.answers["qualifications"]["qualifications"] == "Diploma in Counselling\nMSc"
        assert seen.answers["style"]["concerns"] == "Low mood\nGrief"
        assert seen.answers["style"]["languages"] == "English"
        assert {one.name for one in seen.documents} == {
            "diploma.pdf", "insurance.pdf", "Zoë's face.png"
        }  # fmt: skip
        await visit.press("escape")
        assert "Hand in ready: hand it in" in visit.flat
        await visit.press("s")
        assert "Handed in." in visit.said
        assert "with the team since Mon 2 Mar" in visit.flat
        assert visit.seen.state == "submitted"
        await visit.press("a")
        assert "With the team: you can read it" in visit.flat
        await visit.press("x", "escape")
        await returned(visit, papers)

    play(room, walk)


async def returned(visit: Visit, papers: Path) -> None:
    """One document comes back with a reason; only that is mended."""
    practice, own = visit.app.desk.practice, visit.app.desk.therapist_id
    accept_all(practice, own)
    judge(practice, own, part_of(visit, "insurance"), "It ended last month")
    review.return_(practice, TEAM, own, "Nearly there.", version=version(practice, own))
    await visit.press("r")
    assert "came back: mend what is marked" in visit.flat
    assert "! Insurance came back: It ended last month" in visit.flat
    await visit.press("s")
    assert "not complete" in visit.said
    await visit.press("a")
    assert "Insurance 5 of 9" in visit.flat
    assert "came back: It ended last month" in visit.flat
    await visit.press("ctrl+b")
    assert "This page was accepted" in visit.flat
    await visit.type("nothing of this is taken")
    await visit.press("ctrl+n", "tab", "tab", "x")
    assert "Taken away." in visit.flat
    await visit.type(str(papers / "diploma.pdf"))
    await visit.press("enter", "escape")
    assert visit.seen.answers["supervision"]["supervisor"] == "Ann Lee"
    await visit.press("s")
    assert visit.seen.state == "submitted"
    judge(practice, own, part_of(visit, "insurance"))
    review.approve(practice, TEAM, own, version=version(practice, own))
    await visit.press("r")
    assert "✓ 1 Application approved" in visit.flat
    assert "! 2 Payments begin with Stripe p" in visit.flat
    await visit.press("c")
    assert "hidden: payments are not enabled" in visit.flat
    await visit.press("b")
    assert "1 Application" in visit.flat


def test_j2_a_bad_beginning_is_told_at_its_field(room: Practice) -> None:
    async def walk(visit: Visit) -> None:
        await visit.press("enter", "enter")
        assert visit.app.focused is visit.app.screen.query("Input").first()
        assert visit.app.desk.therapist_id == ""
        await visit.type("!!")
        await visit.press("enter")
        await visit.type("zoe@")
        await visit.press("enter")
        assert "That is no e-mail address" in visit.flat
        await visit.type("example.org")
        await visit.press("enter")
        assert "That name has no letters" in visit.said
        assert visit.app.desk.therapist_id == ""
        await visit.press("escape")
        assert visit.app._exit

    play(room, walk)


def test_j2_every_page_is_there_again(room: Practice, filled: str) -> None:
    """J2: a draft is taken up where it was left; the first page that lacks something opens."""

    async def walk(visit: Visit) -> None:
        assert "9 of 9 pages complete" in visit.flat
        await visit.press("home", "a")
        assert "About you 1 of 9" in visit.flat
        assert "Zoë O'Brien" in visit.text
        for _ in range(8):
            await visit.press("ctrl+n")
        assert "[x] Yes" in visit.text
        await visit.press("ctrl+n")
        assert "1 Application" in visit.text

    play(room, walk, filled, SMALL)


def test_what_is_typed_is_told_while_typing(room: Practice, begun: str) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page("insurance")
        await visit.settle()
        await visit.press("tab")
        await visit.type("2026-02-0")
        assert "Write the date like 2027-03-31." in visit.flat
        await visit.type("1")
        assert "This has ended already" in visit.flat
        await visit.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await visit.type("12-01")
        assert "Tue 1 Dec 2026, in 274 days" in visit.flat
        assert len(visit.app.screen_stack) == 2  # no popup
        await visit.kept()
        assert visit.seen.answers["insurance"]["insured_until"] == "2026-12-01"
        await visit.press("shift+tab", "tab")
        assert "This is needed." in visit.flat

    play(room, walk, begun)


def test_j2_the_minimum_notice_is_suggested_but_must_be_chosen(room: Practice, begun: str) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page("notice")
        await visit.settle()
        assert "24 is suggested; type what you choose." in visit.flat
        await visit.press("escape")
        assert "notice" in {lack.topic for lack in visit.seen.lacks}
        visit.app.open_page("notice")
        await visit.settle()
        await visit.type("48")
        assert "2 days" in visit.flat
        await visit.kept()
        assert visit.seen.answers["notice"] == {"notice": "48"}

    play(room, walk, begun)


def test_what_is_typed_is_kept_also_by_leaving_at_once(room: Practice, begun: str) -> None:
    """D1: Ctrl+Q waits for nothing, and loses nothing."""

    async def walk(visit: Visit) -> None:
        visit.app.open_page("supervision")
        await visit.settle()
        await visit.pilot.press(*"Ann", "ctrl+q")

    play(room, walk, begun)
    app = JoinApp(room, begun)
    assert app.desk.draft is not None
    assert app.desk.draft.text("supervision", "supervisor") == "Ann"


def test_the_help_shows_every_key_of_joining(room: Practice, begun: str) -> None:
    async def walk(visit: Visit) -> None:
        await visit.press("question_mark")
        page = str(visit.app.screen.query_one("VerticalScroll Static").render())
        joined = " ".join(page.split())
        for one in ACTIONS:
            if one.keys and one.place in PLACES:
                assert one.help in joined
                assert one.shown_keys in page
        assert "Signs" not in page

    play(room, walk, begun, LARGE)


def test_no_action_of_joining_is_left_out_of_its_help() -> None:
    assert {one.place for one in JOINING} < set(PLACES)
