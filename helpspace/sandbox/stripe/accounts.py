"""Connected accounts: the therapists' own, from onboarding to losing them again."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, copied, page_of, sublist
from helpspace.sandbox.stripe.errors import invalid, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    Obj,
    address,
    choice,
    email,
    flag,
    group,
    labels,
    merged,
    need,
    text,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import Link, World

LINK_LIFE = 300
BANK = "external_account"
MCC = "business_profile.mcc"
TO_TELL = [
    MCC,
    BANK,
    "individual.address.line1",
    "individual.dob.day",
    "individual.first_name",
    "individual.last_name",
    "individual.phone",
    "tos_acceptance.date",
]


IDENTITY = "individual.verification.document"

GIVEN = {
    "person": [name for name in TO_TELL if name.startswith("individual.")],
    "bank": [BANK],
    "document": [IDENTITY],
    "terms": ["tos_acceptance.date"],
}
"""What each part of the onboarding form gives; what is left out stays due."""


def requirements(due: list[str], disabled_reason: str | None, deadline: int | None = None) -> Obj:
    """What Stripe still asks of an account, why it is held up, and until when it waits."""
    past = disabled_reason == "requirements.past_due"
    return {
        "alternatives": [],
        "current_deadline": deadline,
        "currently_due": list(due),
        "disabled_reason": disabled_reason,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due) if past else [],
        "pending_verification": [],
    }


SAMPLE = ("sample", "1")
"""The metadata of accounts of sample people, who never come to hand in their details."""


def create(world: World, call: Call) -> Obj:
    """A new account that can do nothing until it is onboarded; a sample's is so at once."""
    asked = call.params
    if asked.get("country", "GB") != "GB":
        raise invalid("This sandbox knows accounts in GB only.", "country")
    wanted = [
        name for name, how in asked.get("capabilities", {}).items() if how.get("requested", False)
    ]
    if "transfers" in wanted and "card_payments" not in wanted:
        raise invalid("Requesting transfers without card_payments needs approval by Stripe.")
    controller = asked.get("controller", {})
    ident = world.new_id("acct_", 16)
    profile = asked.get("business_profile", {})
    account: Obj = {
        "id": ident,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": profile.get("mcc"),
            "minority_owned_business_designation": None,
            "name": profile.get("name"),
            "product_description": profile.get("product_description"),
            "support_address": None,
            "support_email": profile.get("support_email"),
            "support_phone": None,
            "support_url": None,
            "url": profile.get("url"),
        },
        "business_type": asked.get("business_type"),
        "capabilities": dict.fromkeys(wanted, "inactive"),
        "charges_enabled": False,
        "controller": {
            "fees": controller.get("fees", {"payer": "account"}),
            "is_controller": True,
            "losses": controller.get("losses", {"payments": "stripe"}),
            "requirement_collection": controller.get("requirement_collection", "stripe"),
            "stripe_dashboard": controller.get("stripe_dashboard", {"type": "full"}),
            "type": "application",
        },
        "country": "GB",
        "created": world.now,
        "default_currency": "gbp",
        "details_submitted": False,
        "email": asked.get("email"),
        "external_accounts": sublist([], f"/v1/accounts/{ident}/external_accounts"),
        "future_requirements": requirements([], None),
        "metadata": merged({}, asked.get("metadata", {})),
        "payouts_enabled": False,
        "requirements": requirements(
            [name for name in TO_TELL if name != MCC or "mcc" not in profile],
            "requirements.past_due",
        ),
        "settings": account_settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "none",
    }
    world.add(account)
    if account["metadata"].get(SAMPLE[0]) == SAMPLE[1]:
        submit(world, account, bank_details=True, verified=True)
    return account


def account_settings() -> Obj:
    """What an account has set, as it is at first."""
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
        },
        "dashboard": {"display_name": None, "timezone": "Europe/London"},
        "payments": {"statement_descriptor": None},
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 3, "interval": "daily"},
            "statement_descriptor": None,
        },
    }


def retrieve(world: World, call: Call) -> Obj:
    """One account, 403 once it has withdrawn access."""
    return world.account(call.ids[0])


def listing(world: World, call: Call) -> Obj:
    """The accounts that still give access."""
    return page_of(
        world,
        call,
        "account",
        lambda one: (
            one["id"] not in world.gone and within(one["created"], call.params.get("created"))
        ),
    )


def create_link(world: World, call: Call) -> Obj:
    """A link into onboarding: one visit, five minutes."""
    asked = call.params
    world.account(asked["account"])
    if asked["type"] != "account_onboarding":
        raise invalid("Only account_onboarding is possible for this kind of account.", "type")
    for name in ("refresh_url", "return_url"):
        if name not in asked:
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    token = world.new_id("", 20)
    link = Link(asked["account"], asked["return_url"], asked["refresh_url"], world.now + LINK_LIFE)
    world.links[token] = link
    return {
        "object": "account_link",
        "created": world.now,
        "expires_at": link.expires_at,
        "url": f"{world.base_url}/onboard/{token}",
    }


def create_login_link(world: World, call: Call) -> Obj:
    """A link into the account's own dashboard, once the details were handed in."""
    account = world.account(call.ids[0])
    if not account["details_submitted"]:
        raise refused("This account has not finished onboarding: it has no dashboard yet.")
    token = world.new_id("", 20)
    world.dashboards[token] = account["id"]
    return {
        "object": "login_link",
        "created": world.now,
        "url": f"{world.base_url}/dashboard/{token}",
    }


def change(world: World, account: Obj, **fields: object) -> None:
    """Change an account and write the event that a connected endpoint hears."""
    previous = {name: copied(account)[name] for name in fields if account[name] != fields[name]}
    if previous:
        account.update(fields)
        for name, status in previous.get("capabilities", {}).items():
            if account["capabilities"].get(name) != status:
                world.emit("capability.updated", _capability(account, name), None, account["id"])
        world.emit("account.updated", account, previous, account["id"])


CAPABILITY_WORDS = {
    "requirements.past_due": "requirements.fields_needed",
    "requirements.pending_verification": "pending.review",
    "under_review": "pending.review",
    "platform_paused": "platform_paused",
}
"""Why a capability is off, by why its account is held up; else "rejected.other" or "other"."""


def _capability(account: Obj, name: str) -> Obj:
    why = account["requirements"]["disabled_reason"]
    rejected = "rejected.other" if (why or "").startswith("rejected.") else "other"
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "future_requirements": requirements([], None),
        "requested": True,
        "requested_at": account["created"],
        "requirements": {
            **account["requirements"],
            "disabled_reason": why and CAPABILITY_WORDS.get(why, rejected),
        },
        "status": account["capabilities"][name],
    }


def submit_parts(world: World, account: Obj, parts: set[str], *, verified: bool) -> None:
    """Hand in a part of the details: what is left out stays due, and nothing is enabled yet."""
    given = {name for part in parts for name in GIVEN[part]} | {MCC}
    wanted = [*account["requirements"]["currently_due"]]
    left = [name for name in wanted if name not in given]
    if IDENTITY not in given and IDENTITY not in wanted and not account["details_submitted"]:
        left.append(IDENTITY)
    if BANK in given and BANK in wanted:
        _add_bank(world, account)
    if not set(left) - {BANK}:
        return submit(
            world, account, bank_details=BANK not in left, verified=verified, with_bank=False
        )
    done = account["details_submitted"] or parts >= {"person", "terms"}
    asked = requirements(left, "requirements.past_due")
    return change(world, account, details_submitted=done, requirements=asked)


def _add_bank(world: World, account: Obj) -> None:
    bank = {
        "id": world.new_id("ba_"),
        "object": "bank_account",
        "account": account["id"],
        "account_holder_name": None,
        "account_holder_type": "individual",
        "account_type": None,
        "bank_name": "SANDBOX BANK",
        "country": "GB",
        "currency": "gbp",
        "default_for_currency": True,
        "fingerprint": None,
        "last4": "2345",
        "metadata": {},
        "routing_number": "108800",
        "status": "new",
    }
    url = f"/v1/accounts/{account['id']}/external_accounts"
    change(world, account, external_accounts=sublist([bank], url))


def submit(
    world: World, account: Obj, *, bank_details: bool, verified: bool, with_bank: bool = True
) -> None:
    """Hand in the details on the hosted pages; Stripe then checks them in steps."""
    waiting = requirements([], "requirements.pending_verification")
    waiting["pending_verification"] = [IDENTITY]
    if bank_details and with_bank:
        _add_bank(world, account)
    tos = {"date": world.now, "ip": None, "user_agent": None}
    change(world, account, details_submitted=True, tos_acceptance=tos, requirements=waiting)
    if verified:
        verify(world, account)


def verify(world: World, account: Obj) -> None:
    """Stripe has checked the details: first charges, then payouts where there is a bank account."""
    bank = bool(account["external_accounts"]["data"])
    due = requirements([] if bank else [BANK], None)
    active = dict.fromkeys(account["capabilities"], "active")
    change(world, account, charges_enabled=True, capabilities=active, requirements=due)
    if bank:
        change(world, account, payouts_enabled=True)


def restrict(world: World, account: Obj, reason: str) -> None:
    """Stripe holds the account up: no charges, no payouts, until it gets what it asks."""
    due = [IDENTITY] if reason.startswith("requirements.") else []
    hold(world, account, reason, due)


def ask(world: World, account: Obj, due: list[str], deadline: int | None, *, held: bool) -> None:
    """Stripe asks for something: with a deadline while all goes on, or holding the account up."""
    if held:
        hold(world, account, "requirements.past_due", due)
    else:
        change(world, account, requirements=requirements(due, None, deadline))


def hold(world: World, account: Obj, reason: str, due: list[str]) -> None:
    """No charges, no payouts, no capabilities, for a reason."""
    asked = requirements(due, reason)
    asked["errors"] = [
        {
            "code": "information_missing",
            "reason": "Something that proves the details is missing.",
            "requirement": name,
        }
        for name in due
    ]
    change(
        world,
        account,
        charges_enabled=False,
        payouts_enabled=False,
        capabilities=dict.fromkeys(account["capabilities"], "inactive"),
        requirements=asked,
    )


def deauthorise(world: World, account: Obj) -> None:
    """The account's owner withdraws the platform's access; only the webhook tells."""
    application = {"id": "ca_sandbox", "object": "application", "name": "Helpspace (sandbox)"}
    world.emit("account.application.deauthorized", application, account=account["id"])
    world.gone.add(account["id"])


def check_destination(world: World, ident: str, param: str) -> None:
    """Refuse to charge for an account that cannot take the money, which is no card's fault."""
    account = world.account(ident)
    needed = "transfers" if param.startswith("transfer_data") else "card_payments"
    if account["capabilities"].get(needed) != "active":
        raise refused(
            f"The account '{ident}' needs the capability {needed} to be active.",
            "insufficient_capabilities_for_transfer",
            param,
        )


CAPABILITY = group(requested=flag())
ACCOUNT = {
    "country": text(2),
    "email": email(),
    "business_type": choice("individual", "company", "non_profit"),
    "business_profile": group(
        mcc=text(4),
        name=text(),
        product_description=text(40_000),
        support_email=email(),
        url=address(),
    ),
    "capabilities": group(card_payments=CAPABILITY, transfers=CAPABILITY),
    "controller": group(
        fees=group(payer=choice("account", "application")),
        losses=group(payments=choice("application", "stripe")),
        requirement_collection=choice("application", "stripe"),
        stripe_dashboard=group(type=choice("express", "full", "none")),
    ),
    "metadata": labels(),
}
LINK = {
    "account": need(text()),
    "type": need(choice("account_onboarding", "account_update")),
    "refresh_url": address(),
    "return_url": address(),
    "collection_options": group(
        fields=choice("currently_due", "eventually_due"),
        future_requirements=choice("include", "omit"),
    ),
}
ROUTES = (
    Route("POST", "/v1/accounts", create, ACCOUNT),
    Route("GET", "/v1/accounts", listing, DATED),
    Route("GET", "/v1/accounts/{}", retrieve),
    Route("POST", "/v1/accounts/{}/login_links", create_login_link),
    Route("POST", "/v1/account_links", create_link, LINK),
)
