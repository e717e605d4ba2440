"""Payouts are asked of Stripe on a key, off the event loop, and shown with their sessions (M7)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from helpspace.core.errors import OutsideFault
from helpspace.core.gateways import EntrySeen, PayoutSeen
from helpspace.core.moments import DAY
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.tui.app import TherapistApp
from helpspace.tui.money.payouts import PayoutsScreen
from tests import makers
from tests.surfaces.names import WORSE, harmless
from tests.tui import scenes
from tests.tui.money.lived import BOTH, Year
from tests.tui.screen_text import assert_golden
from tests.tui.stage import Stage, play


@dataclass
class FakeBank:
    """Says of the payouts what the test has it say."""

    session: str = ""
    store: str = ""
    down: bool = False
    wait: threading.Event | None = None
    asked: int = 0
    threads: set[str] = field(default_factory=set)

    def payouts(self, account: str, since: int) -> list[PayoutSeen]:
        assert account == "acct_zoe"
        assert since == scenes.WEDNESDAY - 60 * DAY
        self.asked += 1
        self.threads.add(threading.current_thread().name)
        if self.wait is not None:
            assert self.wait.wait(20)
        if self.down:
            raise OutsideFault("Stripe did not answer", "Please try again in a minute.")
        at = scenes.WEDNESDAY - 3 * DAY
        ours = EntrySeen("payment", 6000, 120, appointment_id=self.session, store=self.store)
        back = EntrySeen("refund", -3000, -60, appointment_id=self.session, store=self.store)
        entries = (ours, back, EntrySeen("stripe_fee", -200, 0))
        return [
            PayoutSeen("po_2", 9000, "gbp", "in_transit", at, at + DAY, None, None),
            PayoutSeen("po_1", 2740, "gbp", "paid", at - DAY, at, None, entries),
        ]


def app_of(practice: Practice, year: Year, bank: Any) -> TherapistApp:
    """Return the app with a way to a bank, for a therapist who has an account there."""
    makers.set_row(practice, Therapist, year.therapist.id, account="acct_zoe")
    return TherapistApp(practice, year.therapist, stripe=lambda: bank, debug=True)


@BOTH
def test_m7_payouts_are_asked_for_on_a_key_and_on_a_thread(
    earned: Practice, year: Year, name: str, size: tuple[int, int]
) -> None:
    with earned.reading() as view:
        bank = FakeBank(year.owed, store_name(view))

    async def walk(stage: Stage) -> None:
        await stage.press("M")
        assert bank.asked == 0, "nothing is asked before the key"
        await stage.press("p")
        assert bank.asked == 1
        assert threading.main_thread().name not in bank.threads
        assert_golden(stage.app, f"payouts_{name}")
        for said in (
            "£90",
            "on its way to the bank",
            "£27.40",
            "payment for Wed 4 Mar 09:00",
            "-£29.40",
            "a fee of Stripe for the account",
        ):
            assert said in stage.text
        assert "Stripe does not say what is in a payout" in stage.text
        await stage.press("r")
        assert bank.asked == 2
        await stage.press("escape", "escape")
        assert len(stage.app.screen_stack) == 1

    play(earned, year.therapist, walk, size, app=app_of(earned, year, bank))


def test_a_silent_stripe_is_one_calm_line_and_leaving_does_not_wait(
    earned: Practice, year: Year
) -> None:
    bank = FakeBank(down=True)

    async def walk(stage: Stage) -> None:
        await stage.press("M", "p")
        assert stage.said == "Stripe did not answer. Please try again in a minute."
        bank.wait = threading.Event()
        await stage.pilot.press("r")
        await stage.pilot.pause()
        assert stage.said.startswith("Asking Stripe")
        await stage.pilot.press("escape")
        await stage.pilot.pause()
        assert not isinstance(stage.app.screen, PayoutsScreen)
        bank.wait.set()
        await stage.settle()

    play(earned, year.therapist, walk, app=app_of(earned, year, bank))


def test_without_stripe_the_screen_says_so(earned: Practice, year: Year) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("M", "p")
        assert stage.said == "Stripe is not set up here. Ask the team about it."

    play(earned, year.therapist, walk)


def test_a3_what_stripe_says_is_text(earned: Practice, year: Year) -> None:
    class Hostile(FakeBank):
        def payouts(self, account: str, since: int) -> list[PayoutSeen]:
            del account, since
            entries = tuple(EntrySeen(raw, 100, 0) for raw in WORSE)
            return [
                PayoutSeen("po", 5, raw, raw, 0, 0, raw, entries if number % 2 else None)
                for number, raw in enumerate((*WORSE, "[@click=app.quit]x[/]"))
            ]

    async def walk(stage: Stage) -> None:
        await stage.press("M", "p")
        for _ in range(12):
            for strip in stage.app.screen._compositor.render_strips():
                for segment in strip:
                    harmless(segment.text, allowed="")
                    assert segment.style is None or segment.style.link is None
                    assert segment.style is None or "@click" not in segment.style.meta
            await stage.press("down")

    play(earned, year.therapist, walk, app=app_of(earned, year, Hostile()))
