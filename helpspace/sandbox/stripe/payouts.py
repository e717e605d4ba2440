"""Payouts to the banks: asked for by hand, or every midnight of what is available by then."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, page_of
from helpspace.sandbox.stripe.balance import DAY, enter
from helpspace.sandbox.stripe.params import PAGING, Obj, span, text, within
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import PLATFORM, World


def pay_out(world: World, owner: str, *, fails: bool = False, by_hand: bool = False) -> Obj:
    """Send everything that has not gone out yet to the bank; a failing payout comes back."""
    made = _make(world, owner, world.not_out.get(owner, []), world.now, by_hand=by_hand)
    if made is None:
        raise ValueError("there is nothing to pay out")
    _arrive(world, made, fails=fails)
    return made


def begin_daily(world: World) -> None:
    """Pay out every day from the next midnight on."""
    world.next_payouts = (world.now // DAY + 1) * DAY


def run_daily(world: World) -> None:
    """Do what time has done by itself: every midnight since the last look, in their order."""
    while world.next_payouts is not None and world.next_payouts <= world.now:
        midnight = world.next_payouts
        world.next_payouts += DAY
        for ident in world.on_the_way:
            _arrive(world, world.things[ident])
        world.on_the_way.clear()
        for owner in sorted(world.not_out):
            if owner == PLATFORM or not world.things[owner]["payouts_enabled"]:
                continue
            ready = [
                entry
                for entry in world.not_out[owner]
                if world.things[entry]["available_on"] <= midnight
            ]
            made = _make(world, owner, ready, midnight)
            if made is not None:
                world.on_the_way.append(made["id"])


def _make(
    world: World, owner: str, entries: list[str], at: int, *, by_hand: bool = False
) -> Obj | None:
    """Take movements out of the balance as one payout on its way; None where nothing is left."""
    amount = sum(world.things[entry]["net"] for entry in entries)
    if amount <= 0:
        return None
    payout: Obj = {
        "id": world.new_id("po_"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": at if by_hand else (at // DAY + 1) * DAY,
        "automatic": not by_hand,
        "balance_transaction": None,
        "created": at,
        "currency": "gbp",
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable" if by_hand else "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    world.add(payout, owner)
    going = set(entries)
    out = enter(world, owner, "payout", -amount, payout["id"], description="STRIPE PAYOUT", at=at)
    world.not_out[owner] = [one for one in world.not_out[owner] if one not in {*going, out}]
    payout["balance_transaction"] = out
    if not by_hand:
        world.payout_of.update(dict.fromkeys([*entries, out], str(payout["id"])))
    world.emit("payout.created", payout, account=owner)
    return payout


def _arrive(world: World, payout: Obj, *, fails: bool = False) -> None:
    """A payout reaches the bank, or the bank sends it back."""
    owner = world.owners.get(payout["id"], PLATFORM)
    if fails:
        payout["status"] = "failed"
        payout["failure_code"] = "account_closed"
        payout["failure_message"] = "The bank account has been closed."
        back = enter(world, owner, "payout_failure", payout["amount"], payout["id"])
        payout["failure_balance_transaction"] = back
        world.emit("payout.failed", payout, account=owner)
    else:
        payout["status"] = "paid"
        world.emit("payout.paid", payout, account=owner)


def retrieve(world: World, call: Call) -> Obj:
    """One payout."""
    return world.find("payout", call.ids[0], "payout", owner=call.account)


def listing(world: World, call: Call) -> Obj:
    """Payouts, by state and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "payout",
        lambda one: (
            asked.get("status", one["status"]) == one["status"]
            and within(one["created"], asked.get("created"))
            and within(one["arrival_date"], asked.get("arrival_date"))
        ),
    )


PAYOUTS = {**PAGING, "created": span(), "arrival_date": span(), "status": text()}
ROUTES = (
    Route("GET", "/v1/payouts", listing, PAYOUTS, connected=True),
    Route("GET", "/v1/payouts/{}", retrieve, connected=True),
)
