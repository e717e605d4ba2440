"""What leaves the API: copies of objects, expanded where asked, and pages of lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from helpspace.sandbox.stripe.errors import invalid, missing
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import PLATFORM, World

T = TypeVar("T")
MOST_LEVELS = 4

EXPANDABLE: dict[str, frozenset[str]] = {
    "account": frozenset(),
    "application_fee": frozenset(
        {"account", "balance_transaction", "charge", "originating_transaction"}
    ),
    "balance_transaction": frozenset({"source"}),
    "charge": frozenset(
        {
            "application_fee",
            "balance_transaction",
            "customer",
            "failure_balance_transaction",
            "on_behalf_of",
            "payment_intent",
            "refunds",
            "source_transfer",
            "transfer",
            "transfer_data.destination",
        }
    ),
    "checkout.session": frozenset({"customer", "payment_intent", "setup_intent"}),
    "customer": frozenset({"invoice_settings.default_payment_method"}),
    "dispute": frozenset({"charge", "payment_intent"}),
    "fee_refund": frozenset({"balance_transaction", "fee"}),
    "payment_intent": frozenset(
        {"customer", "latest_charge", "on_behalf_of", "payment_method", "transfer_data.destination"}
    ),
    "payment_method": frozenset({"customer"}),
    "payout": frozenset({"balance_transaction", "failure_balance_transaction"}),
    "refund": frozenset(
        {
            "balance_transaction",
            "charge",
            "failure_balance_transaction",
            "payment_intent",
            "source_transfer_reversal",
            "transfer_reversal",
        }
    ),
    "setup_intent": frozenset({"customer", "on_behalf_of", "payment_method"}),
    "transfer": frozenset(
        {"balance_transaction", "destination", "destination_payment", "source_transaction"}
    ),
    "transfer_reversal": frozenset(
        {"balance_transaction", "destination_payment_refund", "source_refund", "transfer"}
    ),
}


@dataclass
class Call:
    """One request as the endpoints see it."""

    method: str
    path: str
    raw: Obj
    account: str = PLATFORM
    key: str | None = None
    request_id: str = ""
    ids: tuple[str, ...] = ()
    params: Obj = field(default_factory=dict)


def copied(thing: Obj) -> Obj:
    """A copy that shares nothing."""
    found: Obj = json.loads(json.dumps(thing))
    return found


def render(world: World, thing: Obj, expand: Sequence[str]) -> Obj:
    """A copy of an object or list with the asked fields replaced by what they name."""
    shown = copied(thing)
    for path in expand:
        steps = path.split(".")
        if len(steps) > MOST_LEVELS + (shown.get("object") == "list"):
            raise invalid(f"You cannot expand more than {MOST_LEVELS} levels: {path}", "expand")
        _expand(world, shown, steps, path)
    return shown


def _expand(world: World, shown: Obj, steps: list[str], path: str) -> None:
    """Follow one expand path down, replacing ids by copies."""
    if not steps or shown.get("deleted"):
        return
    if shown.get("object") == "list":
        if steps[0] != "data":
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        for item in shown["data"]:
            _expand(world, item, steps[1:], path)
        return
    fields = EXPANDABLE.get(str(shown.get("object")), frozenset())
    for length in (1, 2):
        if ".".join(steps[:length]) in fields and len(steps) >= length:
            below = _open(world, shown, steps[:length])
            if below is not None:
                _expand(world, below, steps[length:], path)
            return
    raise invalid(f"This property cannot be expanded ({path}).", "expand")


def _open(world: World, shown: Obj, field_path: list[str]) -> Obj | None:
    """The object that a field names, put in the field's place; None where it names nothing."""
    holder: Obj | None = shown
    for step in field_path[:-1]:
        holder = holder.get(step) if holder else None
    last = field_path[-1]
    if holder is None:
        return None
    if last == "refunds":
        holder[last] = sublist(
            [copied(r) for r in world.all("refund") if r["charge"] == shown["id"]][::-1],
            f"/v1/charges/{shown['id']}/refunds",
        )
    value = holder.get(last)
    if isinstance(value, str):
        value = holder[last] = copied(world.things[value])
    return value


def sublist(items: list[Obj], url: str) -> Obj:
    """A list object that is part of another object."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def page(
    call: Call,
    everything: Sequence[T],
    *,
    keep: Callable[[T], bool],
    ident: Callable[[T], str],
    show: Callable[[T], Obj],
    what: str,
) -> Obj:
    """One page, newest first, of what is kept from a list that is oldest first.

    A cursor may be any object of the whole list, also one that the filter leaves out.
    """
    limit = call.params.get("limit", 10)
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise invalid("You can only use one of starting_after and ending_before.", "ending_before")
    cursor, param = (after, "starting_after") if after else (before, "ending_before")
    at = _position(everything, ident, cursor, param, what) if cursor else 0
    if before:
        kept = [item for item in everything[at + 1 :] if keep(item)]
        chosen = kept[:limit][::-1]
    else:
        older = everything[:at] if after else everything
        kept = [item for item in older if keep(item)][::-1]
        chosen = kept[:limit]
    return {
        "object": "list",
        "data": [show(item) for item in chosen],
        "has_more": len(kept) > limit,
        "url": call.path,
    }


def _position(
    everything: Sequence[T], ident: Callable[[T], str], cursor: str, param: str, what: str
) -> int:
    for at, item in enumerate(everything):
        if ident(item) == cursor:
            return at
    raise missing(what, cursor, param, 400)


def page_of(world: World, call: Call, kind: str, keep: Callable[[Obj], bool]) -> Obj:
    """One page of objects of a kind, on the account that the call is about."""
    return page(
        call,
        world.all(kind, call.account),
        keep=keep,
        ident=lambda thing: str(thing["id"]),
        show=lambda thing: thing,
        what=kind,
    )
