"""The same sandbox over loopback HTTP: the SDK's own HTTP client, a browser's, and the desk."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.http import loopback
from tests.sandbox.stripe_kit import ALWAYS_ASKS, BACK, OK_CARD, START, Platform


class Served:
    """A platform whose SDK speaks real HTTP to a served sandbox."""

    def __init__(self, platform: Platform, base: str, browser: requests.Session) -> None:
        self.platform = platform
        self.base = base
        self.browser = browser

    def desk(self, name: str, **asked: Any) -> Any:
        """Use one control of the desk."""
        sent = self.browser.post(f"{self.base}/_sandbox/{name}", json=asked or None, timeout=5)
        return sent.json()

    def see(self, name: str) -> Any:
        """Look at something from the desk."""
        return self.browser.get(f"{self.base}/_sandbox/{name}", timeout=5).json()


@pytest.fixture
def served() -> Iterator[Served]:
    platform = Platform()
    with (
        loopback(platform.sandbox) as base,
        requests.Session() as session,
        requests.Session() as browser,
    ):
        platform.stripe = platform.client(
            http_client=stripe.RequestsClient(timeout=5, session=session), base=base
        )
        yield Served(platform, base, browser)


def follow(served: Served, method: str, url: str, **sent: str) -> requests.Response:
    return served.browser.request(method, url, data=sent, timeout=5, allow_redirects=False)


def test_one_session_from_the_card_to_the_refund(served: Served) -> None:
    platform = served.platform
    v1 = platform.stripe.v1
    account = platform.new_account().id
    link = v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": BACK,
            "return_url": BACK + "/done",
        }
    )
    assert link.url.startswith(served.base)
    assert "Complete everything" in follow(served, "GET", link.url).text
    done = follow(served, "POST", link.url, do="complete")
    assert (done.status_code, done.headers["Location"]) == (303, BACK + "/done")
    assert v1.accounts.retrieve(account).charges_enabled

    customer = platform.customer()
    page = platform.card_page(customer)
    shown = follow(served, "GET", str(page.url))
    assert "no real card" in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    typed = follow(served, "POST", str(page.url), number=ALWAYS_ASKS, expiry="12/34", cvc="123")
    assert "Your bank asks" in typed.text
    saved = follow(served, "POST", f"{page.url}/bank", do="approve")
    assert saved.headers["Location"] == f"{BACK}?session={page.id}"

    session = v1.checkout.sessions.retrieve(page.id, {"expand": ["setup_intent"]})
    card = str(session.setup_intent.payment_method)
    intent = platform.intent(customer, account)
    with pytest.raises(stripe.CardError) as asked:
        platform.charge(intent.id, card, "charge:1")
    assert asked.value.code == "authentication_required"
    assert asked.value.headers["date"] == "Sun, 17 Mar 2030 17:46:40 GMT"
    confirmed = v1.payment_intents.confirm(intent.id, {"payment_method": card, "return_url": BACK})
    bank = confirmed.next_action.redirect_to_url.url
    assert "£60.00" in follow(served, "GET", bank).text
    assert (
        "redirect_status=succeeded"
        in follow(served, "POST", bank, do="approve").headers["Location"]
    )
    refund = v1.refunds.create({"payment_intent": intent.id, "reverse_transfer": True})
    assert refund.status == "succeeded"
    assert [(row["gross"], row["refunded"]) for row in served.see("ledger")] == [(6000, 6000)]
    assert v1.events.list({"types": ["charge.refunded"]}).data[0].type == "charge.refunded"
    platform.sandbox.check("appointment")


def test_onboarding_by_parts_and_a_change_of_mind_over_the_wire(served: Served) -> None:
    v1, account = served.platform.stripe.v1, served.platform.new_account().id
    back = {"refresh_url": BACK, "return_url": BACK}
    for parts, due in (
        (
            {"person": "yes", "terms": "yes"},
            ["external_account", "individual.verification.document"],
        ),
        ({"bank": "yes", "document": "yes"}, []),
    ):
        link = v1.account_links.create({"account": account, "type": "account_onboarding", **back})
        assert 'type="checkbox"' in follow(served, "GET", link.url).text
        assert follow(served, "POST", link.url, do="submit", **parts).status_code == 303
        assert v1.accounts.retrieve(account).requirements.currently_due == due
    assert v1.accounts.retrieve(account).payouts_enabled
    asked = {"account_id": account, "due": ["individual.id_number"], "held": True}
    assert served.desk("act", act="ask_account", **asked) == {"done": None}
    assert not v1.accounts.retrieve(account).charges_enabled
    served.desk("act", act="give_details", account_id=account, parts=["person"])
    served.desk("act", act="verify", account_id=account)
    assert v1.accounts.retrieve(account).charges_enabled
    assert "error" in served.desk("act", act="give_details", account_id=account, parts=["x"])


def test_a_dropped_connection_is_a_connection_error_and_the_key_finds_the_answer(
    served: Served,
) -> None:
    platform = served.platform
    intent = platform.intent(platform.customer(), platform.therapist())
    card = platform.card(str(intent.customer))
    for effect, taken in (("drop_before", 0), ("no_answer_after", 6000)):
        served.desk("fault", effect=effect, path="/confirm$")
        with pytest.raises(stripe.APIConnectionError) as lost:
            platform.charge(intent.id, card, "charge:1")
        assert lost.value.should_retry
        assert sum(row.gross for row in platform.sandbox.ledger()) == taken
    assert platform.charge(intent.id, card, "charge:1").status == "succeeded"
    assert platform.sandbox.requests[-1].replayed
    assert platform.sandbox.ledger()[0].gross == 6000


def test_slow_answers_overlap() -> None:
    platform = Platform()
    together = threading.Barrier(4, timeout=10)
    platform.sandbox = StripeSandbox(platform.clock, sleep=lambda _: together.wait() and None)
    platform.sandbox.faults.latency = 0.3
    with loopback(platform.sandbox) as base, ThreadPoolExecutor(4) as pool:

        def one(_: int) -> str:
            with requests.Session() as session:
                client = platform.client(
                    http_client=stripe.RequestsClient(timeout=15, session=session), base=base
                )
                return client.v1.customers.create({}).id

        assert len(set(pool.map(one, range(4)))) == 4


def test_the_desk_moves_time_acts_for_people_and_starts_anew(served: Served) -> None:
    platform = served.platform
    assert served.see("clock") == {"now": START}
    assert served.desk("clock", advance=60) == {"now": START + 60}
    assert served.desk("clock", now=START + 100) == {"now": START + 100}
    page = platform.card_page(platform.customer())
    done = served.desk("act", act="type_card", session_id=page.id, number=OK_CARD)
    assert done["done"]["ok"] is True
    assert served.see("requests")[-1]["path"] == "/v1/checkout/sessions"
    assert served.see("events")[-1]["type"] == "checkout.session.completed"
    for wrong in (
        {"act": "reset"},
        {"act": "__init__"},
        {"act": "restrict", "account_id": "acct_none"},
        {"act": "restrict", "colour": "red"},
    ):
        assert "error" in served.desk("act", **wrong)
    assert "error" in served.desk("fault", effect="explode")
    assert "error" in served.desk("clock", advance=-1)
    sent = served.browser.post(f"{served.base}/_sandbox/clock", data="[1]", timeout=5)
    assert sent.status_code == 400
    served.desk("fault", effect="429")
    assert served.desk("fault") == []
    served.desk("reset")
    assert platform.stripe.v1.customers.list().data == []


def test_the_sandbox_itself_loads_neither_the_sdk_nor_a_web_framework() -> None:
    heavy = "{'stripe', 'starlette', 'uvicorn', 'requests'}"
    code = f"import sys, helpspace.sandbox.stripe as s; print(sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_other_methods_and_giant_bodies_are_turned_away(served: Served) -> None:
    put = served.browser.put(f"{served.base}/v1/customers", timeout=5)
    assert put.status_code == 405
    giant = served.browser.post(f"{served.base}/v1/customers", data=b"a" * 1_000_001, timeout=5)
    assert giant.status_code == 413
    bare = served.browser.get(f"{served.base}/v1/customers", timeout=5)
    assert bare.status_code == 401
