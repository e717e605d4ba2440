"""A client's record as two files: JSON for machines, one HTML page for people (K4).

The page has no script, loads nothing, and every text in it is escaped (A3). Names of files and
titles are neutral, since others may see them (N6).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from html import escape
from typing import Any

from helpspace.core import moments
from helpspace.core.privacy.record import Kept, Record

JSON_NAME = "my-data.json"
PAGE_NAME = "my-data.html"

OF_AN_APPOINTMENT = (
    "id", "therapist_id", "kind", "start", "end", "minutes", "fee_pence", "owed_pence",
    "paid_pence", "state", "free_until", "booked_at", "cancelled_at", "video_url", "payment",
    "moved_at",
)  # fmt: skip
"""What a client's export shows of an appointment, besides the other party's name and contact."""

_INSTANTS = ("start", "end", "free_until", "made_at", "at")


def as_document(record: Record) -> dict[str, Any]:
    """Return a record as the JSON document of it, in the names and forms of `interface.md`."""
    found: dict[str, Any] = {
        "made_at": moments.iso(record.made_at),
        "about": _plainly(record.about),
    }
    found["appointments"] = [_appointment(one) for one in record.appointments]
    for name in ("money", "therapists", "messages", "tickets", "cards"):
        found[name] = [_plainly(one) for one in getattr(record, name)]
    found["chat"] = json.loads(record.chat) if _is_json(record.chat) else {}
    found["trail"] = [_plainly(one) for one in record.trail]
    return found


def as_json(record: Record) -> bytes:
    """Return a record as a JSON file."""
    text = json.dumps(as_document(record), ensure_ascii=False, indent=2)
    return (text + "\n").encode()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _appointment(kept: Kept) -> dict[str, Any]:
    one = kept.appointment
    found = {name: _formed(name, getattr(one, name)) for name in OF_AN_APPOINTMENT}
    found["therapist_name"], found["therapist_contact"] = one.other_name, one.other_contact
    found["wishes"] = json.loads(kept.wishes) if _is_json(kept.wishes) else {}
    found["report"] = kept.report or None
    return found


def _plainly(thing: Any) -> dict[str, Any]:
    return {one.name: _formed(one.name, getattr(thing, one.name)) for one in fields(thing)}


def _formed(name: str, value: Any) -> Any:
    """Return a value for machines: instants as ISO 8601 in UTC."""
    if value is not None and (name in _INSTANTS or name.endswith("_at")):
        return moments.iso(value)
    return value


_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #999;"
    "overflow-wrap:anywhere}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_PARTS = (
    ("appointments", "Appointments"),
    ("money", "Money"),
    ("therapists", "People you work with"),
    ("messages", "Messages sent to you"),
    ("tickets", "What you wrote to the team"),
    ("cards", "Card pages"),
    ("trail", "What was done"),
)


def as_page(record: Record) -> bytes:
    """Return a record as a page that anybody can read in a browser, also without a network."""
    document, zone = as_document(record), record.about.zone
    shown = moments.show(record.made_at, zone, named=True)
    parts = [f"<p>Everything that is held about you, as of {_text(shown)}. Times are in UTC.</p>"]
    parts.append(_facts("You", document["about"]))
    for name, title in _PARTS:
        parts.append(_table(title, document[name]))
    parts.append(_facts("The chat", document["chat"]))
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>My data</title><style>{_STYLE}</style></head>\n<body><h1>My data</h1>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    ).encode()


def _facts(title: str, facts: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{_text(_label(name))}</th><td>{_text(_said(name, value))}</td></tr>\n"
        for name, value in facts.items()
    )
    return f"<h2>{_text(title)}</h2>\n<table>{rows}</table>"


def _table(title: str, things: Sequence[dict[str, Any]]) -> str:
    if not things:
        return f"<h2>{_text(title)}</h2>\n<p>Nothing.</p>"
    head = "".join(f"<th scope=col>{_text(_label(name))}</th>" for name in things[0])
    rows = "".join(
        "<tr>" + "".join(f"<td>{_text(_said(name, one[name]))}</td>" for name in one) + "</tr>\n"
        for one in things
    )
    return f"<h2>{_text(title)}</h2>\n<table><tr>{head}</tr>\n{rows}</table>"


def _label(name: str) -> str:
    return name.removesuffix("_pence").removesuffix("_at").replace("_", " ")


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_pence"):
        return moments.pounds(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _text(text: str) -> str:
    return escape(text, quote=True)
