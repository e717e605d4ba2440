"""Each fault at each call of the flows of money, then settled (M1–M10 of the invariants, M5).

The calls are those that a flow makes in fair weather, and those that bad weather provokes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpspace.core import cards
from helpspace.core.errors import OutsideFault
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.flows import FLOWS, Ground
from tests.jobs.weather import FAULTS, LOST, Call, Weather

ROOT = Path(__file__).parents[2]

ELSEWHERE = {
    # Joining and its account, tested in jobs/test_onboarding.py.
    "POST accounts", "GET accounts", "GET accounts/id", "POST account_links", "POST login_links",
    # Reading only, behind a page or a command; jobs/test_payouts.py.
    "GET payouts", "GET balance_transactions", "GET charges/id",
    # Erasing and adopting; jobs/test_erasures.py, jobs/test_adopting.py.
    "GET payment_methods", "DELETE customers",
    # Only where the clock looks wrong; jobs/test_money.py.
    "GET balance",
    # Disputes move no money of ours; jobs/test_disputes.py.
    "GET disputes/id",
}  # fmt: skip
"""The gateway's endpoints that the flows do not need."""

CALLS = {
    "charge": """GET account, POST payment_intents, POST payment_intents/*/confirm,
        GET payment_intents/*, POST payment_intents/*/confirm, GET events""",
    "refund": """GET account, GET disputes, POST refunds, GET refunds, GET disputes, GET refunds,
        GET events, GET refunds""",
    "refund when short": """GET account, POST refunds, GET refunds, POST refunds,
        GET payment_intents/*, GET transfers/*, POST transfers/*/reversals, GET refunds""",
    "withdrawn": "GET account, GET payment_intents/*, POST payment_intents/*/cancel",
    "card": """GET account, POST customers, POST checkout/sessions, GET checkout/sessions/*,
        POST payment_intents, POST payment_intents/*/confirm, POST checkout/sessions,
        GET checkout/sessions/*, GET payment_intents/*, POST payment_intents/*/confirm,
        GET payment_methods/*, POST payment_methods/*/detach""",
    "approval": """GET account, POST payment_intents, POST payment_intents/*/confirm,
        GET payment_intents/*, POST payment_intents/*/confirm, GET events, GET payment_intents/*""",
}
"""What each flow asks Stripe in fair weather, in order: a call that comes to it is seen here."""


@pytest.fixture
def ground(request: pytest.FixtureRequest, sqlite_template: Path, store_folder: Path) -> Ground:
    return Ground(request.param, sqlite_template, store_folder)


EACH = pytest.mark.parametrize("ground", FLOWS, indirect=True)


def words(calls: list[Call]) -> list[str]:
    """Calls as the table above has them."""
    return [f"{one.method} {one.path[5:-1]}".replace(r"\w+", "*") for one in calls]


@EACH
def test_m5_each_fault_at_each_call(ground: Ground) -> None:
    """Lost for good at the first try; it ends as in fair weather, and the books agree."""
    assert words(ground.calls) == [one.strip() for one in CALLS[ground.name].split(",")]
    struck = set()
    for call in ground.calls:
        for effect in FAULTS:
            lived = ground.live((call, effect, LOST))
            assert lived.ended == ground.fair, (effect, str(call))
            assert lived.fired[0] >= 1, (effect, str(call))
            struck.add(call)
    assert struck == set(ground.calls)


def test_every_call_of_the_gateway_is_in_a_flow() -> None:
    """The flows leave out no endpoint with which money or a card is concerned."""
    code = "".join(path.read_text() for path in (ROOT / "helpspace/jobs").glob("stripe*.py"))
    every = set(re.findall(r'"((?:GET|POST|DELETE) [a-z_/]+)"', code))
    flows = {f"{one.strip()}" for calls in CALLS.values() for one in calls.split(",")}
    short = {"payment_intents": "intents", "checkout/sessions": "sessions", "/*": "/id"}
    for long, name in short.items():
        flows = {one.replace(long, name) for one in flows}
    flows = {one.replace("POST transfers/id/", "POST ") for one in flows}
    flows = {one.replace("payment_methods/id/detach", "payment_methods/detach") for one in flows}
    provoked = {"GET intents", "GET customers"}
    assert every - ELSEWHERE - provoked == flows


PROVOKED = [
    ("charge", "POST", "payment_intents", "GET", "payment_intents"),
    ("card", "POST", "customers", "GET", "customers"),
]


@pytest.mark.parametrize(("ground", "method", "path", "then", "looked"), PROVOKED,
                         indirect=["ground"])  # fmt: skip
def test_m5_each_fault_at_each_call_that_a_fault_provokes(
    ground: Ground, method: str, path: str, then: str, looked: str
) -> None:
    """What was perhaps made is looked for; that too may go wrong."""
    first, second = Call(method, f"^/v1/{path}$"), Call(then, f"^/v1/{looked}$")
    for effect in FAULTS:
        lived = ground.live((first, "500_after", LOST), (second, effect, LOST))
        assert lived.ended == ground.fair, effect
        assert min(lived.fired) >= 1, effect


@pytest.fixture
def weather(store_folder: Path, sqlite_template: Path) -> Iterator[Weather]:
    path = store_folder / "helpspace.db"
    path.write_bytes(sqlite_template.read_bytes())
    path.chmod(0o600)
    made = Weather(f"sqlite:///{path}", MovableClock(makers.NOW))
    yield made
    made.close()


@pytest.mark.parametrize("effect", ["500_after", "500_before"])
def test_m5_a_saved_failure_keeps_nobody_from_a_card(weather: Weather, effect: str) -> None:
    """Stripe repeats it for a day: the customer that was made is found, else another is made."""
    sam = weather.client(card=None)
    request = cards.ask_for_card(weather.practice, sam)
    weather.bank.faults.add(effect, "POST", "customers$")  # type: ignore[arg-type]
    page = weather.persist(lambda: cards.page(weather.practice, weather.stripe, sam, request))
    assert page.url
    listed = weather.sdk.v1.customers.list().data
    assert [one.id for one in listed] == [weather.customer_of(sam)]


def test_m5_a_customer_is_not_made_anew_while_stripe_is_silent(weather: Weather) -> None:
    """A lost answer is heard under the same key; nothing is concluded from silence."""
    sam = weather.client(card=None)
    request = cards.ask_for_card(weather.practice, sam)
    weather.bank.faults.add("no_answer_after", "POST", "customers$", times=LOST)
    with pytest.raises(OutsideFault):
        cards.page(weather.practice, weather.stripe, sam, request)
    assert weather.persist(lambda: cards.page(weather.practice, weather.stripe, sam, request)).url
    keys = {one.idempotency_key for one in weather.posted("POST", "customers")}
    assert len(keys) == 1
    assert weather.posted("GET", "customers") == []


@pytest.mark.parametrize("ground", ["charge"], indirect=True)
@pytest.mark.parametrize("times", [1, LOST])
def test_m6_a_retry_that_stripe_never_made_is_no_decline(ground: Ground, times: int) -> None:
    """A failure before any effect, saved under the key: the intent still shows the decline of the
    day before. The card is tried again, and nobody is told of a second decline."""
    confirm = [one for one in ground.calls if one.path.endswith("confirm$")]
    lived = ground.live((confirm[1], "500_before", times))
    assert lived.ended == ground.fair
