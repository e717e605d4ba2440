"""Enabling payments: what Stripe asks, the link, and how it stands, without visiting it (J5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import AccountOrder, AccountSeen
from helpspace.core.practice import Practice
from helpspace.tui.join import qr
from helpspace.tui.join.payments import PaymentsScreen
from tests.tui.join.stage import LARGE, Visit, play

ASKED = ("individual.dob.day", "individual.dob.month", "external_account")
LINK = "https://connect.stripe.com/setup/e/acct_1/aBcDeFgHiJkLmN"
DASHBOARD = "https://connect.stripe.com/express/acct_1/xyz"
NOT_YET = AccountSeen("acct_1", False, False, ASKED)


@dataclass
class FakeStripe:
    """Says of the account what the test has it say."""

    seen: AccountSeen = NOT_YET
    down: bool = False
    calls: list[str] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.threads.add(threading.current_thread().name)
        if self.down:
            raise OutsideFault("Stripe did not answer", "Please try again in a minute.")

    def make_account(self, _order: AccountOrder) -> str:
        self._called("make_account")
        return "acct_1"

    def find_account(self, _order: AccountOrder) -> None:
        self._called("find_account")

    def look_at_account(self, _account: str) -> AccountSeen:
        self._called("look_at_account")
        return self.seen

    def onboarding_link(self, _account: str) -> str:
        self._called("onboarding_link")
        return LINK

    def dashboard_link(self, _account: str) -> str:
        self._called("dashboard_link")
        return DASHBOARD


def enter(
    room: Practice,
    own: str,
    stripe: FakeStripe | None,
    walk: Callable[[Visit], object],
    size: tuple[int, int] = LARGE,
    *,
    hosted: bool = False,
) -> None:
    """Play a walk that begins on the page of payments."""

    async def from_home(visit: Visit) -> None:
        await visit.press("p")
        await walk(visit)  # type: ignore[misc]

    play(room, from_home, own, size, stripe=lambda: stripe, hosted=hosted)


def test_j5_the_page_says_what_stripe_asks_and_follows_it(room: Practice, approved: str) -> None:
    stripe = FakeStripe()

    async def walk(visit: Visit) -> None:
        assert "not set up yet" in visit.flat
        await visit.press("enter")
        assert "The link is ready" in visit.said
        await visit.until(lambda: "Stripe still asks for" in visit.text)
        for words in (LINK, "· your date of birth", "· your bank account"):
            assert words in visit.text
        code = visit.app.screen.query_one(qr.Code)
        assert code.fits
        assert not any(name.startswith("MainThread") for name in stripe.threads)
        # The link is never visited: Stripe's word alone counts.
        stripe.seen = AccountSeen("acct_1", True, True, (), submitted=True)
        await visit.press("r")
        assert "You can be paid" in visit.flat
        assert LINK not in visit.text
        await visit.press("enter")
        assert DASHBOARD in visit.text
        await visit.press("escape")
        assert "✓ 2 Payments enabled at Stripe" in visit.flat
        await visit.press("p")
        assert DASHBOARD not in visit.text

    enter(room, approved, stripe, walk)


def test_j5_the_page_looks_by_itself_while_it_is_shown(room: Practice, approved: str) -> None:
    stripe = FakeStripe()

    async def walk(visit: Visit) -> None:
        await visit.press("enter")
        await visit.until(lambda: "Stripe still asks for" in visit.text)
        stripe.seen = AccountSeen("acct_1", True, False, ("external_account",), submitted=True)
        visit.app.screen.set_interval(0.3, visit.app.screen.read)  # type: ignore[attr-defined]
        await visit.until(lambda: "nothing reaches your bank yet" in visit.flat)
        stripe.down = True
        await visit.until(lambda: "Stripe did not answer. It is tried again." in visit.flat)
        stripe.down = False
        stripe.seen = AccountSeen("acct_1", False, False, ("rejected.fraud",))
        await visit.until(lambda: "Stripe has turned" in visit.flat)
        await visit.press("enter")
        assert "nothing to open" in visit.said

    enter(room, approved, stripe, walk)
    assert PaymentsScreen.READS <= 5


def test_j5_a_refusal_and_a_silence_are_told_in_one_line(room: Practice, approved: str) -> None:
    stripe = FakeStripe(down=True)

    async def walk(visit: Visit) -> None:
        await visit.press("enter")
        assert visit.said.startswith("Stripe did not answer.")
        stripe.down = False
        await visit.press("c")
        assert visit.said.startswith("There is no link yet.")
        await visit.press("enter")
        assert LINK in visit.text

    enter(room, approved, stripe, walk)


def test_where_stripe_is_not_set_up_that_is_said(room: Practice, approved: str) -> None:
    async def walk(visit: Visit) -> None:
        await visit.press("enter")
        assert visit.said == "Stripe is not set up here. Ask the team about it."

    enter(room, approved, None, walk)


def test_a2_on_a_shared_host_the_link_is_copied_and_no_browser_starts(
    room: Practice, approved: str
) -> None:
    stripe = FakeStripe()

    async def walk(visit: Visit) -> None:
        await visit.press("enter", "o")
        assert visit.said == "The link is copied."
        assert visit.app.clipboard == LINK

    enter(room, approved, stripe, walk, (80, 24), hosted=True)


def test_the_slow_answer_of_stripe_has_a_sign(room: Practice, approved: str) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    class Slow(FakeStripe):
        def onboarding_link(self, _account: str) -> str:
            waiting.set()
            go_on.wait(20)
            return super().onboarding_link(_account)

    async def walk(visit: Visit) -> None:
        await visit.pilot.press("enter")
        while "One moment" not in visit.text:
            await visit.pilot.pause(0.05)
        assert waiting.is_set()
        await visit.pilot.press("r", "escape")
        go_on.set()
        await visit.settle()

    enter(room, approved, Slow(), walk)
