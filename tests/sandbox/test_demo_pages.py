"""The pages that open over the demo: the bank's is approved, refused, left, or over (M6)."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App
from textual.widgets import Button

from helpspace.sandbox.demo.pages import BankPage, hosted_page
from tests.sandbox.stripe_kit import ALWAYS_ASKS, BACK, Platform


def asked(platform: Platform) -> tuple[str, str]:
    """A payment that waits for the bank, and the address of its page."""
    customer = platform.customer()
    intent = platform.intent(customer, platform.therapist())
    card = platform.card(customer, ALWAYS_ASKS)
    confirmed = platform.stripe.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "return_url": BACK}
    )
    assert confirmed.next_action is not None
    return intent.id, str(confirmed.next_action.redirect_to_url.url)


def look(platform: Platform, url: str, *keys: str) -> tuple[list[str], str | None]:
    """Open a page as the demo does and press keys; return its buttons and what it said."""

    async def visit() -> tuple[list[str], str | None]:
        app: App[None] = App()
        said: list[str | None] = []
        async with app.run_test() as pilot:
            page = hosted_page(platform.sandbox, url)
            assert page is not None
            await app.push_screen(page, said.append)
            await pilot.pause()
            labels = [str(button.label) for button in page.query(Button)]
            for key in keys:
                await pilot.press(key)
            await pilot.pause()
        return labels, said[0] if said else None

    return asyncio.run(visit())


@pytest.mark.parametrize(
    ("keys", "said", "status"),
    [
        (("enter",), "The bank has its answer.", "succeeded"),
        (("right", "enter"), "The card holder did not approve", "requires_payment_method"),
        (("right", "right", "enter"), "left without an answer", "requires_action"),
        (("escape",), "left without an answer", "requires_action"),
    ],
)
def test_the_banks_page(keys: tuple[str, ...], said: str, status: str) -> None:
    platform = Platform()
    intent, url = asked(platform)
    labels, told = look(platform, url, *keys)
    assert labels == ["Approve", "Decline", "Leave the page"]
    assert told is not None
    assert said in told
    assert platform.sandbox.get(intent)["status"] == status


def test_a_page_that_is_over_asks_nothing() -> None:
    platform = Platform()
    intent, url = asked(platform)
    assert platform.sandbox.approve(intent).ok
    assert look(platform, url, "escape")[0] == ["Leave the page"]


def test_which_page_an_address_opens() -> None:
    sandbox = Platform().sandbox
    assert isinstance(hosted_page(sandbox, f"{sandbox.base_url}/approve/pi_1/token"), BankPage)
    for other in ("else", "approve/x", "onboard/x"):
        assert hosted_page(sandbox, f"{sandbox.base_url}/{other}") is None
    assert hosted_page(sandbox, "https://elsewhere.example/approve/pi_1/token") is None


def test_a_card_page_still_opens() -> None:
    platform = Platform()
    page = platform.card_page(platform.customer())
    labels, _ = look(platform, str(page.url), "escape")
    assert labels == ["Save card", "Leave the page"]
