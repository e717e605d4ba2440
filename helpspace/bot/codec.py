"""What a button carries: a verb and its arguments in at most 64 bytes.

Whatever comes back was sent by the client's side: it only names a wish, and the core decides. A
text that is not one of ours reads as None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = "1"
"""Of the verbs below; it changes with what they mean, so that an old button is never misread."""

MOST_BYTES = 64

PAYLOAD = r"[A-Za-z0-9_-]{0,46}"
"""What a link can pass to /start and a button can carry on through consent."""

_ID = r"[a-z2-7]{12}"
_PAGE = r"[0-9]{1,4}"
_PENCE = r"[0-9]{1,8}"
_DAY = r"[0-9]{8}"
_BIT = r"[01]"
_LINK = r"[a-z2-7]{26}"
_FIELD = r"[0-6]"
_CHOICE = r"[0-9]{1,2}"
_MARK = r"[0-9a-f]{12}"

VERBS: dict[str, tuple[str, ...]] = {
    "home": (),
    "on": (),
    "welcome": (PAYLOAD,),
    "help": (PAYLOAD,),
    "privacy": (PAYLOAD,),
    "agree": (r"[0-9-]{1,10}", PAYLOAD),
    "find": (_PAGE,),
    "wishes": (),
    "wish": (_FIELD, _PAGE),
    "want": (_FIELD, _CHOICE, _BIT, _PAGE),
    "clear": (),
    "again": (),
    "soon": (r"[0-2]", r"[0-3]", _PAGE),
    "who": (_ID,),
    "days": (_ID, _PAGE),
    "day": (_ID, _DAY),
    "slot": (_ID, f"(?:{_ID})?"),
    "name": (_ID, _ID),
    "named": (_ID, _ID),
    "email": (_ID, _ID),
    "terms": (_ID, _ID),
    "book": (_ID, _ID, _PENCE, _BIT, _BIT),
    "hold": (_ID, _ID, _ID),
    "free": (_ID, _ID),
    "mine": (_PAGE,),
    "session": (_ID,),
    "file": (_ID,),
    "cancel": (_ID,),
    "cancelled": (_ID, _PENCE),
    "past": (_PAGE,),
    "receipts": (_PAGE,),
    "receipt": (_ID,),
    "rest": (_ID, _MARK),
    "absent": (_ID,),
    "absented": (_ID,),
    "askmove": (_ID,),
    "moveasked": (_ID,),
    "card": (),
    "uncard": (),
    "uncarded": (_MARK,),
    "page": (f"(?:{_ID})?",),
    "pay": (_ID,),
    "money": (_ID,),
    "me": (),
    "zone": (_PAGE,),
    "zoned": (_CHOICE,),
    "told": (r"[0-2]",),
    "discreet": (_BIT,),
    "address": (),
    "mydata": (),
    "forget": (),
    "forgotten": (_MARK,),
    "write": (r"[cq]",),
    "tickets": (),
    "ticket": (_ID,),
    "partners": (),
    "part": (_ID,),
    "parted": (_ID,),
    "invited": (_LINK,),
    "called": (_LINK,),
    "joined": (_LINK,),
}
"""Every verb of a living screen with the shape of its arguments."""

SHARED = {"a": "session", "s": "slot", "card": "page", "pay": "pay", "on": "on", "t": "tickets"}
"""The words under messages that stay, such as the jobs' notices, and the verbs they stand for."""

_PATTERNS = {
    verb: re.compile(":".join((verb, *(f"({shape})" for shape in shapes))))
    for verb, shapes in VERBS.items()
}


@dataclass(frozen=True, slots=True)
class Tap:
    """What a button asks for. `shared` is one under a notice, which must stay as it is."""

    verb: str
    args: tuple[str, ...] = ()
    shared: bool = False


def data(verb: str, *args: object) -> str:
    """Return what a button of a living screen carries."""
    text = ":".join((VERSION, verb, *(str(arg) for arg in args)))
    if read(text) is None:
        raise ValueError(f"no such button: {verb} with {len(args)} arguments")
    return text


def read(text: str) -> Tap | None:
    """Return what a button asks for, or None for anything we did not make."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        return None
    if text.startswith(f"{VERSION}:"):
        return _matched(text.removeprefix(f"{VERSION}:"), shared=False)
    word, colon, rest = text.partition(":")
    verb = SHARED.get(word)
    if verb is None:
        return None
    missing = ":" * (len(VERBS[verb]) - (1 if colon else 0))
    return _matched(f"{verb}{colon}{rest}{missing}", shared=True)


def _matched(text: str, *, shared: bool) -> Tap | None:
    pattern = _PATTERNS.get(text.partition(":")[0])
    found = None if pattern is None else pattern.fullmatch(text)
    if pattern is None or found is None:
        return None
    return Tap(text.partition(":")[0], found.groups(), shared)
