"""The hosted pages as a browser walks them, without a server."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from helpspace.sandbox.stripe.html import Page
from helpspace.sandbox.stripe.pages import visit
from tests.sandbox.stripe_kit import ALWAYS_ASKS, ASKS_ONCE, BACK, OK_CARD, Platform

GOOD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}


@pytest.fixture
def platform() -> Platform:
    return Platform()


def path_of(address: str) -> str:
    return address.removeprefix("https://sandbox.invalid")


def get(platform: Platform, address: str) -> Page:
    return visit(platform.sandbox, "GET", path_of(address), {})


def post(platform: Platform, address: str, **sent: str) -> Page:
    return visit(platform.sandbox, "POST", path_of(address), sent)


class Outline(HTMLParser):
    """What a screen reader finds: labels, fields, headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.labels: set[str] = set()
        self.fields: set[str] = set()
        self.headings = 0
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "label":
            self.labels.add(found["for"] or "")
        if tag == "input":
            self.fields.add(found["id"] or "")
        self.headings += tag == "h1"
        if tag == "html":
            self.lang = found["lang"] or ""


def test_the_card_page_is_loudly_a_sandbox_and_every_field_has_its_label(
    platform: Platform,
) -> None:
    page = platform.card_page(
        platform.customer(), custom_text={"submit": {"message": "<b>Charged</b> later"}}
    )
    shown = get(platform, str(page.url))
    assert shown.status == 200
    assert "Sandbox – no real card" in shown.html
    assert "&lt;b&gt;Charged&lt;/b&gt; later" in shown.html
    outline = Outline(shown.html)
    assert outline.fields == outline.labels == {"number", "expiry", "cvc", "name"}
    assert (outline.headings, outline.lang) == (1, "en")
    assert "<script" not in shown.html


def test_a_card_is_saved_and_the_browser_sent_on(platform: Platform) -> None:
    page = platform.card_page(platform.customer())
    url = str(page.url)
    sent = post(platform, url, **GOOD)
    assert (sent.status, sent.location) == (303, f"{BACK}?session={page.id}")
    assert platform.stripe.v1.checkout.sessions.retrieve(page.id).status == "complete"
    closed = get(platform, url)
    assert "complete" in closed.html
    assert "<form" not in closed.html
    assert post(platform, url, **GOOD).location is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "4000000000009995"}, "enough money"),
        ({"number": "4111111111111111"}, "test card"),
        ({"expiry": "13/34"}, "month / year"),
        ({"expiry": "soon"}, "month / year"),
        ({"expiry": "01/20"}, "expired"),
        ({"cvc": ""}, "three digits"),
        ({"number": "<script>"}, "test card"),
    ],
)
def test_what_was_wrong_is_said_and_the_form_is_there_again(
    platform: Platform, change: dict[str, str], said: str
) -> None:
    url = str(platform.card_page(platform.customer()).url)
    shown = post(platform, url, **{**GOOD, **change})
    assert shown.status == 422
    assert re.search(rf'role="alert">[^<]*{said}', shown.html)
    assert "<form" in shown.html
    assert "<script>" not in shown.html


def test_the_bank_asks_before_the_card_is_saved(platform: Platform) -> None:
    page = platform.card_page(platform.customer())
    url = str(page.url)
    asked = post(platform, url, **{**GOOD, "number": ASKS_ONCE})
    assert "Your bank asks" in asked.html
    assert post(platform, url + "/bank", do="decline").status == 422
    post(platform, url, **{**GOOD, "number": ASKS_ONCE})
    assert post(platform, url + "/bank", do="approve").location == f"{BACK}?session={page.id}"


def test_an_expired_page_says_so_and_leads_back(platform: Platform) -> None:
    url = str(platform.card_page(platform.customer()).url)
    platform.clock.advance(31 * 60)
    closed = get(platform, url)
    assert "expired" in closed.html
    assert f'href="{BACK}"' in closed.html


@pytest.mark.parametrize("do", ["approve", "decline"])
def test_the_banks_page_for_a_payment(platform: Platform, do: str) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    asked: list[str] = []
    for _ in range(2):
        confirmed = platform.stripe.v1.payment_intents.confirm(
            intent.id, {"payment_method": card, "return_url": BACK}
        )
        asked.append(confirmed.next_action.redirect_to_url.url)
    stale, url = asked
    assert f'href="{BACK}"' in get(platform, url).html  # the way out that decides nothing
    assert "Nothing to approve" in get(platform, stale).html
    assert "Nothing to approve" in post(platform, stale, do=do).html
    assert "£60.00" in get(platform, url).html
    sent = post(platform, url, do=do)
    ended = "succeeded" if do == "approve" else "failed"
    assert sent.location is not None
    assert sent.location.startswith(f"{BACK}?payment_intent={intent.id}")
    assert sent.location.endswith(f"redirect_status={ended}")
    assert "Nothing to approve" in get(platform, url).html
    assert platform.sandbox.ledger()[0].gross == (6000 if do == "approve" else 0)


def onboarding(platform: Platform) -> tuple[str, str]:
    account = platform.new_account().id
    link = platform.stripe.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": BACK + "/again",
            "return_url": BACK + "/done",
        }
    )
    return account, link.url


@pytest.mark.parametrize(
    ("do", "charges", "payouts", "reason"),
    [
        ("complete", True, True, None),
        ("no_bank", True, False, None),
        ("checking", False, False, "requirements.pending_verification"),
        ("restrict", False, False, "requirements.past_due"),
        ("leave", False, False, "requirements.past_due"),
    ],
)
def test_onboarding_by_its_buttons(
    platform: Platform, do: str, charges: bool, payouts: bool, reason: str | None
) -> None:
    account, url = onboarding(platform)
    assert f'value="{do}"' in get(platform, url).html
    assert post(platform, url, do=do).location == BACK + "/done"
    now = platform.stripe.v1.accounts.retrieve(account)
    assert (now.charges_enabled, now.payouts_enabled) == (charges, payouts)
    assert now.requirements.disabled_reason == reason
    assert post(platform, url, do="complete").status == 410


def test_a_link_is_good_for_one_visit_and_five_minutes(platform: Platform) -> None:
    _, url = onboarding(platform)
    assert post(platform, url, do="complete").status == 410
    assert get(platform, url).status == 200
    assert get(platform, url).location == BACK + "/again"
    _, late = onboarding(platform)
    platform.clock.advance(300)
    assert get(platform, late).location == BACK + "/again"


def test_dashboard_and_receipt(platform: Platform) -> None:
    paid = platform.paid()
    therapist = str(paid.transfer_data.destination)
    url = platform.stripe.v1.accounts.login_links.create(therapist).url
    assert "£60.00" in get(platform, url).html
    assert get(platform, url).status == 404
    charge = platform.stripe.v1.charges.retrieve(str(paid.latest_charge))
    platform.stripe.v1.refunds.create({"charge": charge.id, "amount": 1050})
    receipt = get(platform, str(charge.receipt_url)).html
    assert "Paid: £60.00" in receipt
    assert "Given back: £10.50" in receipt


@pytest.mark.parametrize(
    "path",
    ["/", "/pay", "/pay/cs_none", "/pay/acct_x", "/approve/pi_x/t", "/onboard/x", "/receipt/x"],
)
def test_what_is_not_there(platform: Platform, path: str) -> None:
    for method in ("GET", "POST"):
        shown = visit(platform.sandbox, method, path, {"do": "approve", **GOOD})
        assert shown.status in {404, 410}
        assert "Sandbox" in shown.html
    assert visit(platform.sandbox, "POST", "/pay/cs_none/bank", {}).status == 404


def test_a_page_belongs_to_a_session_and_nothing_else(platform: Platform) -> None:
    customer = platform.customer()
    assert get(platform, f"/pay/{customer}").status == 404
    assert platform.sandbox.type_card(customer, OK_CARD).code == "session_not_found"
