"""The main screens of joining as golden text, in both sizes; no control is cut off."""

from __future__ import annotations

import pytest

from helpspace.core.gateways import AccountSeen
from helpspace.core.joining import review
from helpspace.core.practice import Practice
from tests.core import applicants
from tests.core.applicants import TEAM, version
from tests.tui.join.stage import LARGE, SMALL, Visit, play
from tests.tui.join.test_payments import ASKED, FakeStripe
from tests.tui.screen_text import assert_golden

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x40"])


def named(name: str, size: tuple[int, int]) -> str:
    return f"join_{name}_{size[0]}x{size[1]}"


@SIZES
def test_the_beginning(room: Practice, size: tuple[int, int]) -> None:
    async def walk(visit: Visit) -> None:
        await visit.type("Zoë O'Brien")
        await visit.press("enter")
        await visit.type("zoe@")
        assert_golden(visit.app, named("start", size))

    play(room, walk, size=size)


@SIZES
def test_the_steps_of_a_draft_and_a_page(room: Practice, begun: str, size: tuple[int, int]) -> None:
    async def walk(visit: Visit) -> None:
        assert_golden(visit.app, named("draft", size))
        await visit.press("a")
        await visit.press("tab", "tab")
        await visit.type("020 7946 0000")
        await visit.press("tab", "right", "space")
        await visit.kept()
        assert_golden(visit.app, named("about", size))

    play(room, walk, begun, size)


@SIZES
def test_what_came_back(room: Practice, filled: str, size: tuple[int, int]) -> None:
    applicants.submit(room, filled)
    applicants.accept_all(room, filled)
    seen = review.applications(room, TEAM)[0]
    part = f"document:{seen.of_kind('insurance')[0].id}"
    for one, reason in ((part, "It ended last month."), ("topic:insurance", "Whose cover is it?")):
        now = version(room, filled)
        review.judge(room, TEAM, filled, one, accepted=False, reason=reason, version=now)
    review.return_(room, TEAM, filled, "Nearly there.", version=version(room, filled))

    async def walk(visit: Visit) -> None:
        assert_golden(visit.app, named("returned", size))
        await visit.press("a")
        assert_golden(visit.app, named("insurance", size))

    play(room, walk, filled, size)


@SIZES
def test_the_payments(room: Practice, approved: str, size: tuple[int, int]) -> None:
    stripe = FakeStripe(AccountSeen("acct_1", False, False, ASKED, due_at=1_773_000_000))

    async def walk(visit: Visit) -> None:
        assert_golden(visit.app, named("approved", size))
        await visit.press("p", "enter")
        await visit.until(lambda: "Stripe still asks for" in visit.text)
        assert_golden(visit.app, named("payments", size))

    play(room, walk, approved, size, stripe=lambda: stripe)


@pytest.mark.parametrize("topic", ["about", "qualifications", "body", "style", "picture"])
def test_every_field_of_a_page_can_be_reached_and_seen(
    room: Practice, begun: str, topic: str
) -> None:
    async def walk(visit: Visit) -> None:
        visit.app.open_page(topic)
        await visit.settle()
        first, seen = visit.app.focused, 0
        while True:
            focused = visit.app.focused
            assert focused is not None
            whole = focused.region
            assert visit.app.screen.query_one(".page").region.contains_region(whole), focused
            seen += 1
            await visit.press("tab")
            if visit.app.focused is first:
                break
        assert seen == len(visit.app.screen.focus_chain)

    play(room, walk, begun, SMALL)
