"""Connected accounts through the real SDK: onboarding, restrictions, and losing access."""

from __future__ import annotations

import pytest
import stripe

from tests.sandbox.stripe_kit import BACK, HOUR, Platform


@pytest.fixture
def platform() -> Platform:
    return Platform()


def link(platform: Platform, account: str) -> stripe.AccountLink:
    return platform.stripe.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": BACK + "/again",
            "return_url": BACK,
        }
    )


def test_a_new_account_can_do_nothing_and_says_what_it_lacks(platform: Platform) -> None:
    account = platform.new_account()
    assert account.id.startswith("acct_")
    assert (account.charges_enabled, account.payouts_enabled) == (False, False)
    assert account.capabilities.card_payments == "inactive"
    assert "external_account" in account.requirements.currently_due
    assert account.metadata.to_dict() == {"therapist_id": "t1"}


def test_an_onboarded_account_is_ready_and_a_connected_endpoint_hears_of_each_step(
    platform: Platform,
) -> None:
    account = platform.therapist()
    now = platform.stripe.v1.accounts.retrieve(account)
    assert (now.charges_enabled, now.payouts_enabled, now.details_submitted) == (True,) * 3
    assert now.capabilities.transfers == "active"
    assert now.requirements.currently_due == []
    told = platform.types(account)
    assert told.count("account.updated") == 4
    assert told.count("capability.updated") == 2
    assert len(told) == 6
    assert platform.types() == []


def test_details_that_stripe_still_checks_enable_nothing_yet(platform: Platform) -> None:
    account = platform.new_account().id
    platform.sandbox.complete_onboarding(account, verified=False)
    now = platform.stripe.v1.accounts.retrieve(account)
    assert now.details_submitted
    assert not now.charges_enabled
    assert now.requirements.disabled_reason == "requirements.pending_verification"
    platform.sandbox.verify(account)
    assert platform.stripe.v1.accounts.retrieve(account).payouts_enabled


def test_without_a_bank_account_there_are_charges_but_no_payouts(platform: Platform) -> None:
    account = platform.new_account().id
    platform.sandbox.complete_onboarding(account, bank_details=False)
    now = platform.stripe.v1.accounts.retrieve(account)
    assert (now.charges_enabled, now.payouts_enabled) == (True, False)
    assert now.requirements.currently_due == ["external_account"]


def test_the_dashboard_opens_only_after_the_details_were_handed_in(platform: Platform) -> None:
    account = platform.new_account().id
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.accounts.login_links.create(account)
    platform.sandbox.complete_onboarding(account)
    opened = platform.stripe.v1.accounts.login_links.create(account)
    assert opened.url.startswith("https://sandbox.invalid/dashboard/")


def test_a_link_names_its_end_and_needs_both_addresses(platform: Platform) -> None:
    account = platform.new_account().id
    made = link(platform, account)
    assert made.expires_at == platform.clock.now() + 300
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.account_links.create({"account": account, "type": "account_onboarding"})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "refresh_url")
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.account_links.create(
            {"account": account, "type": "account_update", "refresh_url": BACK, "return_url": BACK}
        )


@pytest.mark.parametrize("reason", ["requirements.past_due", "rejected.fraud"])
def test_a_restricted_account_cannot_be_charged_for(platform: Platform, reason: str) -> None:
    therapist, customer = platform.therapist(), platform.customer()
    card = platform.card(customer)
    made_before = platform.intent(customer, therapist)
    platform.sandbox.restrict(therapist, reason)
    now = platform.stripe.v1.accounts.retrieve(therapist)
    assert not now.charges_enabled
    assert now.requirements.disabled_reason == reason
    for refusal in (
        lambda: platform.intent(customer, therapist),
        lambda: platform.charge(made_before.id, card),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refusal()
        assert refused.value.code == "insufficient_capabilities_for_transfer"
        assert refused.value.param == "transfer_data[destination]"
    platform.sandbox.verify(therapist)
    assert platform.charge(made_before.id, card).status == "succeeded"


def test_an_account_that_withdraws_access_is_403_everywhere(platform: Platform) -> None:
    therapist, customer = platform.therapist(), platform.customer()
    card, intent = platform.card(customer), platform.intent(customer, therapist)
    platform.sandbox.deauthorise(therapist)
    assert platform.types(therapist)[-1] == "account.application.deauthorized"
    for call in (
        lambda: platform.stripe.v1.accounts.retrieve(therapist),
        lambda: platform.stripe.v1.balance.retrieve({}, {"stripe_account": therapist}),
        lambda: platform.intent(customer, therapist),
        lambda: platform.charge(intent.id, card),
        lambda: link(platform, therapist),
        lambda: platform.stripe.v1.accounts.retrieve("acct_of_nobody"),
    ):
        with pytest.raises(stripe.PermissionError) as refused:
            call()
        assert refused.value.http_status == 403
        assert refused.value.error.code == "account_invalid"
    assert platform.stripe.v1.accounts.list().data == []


def test_accounts_are_listed_newest_first(platform: Platform) -> None:
    first = platform.new_account().id
    platform.clock.advance(HOUR)
    second = platform.new_account().id
    assert [one.id for one in platform.stripe.v1.accounts.list()] == [second, first]


def test_transfers_alone_and_other_countries_are_refused(platform: Platform) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.accounts.create({"capabilities": {"transfers": {"requested": True}}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.accounts.create({"country": "FR"})
    assert refused.value.param == "country"


def test_what_stripe_still_asks_can_have_a_deadline_or_hold_the_account_up(
    platform: Platform,
) -> None:
    therapist = platform.therapist()
    platform.sandbox.ask_account(therapist, ["individual.id_number"], within=HOUR)
    now = platform.stripe.v1.accounts.retrieve(therapist)
    assert (now.charges_enabled, now.requirements.disabled_reason) == (True, None)
    assert now.requirements.current_deadline == platform.clock.now() + HOUR
    platform.sandbox.ask_account(therapist, ["individual.id_number"], held=True)
    now = platform.stripe.v1.accounts.retrieve(therapist)
    assert (now.charges_enabled, now.payouts_enabled) == (False, False)
    assert now.requirements.past_due == ["individual.id_number"]
    assert platform.types(therapist)[-3:] == [
        "capability.updated", "capability.updated", "account.updated"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "submitted", "due"),
    [
        ("person document terms", True, ["external_account"]),
        ("person bank terms", True, ["individual.verification.document"]),
        ("person document bank", False, ["tos_acceptance.date"]),
        ("bank", False, ["individual.address.line1", "individual.dob.day",
                         "individual.first_name", "individual.last_name", "individual.phone",
                         "tos_acceptance.date", "individual.verification.document"]),
    ],
)  # fmt: skip
def test_details_can_be_handed_in_by_parts(
    platform: Platform, parts: str, submitted: bool, due: list[str]
) -> None:
    account = platform.new_account().id
    platform.sandbox.give_details(account, parts.split())
    now = platform.stripe.v1.accounts.retrieve(account)
    assert (now.details_submitted, now.requirements.currently_due) == (submitted, due)
    assert not now.payouts_enabled
    platform.sandbox.give_details(account, ["person", "document", "bank", "terms"])
    now = platform.stripe.v1.accounts.retrieve(account)
    assert (now.charges_enabled, now.payouts_enabled) == (True, True)
    assert now.requirements.currently_due == []
    with pytest.raises(ValueError, match="the parts are"):
        platform.sandbox.give_details(account, ["a kidney"])
