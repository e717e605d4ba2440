"""A client's record as two files: JSON for machines, one HTML page for people (K4).

The page has no script, loads nothing, and every text in it is escaped (A3). Names of files and
titles are neutral, since others may see them (N6).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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

_INSTANTS = ("start", "end", "at")


def as_document(record: Record, moment: Callable[[int], str] = moments.iso) -> dict[str, Any]:
    """Return a record as the JSON document of it, in the names and forms of `interface.md`.

    `moment` is how an instant is written.
    """
    found: dict[str, Any] = {
        "made_at": moment(record.made_at),
        "about": _plainly(record.about, moment),
    }
    found["appointments"] = [_appointment(one, moment) for one in record.appointments]
    for name in ("money", "therapists", "messages", "tickets", "cards"):
        found[name] = [_plainly(one, moment) for one in getattr(record, name)]
    found["chat"] = json.loads(record.chat) if _is_json(record.chat) else {}
    found["trail"] = [_plainly(one, moment) for one in record.trail]
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


def _appointment(kept: Kept, moment: Callable[[int], str]) -> dict[str, Any]:
    one = kept.appointment
    found = {name: _formed(name, getattr(one, name), moment) for name in OF_AN_APPOINTMENT}
    found["therapist_name"], found["therapist_contact"] = one.other_name, one.other_contact
    found["wishes"] = json.loads(kept.wishes) if _is_json(kept.wishes) else {}
    found["report"] = kept.report or None
    return found


def _plainly(thing: Any, moment: Callable[[int], str]) -> dict[str, Any]:
    return {one.name: _formed(one.name, getattr(thing, one.name), moment) for one in fields(thing)}


def _formed(name: str, value: Any, moment: Callable[[int], str]) -> Any:
    """Return a value with its instants written as wanted."""
    if value is not None and (name in _INSTANTS or name.endswith(("_at", "_until"))):
        return moment(value)
    return value


_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
    "h3{margin:1.5rem 0 .3rem}dl,table{margin:0 0 1rem}"
    "dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.1rem 1rem}"
    "dt,td:first-child{color:#555}dd{margin:0}dd,td{overflow-wrap:anywhere}"
    "td{text-align:left;vertical-align:top;padding:.1rem 1rem .1rem 0}td:first-child{width:7rem}"
    "@media (prefers-color-scheme:dark){body{background:#111;color:#eee}"
    "dt,td:first-child{color:#aaa}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_PARTS = (
    ("appointments", "Appointments", ("start", "therapist_name")),
    ("money", "Money", ("at", "kind", "amount_pence")),
    ("therapists", "People you work with", ("name",)),
    ("tickets", "What you wrote to the team", ("created_at", "kind")),
)
"""What is shown thing by thing, each below the words that tell it from the others."""

_LINES = (
    ("messages", "Messages sent to you", "created_at"),
    ("cards", "Card pages", "created_at"),
    ("trail", "What was done", "at"),
)
"""What is shown in one line each, by its moment."""


def as_page(record: Record) -> bytes:
    """Return a record as a page that anybody can read in a browser, also without a network.

    Times are in the person's own zone. It is narrow enough for a phone; what is empty is left out.
    """
    zone = record.about.zone

    def moment(instant: int) -> str:
        return moments.show(instant, zone, reference=record.made_at)

    document, word = as_document(record, moment), moments.zone_word(zone)
    first = f"Everything that is held about you, as of {moment(record.made_at)}. Times: {word}."
    parts = [f"<p>{_text(first)}</p>", "<h2>You</h2>", _facts(document["about"])]
    for name, title, by in _PARTS:
        parts.append(_things(title, document[name], by))
    for name, title, at in _LINES:
        parts.append(_lines(title, document[name], at))
    parts += ["<h2>The chat</h2>", _facts(document["chat"])]
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>My data</title><style>{_STYLE}</style></head>\n<body><h1>My data</h1>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    ).encode()


def _things(title: str, things: Sequence[dict[str, Any]], by: tuple[str, ...]) -> str:
    shown = [f"<h2>{_text(title)}</h2>"]
    for one in things:
        words = " · ".join(_said(name, one[name]) for name in by if one[name])
        shown += [f"<h3>{_text(words)}</h3>", _facts(one)]
    return "\n".join(shown if things else [*shown, "<p>Nothing.</p>"])


def _lines(title: str, things: Sequence[dict[str, Any]], at: str) -> str:
    if not things:
        return f"<h2>{_text(title)}</h2>\n<p>Nothing.</p>"
    rows = []
    for one in things:
        rest = [_said(name, value) for name, value in one.items() if name != at and _is_told(value)]
        said = _text(" · ".join(rest))
        rows.append(f"<tr><td>{_text(str(one[at]))}</td><td>{said}</td></tr>")
    return f"<h2>{_text(title)}</h2>\n<table>{''.join(rows)}</table>"


def _facts(facts: dict[str, Any]) -> str:
    rows = "".join(
        f"<dt>{_text(_label(name))}</dt><dd>{_text(_said(name, value))}</dd>\n"
        for name, value in facts.items()
        if _is_told(value)
    )
    return f"<dl>{rows}</dl>" if rows else "<p>Nothing.</p>"


def _is_told(value: Any) -> bool:
    return value is not None and value not in ("", {}, [])


_NAMES = {
    "card_at": "card since", "consent_at": "consent given", "terms_at": "terms accepted",
    "created_at": "since", "free_until": "free to cancel until", "booked_at": "booked on",
    "fee_up_to": "fee up to", "video_url": "video room",
}  # fmt: skip


def _label(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    return name.removesuffix("_pence").removesuffix("_at").replace("_", " ")


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_pence") or name == "fee_up_to":
        return moments.pounds(value)
    if isinstance(value, dict):
        return "; ".join(f"{_label(key)}: {_said(key, one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_said("", one) for one in value)
    return str(value)


def _text(text: str) -> str:
    return escape(text, quote=True)
