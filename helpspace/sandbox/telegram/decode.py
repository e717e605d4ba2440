"""Turning what came over the wire into values of the declared types, or refusing it by name.

Telegram ignores what it does not know; the stand-in refuses it on purpose, so that a slip in a
parameter's name is a failed test and not a silent loss.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpspace.sandbox.telegram.errors import ApiError, bad_request
from helpspace.sandbox.telegram.schema import METHODS, OBJECTS, REPLY_MARKUP, TAGGED, UNSIMULATED

Json = dict[str, Any]

_ATTACHED = "attach://"
_PUBLIC_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True)
class Upload:
    """One file part of a multipart request."""

    name: str
    data: bytes
    mime: str = "application/octet-stream"


def decode(method: str, raw: Mapping[str, object], uploads: Mapping[str, Upload]) -> Json:
    """The parameters of a call with their declared types; uploads stand where they were named."""
    fields = METHODS.get(method)
    if fields is None:
        raise ApiError(404, f"Not Found: method not found ({method} in the stand-in)")
    params: Json = {}
    used: set[str] = set()
    for name, kind in fields.items():
        bare = kind.rstrip("!")
        if name in uploads and bare in {"file", "upload"}:
            _simulated(name)
            params[name] = uploads[name]
            used.add(name)
        elif name in raw:
            _simulated(name)
            value = _checked(bare, _from_form(raw[name], bare), name)
            holds_files = bare in {"file", "InputMedia"}
            params[name] = _attach(value, uploads, used) if holds_files else value
        elif kind.endswith("!"):
            raise bad_request(f'parameter "{name}" is required')
    for name in raw:
        if name not in fields:
            raise bad_request(f'unknown parameter "{name}" in {method}')
    for name in uploads:
        if name not in used:
            raise bad_request(f'the file part "{name}" belongs to no parameter of {method}')
    return params


def _simulated(name: str) -> None:
    if name in UNSIMULATED:
        raise bad_request(f'the stand-in does not act out "{name}"')


def _from_form(value: object, kind: str) -> object:
    """A form sends everything as text; numbers, booleans and objects in it are JSON."""
    if not isinstance(value, str) or kind in {"str", "file", "upload"}:
        return value
    if kind == "chat":
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    if kind == "int":
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    if kind == "bool":
        return _BOOLEANS.get(value.lower(), value)
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"object expected as {kind}, but it is not valid JSON") from None


def _checked(kind: str, value: object, where: str) -> object:
    """The value itself, once it has been found to be of the kind."""
    if kind.startswith("["):
        if not isinstance(value, list):
            raise _wrong_type(where, "an array", value)
        return [_checked(kind[1:-1], item, f"{where}[{n}]") for n, item in enumerate(value)]
    if kind in {"str", "file"}:
        if not isinstance(value, str):
            raise _wrong_type(where, "a string", value)
        return _utf8(value)
    if kind == "upload":
        raise _wrong_type(where, "an uploaded file", value)
    if kind == "bool":
        if not isinstance(value, bool):
            raise _wrong_type(where, "true or false", value)
        return value
    if kind == "int":
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(where, "an integer", value)
        return value
    if kind == "chat":
        return _chat(value, where)
    return _object(kind, value, where)


def _chat(value: object, where: str) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not value:
            raise bad_request("chat_id is empty")
        if _PUBLIC_NAME.fullmatch(value):
            return value
        raise bad_request("chat not found")
    raise _wrong_type(where, "a number or a public @name", value)


def _object(kind: str, value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise _wrong_type(where, f"an object ({kind})", value)
    known = OBJECTS.get(_member(kind, value, where))
    if known is None:
        raise bad_request(f"the stand-in does not act out {kind} ({where})")
    for name, item in value.items():
        if name not in known:
            raise bad_request(f'unknown field "{name}" in {where}')
        if item is not None:
            _simulated(name)
    found: Json = {}
    for name, inner in known.items():
        if value.get(name) is not None:
            found[name] = _checked(inner.rstrip("!"), value[name], f"{where}.{name}")
        elif inner.endswith("!"):
            raise bad_request(f'field "{name}" is required in {where}')
    return found


def _member(kind: str, value: Json, where: str) -> str:
    """The object that a value of a union is."""
    if kind == "ReplyMarkup":
        members = [REPLY_MARKUP[name] for name in value if name in REPLY_MARKUP]
        if len(members) != 1:
            raise bad_request("object expected as reply markup")
        return members[0]
    if kind in TAGGED:
        tag = value.get("type")
        if not isinstance(tag, str):
            raise bad_request(f'field "type" is required in {where}')
        if tag not in TAGGED[kind]:
            raise bad_request(f'the stand-in does not act out {kind} of type "{tag}"')
        return TAGGED[kind][tag]
    return kind


def _attach(value: object, uploads: Mapping[str, Upload], used: set[str]) -> object:
    """Put uploads where `attach://name` refers to them, at any depth."""
    if isinstance(value, str) and value.startswith(_ATTACHED):
        name = value.removeprefix(_ATTACHED)
        if name not in uploads:
            raise bad_request(f'there is no file part "{name}"')
        used.add(name)
        return uploads[name]
    if isinstance(value, dict):
        return {
            name: _attach(item, uploads, used) if name == "media" else item
            for name, item in value.items()
        }
    return value


def _utf8(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return value


def _wrong_type(where: str, wanted: str, value: object) -> ApiError:
    return bad_request(f'"{where}" must be {wanted}, not {type(value).__name__}')
