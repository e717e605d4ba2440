"""Stripe's published description, where it is at hand, as a judge of requests and objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from helpspace.sandbox.stripe.api import Request

FILE = Path(__file__).parents[2].parent / "shared" / "specs" / "stripe-openapi-v1.json"
FORM = "application/x-www-form-urlencoded"


def load() -> Description:
    """Read the description; only where FILE exists."""
    return Description(json.loads(FILE.read_text()))


class Description:
    """Judges values by the schemas of a published description."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.version = found["info"]["version"]
        self._schemas = found["components"]["schemas"]
        self._paths = found["paths"]
        self._patterns = {
            path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in self._paths
        }

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """The operation for a real path; the one with the fewest holes wins."""
        fits = [
            name
            for name, pattern in self._patterns.items()
            if pattern.fullmatch(path) and method.lower() in self._paths[name]
        ]
        assert fits, f"{method} {path} is not described"
        found: dict[str, Any] = self._paths[min(fits, key=lambda name: name.count("{"))]
        return dict(found[method.lower()])

    def parameters(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Names of what may be sent, with their schemas."""
        body = operation.get("requestBody", {}).get("content", {}).get(FORM, {})
        sent = {
            one["name"]: one["schema"]
            for one in operation.get("parameters", [])
            if one["in"] == "query"
        }
        return sent | body.get("schema", {}).get("properties", {})

    def required(self, operation: Mapping[str, Any]) -> set[str]:
        """Names of what must be sent."""
        body = operation.get("requestBody", {}).get("content", {}).get(FORM, {})
        return set(body.get("schema", {}).get("required", []))

    def answer_faults(self, operation: Mapping[str, Any], status: int, body: Any) -> list[str]:
        """What is wrong with an answer."""
        responses = operation["responses"]
        described = responses.get(str(status), responses["default"])
        return self.faults(described["content"]["application/json"]["schema"], body, "")

    def object_faults(self, thing: dict[str, Any]) -> list[str]:
        """What is wrong with an object, by its own name."""
        name = thing["object"]
        if thing.get("deleted"):
            name = f"deleted_{name}"
        return self.faults(self._schemas[name], thing, name)

    def faults(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        """Where a value leaves its schema; a field that is not described is a fault too."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if value is None:
            return [] if schema.get("nullable") else [f"{at}: null"]
        if "anyOf" in schema:
            each = [self.faults(one, value, at) for one in schema["anyOf"]]
            return min(each, key=len)
        wrong = []
        if "enum" in schema and value not in schema["enum"]:
            wrong.append(f"{at}: {value!r} is none of the words")
        if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
            wrong.append(f"{at}: too long")
        kind = schema.get("type")
        if kind == "object":
            return wrong + self._object(schema, value, at)
        if kind == "array":
            if not isinstance(value, list):
                return [f"{at}: not a list"]
            each = [self.faults(schema["items"], one, f"{at}[{n}]") for n, one in enumerate(value)]
            return wrong + list(chain.from_iterable(each))
        fits = {
            "string": isinstance(value, str),
            "boolean": isinstance(value, bool),
            "integer": isinstance(value, int) and not isinstance(value, bool),
            "number": isinstance(value, (int, float)) and not isinstance(value, bool),
            None: True,
        }
        return wrong if fits[kind] else [*wrong, f"{at}: {value!r} is no {kind}"]

    def _object(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        if not isinstance(value, dict):
            return [f"{at}: not an object"]
        fields = schema.get("properties", {})
        wrong = [
            f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value
        ]
        more = schema.get("additionalProperties", not fields)
        for name, below in value.items():
            if name in fields:
                wrong += self.faults(fields[name], below, f"{at}.{name}")
            elif isinstance(more, dict):
                wrong += self.faults(more, below, f"{at}.{name}")
            elif not more:
                wrong.append(f"{at}.{name}: not described")
        return wrong

    def illegal(self, requests: Iterable[Request]) -> list[str]:
        """What is not legal in requests that a sandbox has recorded."""
        wrong = []
        for request in requests:
            operation = self.operation(request.method, request.path)
            allowed = self.parameters(operation)
            faults = [
                fault
                for name, value in request.params.items()
                for fault in (
                    self.request_faults(allowed[name], value, name)
                    if name in allowed
                    else [f"{name}: not described"]
                )
            ]
            faults += [f"{n}: missing" for n in self.required(operation) - set(request.params)]
            wrong += [f"{request.method} {request.path}: {fault}" for fault in faults]
        return wrong

    def request_faults(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        """The same for form values, where every leaf is a text."""
        if "anyOf" in schema:
            return min((self.request_faults(one, value, at) for one in schema["anyOf"]), key=len)
        if schema.get("type") == "array":
            values = value if isinstance(value, list) else [value]
            return [w for one in values for w in self.request_faults(schema["items"], one, at)]
        if schema.get("type") == "object" and isinstance(value, dict):
            fields, more = schema.get("properties", {}), schema.get("additionalProperties")
            wrong = [f"{at}[{n}]: missing" for n in schema.get("required", []) if n not in value]
            for name, below in value.items():
                if name in fields:
                    wrong += self.request_faults(fields[name], below, f"{at}[{name}]")
                elif not isinstance(more, dict):
                    wrong.append(f"{at}[{name}]: not described")
            return wrong
        leaf = value
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", str(value)):
            leaf = int(value)
        if schema.get("type") == "boolean" and value in {"true", "false"}:
            leaf = value == "true"
        return self.faults(schema, leaf, at)
