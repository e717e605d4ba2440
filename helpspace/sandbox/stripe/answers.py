"""What leaves the API: copies of objects, expanded where asked, and pages of lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from helpspace.sandbox.stripe.errors import invalid, missing
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import PLATFORM, World

T = TypeVar("T")
MOST_LEVELS = 4

MOVED = ("application_fee", "charge", "dispute", "fee_refund", "payout", "refund", "transfer")

# object: {field that can be expanded: what may stand there}
EXPANDABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "application_fee": {
        "account": ("account",),
        "balance_transaction": ("balance_transaction",),
        "charge": ("charge",),
        "originating_transaction": ("charge",),
    },
    "balance_transaction": {"source": (*MOVED, "transfer_reversal")},
    "charge": {
        "application_fee": ("application_fee",),
        "balance_transaction": ("balance_transaction",),
        "customer": ("customer",),
        "failure_balance_transaction": ("balance_transaction",),
        "on_behalf_of": ("account",),
        "payment_intent": ("payment_intent",),
        "refunds": ("refund",),
        "source_transfer": ("transfer",),
        "transfer": ("transfer",),
        "transfer_data.destination": ("account",),
    },
    "checkout.session": {
        "customer": ("customer",),
        "payment_intent": ("payment_intent",),
        "setup_intent": ("setup_intent",),
    },
    "customer": {"invoice_settings.default_payment_method": ("payment_method",)},
    "dispute": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "fee_refund": {"balance_transaction": ("balance_transaction",), "fee": ("application_fee",)},
    "payment_intent": {
        "customer": ("customer",),
        "latest_charge": ("charge",),
        "on_behalf_of": ("account",),
        "payment_method": ("payment_method",),
        "transfer_data.destination": ("account",),
    },
    "payment_method": {"customer": ("customer",)},
    "payout": {
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
    },
    "refund": {
        "balance_transaction": ("balance_transaction",),
        "charge": ("charge",),
        "failure_balance_transaction": ("balance_transaction",),
        "payment_intent": ("payment_intent",),
        "source_transfer_reversal": ("transfer_reversal",),
        "transfer_reversal": ("transfer_reversal",),
    },
    "setup_intent": {
        "customer": ("customer",),
        "on_behalf_of": ("account",),
        "payment_method": ("payment_method",),
    },
    "transfer": {
        "balance_transaction": ("balance_transaction",),
        "destination": ("account",),
        "destination_payment": ("charge",),
        "source_transaction": ("charge",),
    },
    "transfer_reversal": {
        "balance_transaction": ("balance_transaction",),
        "destination_payment_refund": ("refund",),
        "source_refund": ("refund",),
        "transfer": ("transfer",),
    },
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


def check_expand(paths: Sequence[str], kind: str, *, many: bool) -> None:
    """Refuse to expand what cannot be, before anything is done."""
    for path in paths:
        steps = path.split(".")
        if many and steps.pop(0) != "data":
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        if not steps or not _can_expand(kind, steps):
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        if len(steps) > MOST_LEVELS:
            raise invalid(f"You cannot expand more than {MOST_LEVELS} levels: {path}", "expand")


def _can_expand(kind: str, steps: list[str]) -> bool:
    """Whether a path leads through fields that can be expanded, for some object that may come."""
    fields = EXPANDABLE.get(kind, {})
    for length in (1, 2):
        rest = steps[length:]
        for below in fields.get(".".join(steps[:length]), ()):
            if not rest or _can_expand(below, rest[1:] if rest[0] == "data" else rest):
                return True
    return False


def render(world: World, thing: Obj, expand: Sequence[str]) -> Obj:
    """A copy of an object or list with the asked fields replaced by what they name."""
    shown = copied(thing)
    for path in expand:
        _expand(world, shown, path.split("."))
    return shown


def _expand(world: World, shown: Obj, steps: list[str]) -> None:
    """Follow one expand path down, replacing ids by copies; what is not there stays away."""
    if not steps or shown.get("deleted"):
        return
    if shown.get("object") == "list":
        for item in shown["data"]:
            _expand(world, item, steps[1:])
        return
    fields = EXPANDABLE.get(str(shown.get("object")), {})
    for length in (1, 2):
        if ".".join(steps[:length]) in fields:
            below = _open(world, shown, steps[:length])
            if below is not None:
                _expand(world, below, steps[length:])
            return


def _open(world: World, shown: Obj, field_path: list[str]) -> Obj | None:
    """The object that a field names, put in the field's place; None where it names nothing."""
    holder: Obj | None = shown
    for step in field_path[:-1]:
        holder = holder.get(step) if holder else None
    last = field_path[-1]
    if holder is None:
        return None
    if last == "refunds" and last not in holder:
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
        outward: Iterable[T] = islice(everything, at + 1, None)
    else:
        outward = reversed(everything[:at] if after else everything)
    found = list(islice(filter(keep, outward), limit + 1))
    chosen = found[:limit]
    return {
        "object": "list",
        "data": [show(item) for item in (reversed(chosen) if before else chosen)],
        "has_more": len(found) > limit,
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
