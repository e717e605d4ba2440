"""Reading what a request asks: form encoding into nested values, then strictly into types.

Every endpoint declares a shape. A parameter outside it, a missing one and a wrong type are
refused as Stripe refuses them, so that a request which is not legal never works in the demo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from helpspace.sandbox.stripe.errors import invalid

Obj = dict[str, Any]

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
DEEPEST = 8
MOST_FIELDS = 1000


@dataclass(frozen=True)
class Kind:
    """How one parameter is read: raw value and full name in, typed value out."""

    read: Callable[[object, str], Any]
    required: bool = False


Shape = Mapping[str, Kind]


def decode(encoded: str) -> Obj:
    """Form encoding with bracketed names (`a[b][0]=…`, `a[]=…`) as nested values."""
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise invalid("The request is not valid form encoding in UTF-8.") from None
    tree: Obj = {}
    for name, value in pairs:
        found = NAME.fullmatch(name)
        if found is None:
            raise invalid(f"Invalid parameter name: {name}", name)
        _put(tree, [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])], value, name)
    return {name: _listed(value) for name, value in tree.items()}


def _put(tree: Obj, steps: list[str], value: str, name: str) -> None:
    """Set one value at the end of its path, making the levels on the way."""
    if len(steps) > DEEPEST or "" in steps[:-1]:
        raise invalid(f"Invalid parameter name: {name}", name)
    node = tree
    for step in steps[:-1]:
        below = node.setdefault(step, {})
        if not isinstance(below, dict):
            raise invalid(f"Invalid hash: {name} has both a value and fields.", name)
        node = below
    last = steps[-1] or str(len(node))
    if last in node and not isinstance(node[last], str):
        raise invalid(f"Invalid hash: {name} has both a value and fields.", name)
    node[last] = value


def _listed(value: object) -> object:
    """A level whose names are all numbers is a list, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(step.isascii() and step.isdigit() for step in value):
        return [_listed(value[step]) for step in sorted(value, key=int)]
    return {step: _listed(below) for step, below in value.items()}


def read_params(raw: Obj, shape: Shape, prefix: str = "") -> Obj:
    """Typed parameters, or the refusal that Stripe would give."""
    unknown = [_full(prefix, name) for name in raw if name not in shape]
    if unknown:
        said = "parameter" if len(unknown) == 1 else "parameters"
        raise invalid(
            f"Received unknown {said}: {', '.join(unknown)} (this sandbox knows the parameters "
            "that Helpspace uses)",
            unknown[0],
            "parameter_unknown",
        )
    for name, kind in shape.items():
        if kind.required and name not in raw:
            full = _full(prefix, name)
            raise invalid(f"Missing required param: {full}.", full, "parameter_missing")
    return {name: shape[name].read(value, _full(prefix, name)) for name, value in raw.items()}


def _full(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def need(kind: Kind) -> Kind:
    """The same parameter, required."""
    return replace(kind, required=True)


def clearable(kind: Kind) -> Kind:
    """An empty string unsets the value: it is read as None."""
    return Kind(lambda value, name: None if value == "" else kind.read(value, name))


def text(longest: int = 5000) -> Kind:
    """A string that is not empty and not too long."""

    def read(value: object, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {name}", name)
        if not value:
            raise invalid(
                f"You passed an empty string for '{name}'.", name, "parameter_invalid_empty"
            )
        if len(value) > longest:
            raise invalid(f"Invalid string: {name} must be at most {longest} characters.", name)
        return value

    return Kind(read)


def address() -> Kind:
    """An http or https address."""

    def read(value: object, name: str) -> str:
        found: str = text().read(value, name)
        parts = urlsplit(found)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise invalid("Not a valid URL", name, "url_invalid")
        return found

    return Kind(read)


def email() -> Kind:
    """An e-mail address, by its rough form."""

    def read(value: object, name: str) -> str:
        found: str = text(512).read(value, name)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", found):
            raise invalid(f"Invalid email address: {found}", name, "email_invalid")
        return found

    return Kind(read)


def whole(least: int | None = None, most: int | None = None) -> Kind:
    """A whole number, within bounds where given."""

    def read(value: object, name: str) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        number = int(value)
        if least is not None and number < least:
            raise invalid(
                f"This value must be greater than or equal to {least}.",
                name,
                "parameter_invalid_integer",
            )
        if most is not None and number > most:
            raise invalid(
                f"This value must be less than or equal to {most}.",
                name,
                "parameter_invalid_integer",
            )
        return number

    return Kind(read)


def flag() -> Kind:
    """true or false."""

    def read(value: object, name: str) -> bool:
        if value not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {value}", name)
        return value == "true"

    return Kind(read)


def choice(*words: str) -> Kind:
    """One of a few words."""

    def read(value: object, name: str) -> str:
        if not isinstance(value, str) or value not in words:
            raise invalid(f"Invalid {name}: must be one of {', '.join(words)}", name)
        return value

    return Kind(read)


def either(first: Kind, *words: str) -> Kind:
    """One kind, or one of a few words in its place."""

    def read(value: object, name: str) -> object:
        return value if value in words else first.read(value, name)

    return Kind(read)


def many(kind: Kind, most: int = 100) -> Kind:
    """A list."""

    def read(value: object, name: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(f"Invalid array: {name}", name)
        if len(value) > most:
            raise invalid(f"Invalid array: {name} has more than {most} elements.", name)
        return [kind.read(item, f"{name}[{at}]") for at, item in enumerate(value)]

    return Kind(read)


def group(**fields: Kind) -> Kind:
    """Nested parameters with a shape of their own."""

    def read(value: object, name: str) -> Obj:
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {name}", name)
        return read_params(value, fields, name)

    return Kind(read)


def labels() -> Kind:
    """Metadata: up to 50 names and texts; an empty text takes its name away."""

    def read(value: object, name: str) -> dict[str, str] | None:
        if value == "":
            return None
        if isinstance(value, list):
            value = {str(at): item for at, item in enumerate(value)}
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {name}", name)
        if len(value) > 50:
            raise invalid("Metadata can have up to 50 keys.", name)
        for key, item in value.items():
            if not isinstance(item, str) or len(key) > 40 or len(item) > 500:
                raise invalid(
                    "Metadata keys have at most 40 characters, values at most 500.",
                    f"{name}[{key}]",
                )
        return value

    return Kind(read)


def span() -> Kind:
    """An instant, or bounds on it (gt, gte, lt, lte), in epoch seconds."""
    bounds = group(gt=whole(), gte=whole(), lt=whole(), lte=whole())

    def read(value: object, name: str) -> Obj:
        if isinstance(value, str):
            instant = whole().read(value, name)
            return {"gte": instant, "lte": instant}
        found: Obj = bounds.read(value, name)
        return found

    return Kind(read)


def within(instant: int, wanted: Obj | None) -> bool:
    """Whether an instant lies within the bounds that `span` read."""
    bounds: dict[str, int] = wanted or {}
    return (
        instant > bounds.get("gt", instant - 1)
        and instant >= bounds.get("gte", instant)
        and instant < bounds.get("lt", instant + 1)
        and instant <= bounds.get("lte", instant)
    )


def merged(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: names are added, changed, or taken away by an empty text."""
    if new is None:
        return {}
    return {name: value for name, value in {**old, **new}.items() if value != ""}


PAGING: Shape = {
    "limit": whole(1, 100),
    "starting_after": text(),
    "ending_before": text(),
}
DATED: Shape = {**PAGING, "created": span()}
