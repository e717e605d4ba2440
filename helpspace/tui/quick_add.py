"""One line that books: "tue 10:00 anna £60", "slot thu 9-10 x6". Pure.

Whatever could be meant in two ways is refused, and the form shows what was understood before it
counts: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from helpspace.core import moments
from helpspace.core.caseload import OwnClient
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.tui.reading import Clock, instant_at, read_clock, read_day, read_pounds

EXAMPLE = "Write one like “tue 10:00 anna” or “slot thu 9:30 x6”."

_FEE = re.compile(r"£\s?\d{1,5}(?:\.\d{2})?|free", re.ASCII)
_MINUTES = re.compile(r"(\d{1,4})\s?(?:m|min|mins|minutes)", re.ASCII)
_WEEKS = re.compile(r"[x×]\s?(\d{1,3})|(\d{1,3})\s?(?:x|×|weeks?)", re.ASCII)
_PLAIN = r"\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm)?"
_SPAN = re.compile(rf"({_PLAIN})\s?[-–]\s?({_PLAIN})", re.ASCII)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}\s?(?:am|pm)?|\d{1,2}\s?(?:am|pm)", re.ASCII)
_DAYS = re.compile(
    r"today|tomorrow|mon(day)?|tues?(day)?|wed(s|nesday)?|thu(rs?(day)?)?|fri(day)?"
    r"|sat(urday)?|sun(day)?"
)
"""The words that are a day by themselves; "frida" is more likely somebody's name."""

T = TypeVar("T")


class Wanted(NamedTuple):
    """What a line asks for; the start in UTC seconds, no client for a slot, no fee: the usual."""

    client: OwnClient | None
    start: int
    minutes: int | None
    fee_pence: int | None
    weeks: int

    @property
    def is_slot(self) -> bool:
        """Whether it opens an initial-session slot; else it books a follow-up."""
        return self.client is None


class _Line:
    """The words of a line, of which each reader takes its own away."""

    def __init__(self, text: str) -> None:
        self.words = text.casefold().replace(",", " ").split()

    def take(self, read: Callable[[str], T | None], longest: int, what: str) -> T | None:
        """Take away the longest run of words that is understood; refuse a second one."""
        found = self._take(read, longest)
        if found is not None and self._take(read, longest) is not None:
            raise Invalid(f"There is more than one {what}", "Leave one of them out.")
        return found

    def _take(self, read: Callable[[str], T | None], longest: int) -> T | None:
        for first, last in self._runs(longest):
            found = read(" ".join(self.words[first:last]))
            if found is not None:
                del self.words[first:last]
                return found
        return None

    def _runs(self, longest: int) -> Iterator[tuple[int, int]]:
        for length in range(min(longest, len(self.words)), 0, -1):
            for first in range(len(self.words) - length + 1):
                yield first, first + length


def read_line(
    text: str, clients: Sequence[OwnClient], *, today: date, zone: str, name: Callable[[str], str]
) -> Wanted:
    """Return what a line asks for, in the therapist's zone; raises Invalid for anything unclear.

    `name` gives a client's name as it may be shown now.
    """
    line = _Line(text)
    if not line.words:
        raise Invalid("Nothing is written yet", EXAMPLE)
    fee = line.take(_fee, 2, "fee")
    minutes = line.take(_minutes, 2, "length")
    weeks = line.take(_weeks, 2, "number of weeks")
    day = line.take(lambda words: _day(words, today), 4, "day")
    span = line.take(_span, 3, "time")
    clock = None if span else line.take(lambda words: _clock(words, zone), 3, "time")
    if clock is None and span is None:
        clock = line.take(_hour, 1, "time")
    if day is None:
        raise Invalid("Which day?", EXAMPLE)
    if span is None and clock is None:
        raise Invalid("At what time?", EXAMPLE)
    start, length = _stretch(day, span or (clock, None), zone)
    if length is not None and minutes is not None:
        raise Invalid("The length is there twice", "Leave out the minutes or the end.")
    client = None if line.words in (["slot"], ["open"]) else _client(line.words, clients, name)
    if client is None and fee is not None:
        raise Invalid("The fee of initial sessions is in your profile", "Leave it out here.")
    return Wanted(
        client, start, minutes if length is None else length, fee, 1 if weeks is None else weeks
    )


def _fee(words: str) -> int | None:
    if not _FEE.fullmatch(words):
        return None
    return 0 if words == "free" else read_pounds(words)


def _minutes(words: str) -> int | None:
    found = _MINUTES.fullmatch(words)
    return int(found[1]) if found else None


def _weeks(words: str) -> int | None:
    found = _WEEKS.fullmatch(words)
    return int(found[1] or found[2]) if found else None


def _day(words: str, today: date) -> date | None:
    alone = " " not in words and "/" not in words and "-" not in words
    if alone and not _DAYS.fullmatch(words):
        return None
    try:
        return read_day(words, today)
    except HelpspaceError:
        return None


def _span(words: str) -> tuple[Clock, Clock] | None:
    found = _SPAN.fullmatch(words)
    return (read_clock(found[1]), read_clock(found[2])) if found else None


def _clock(words: str, zone: str) -> Clock | None:
    """Read a time; a word after it only where it is one of the zone's own short names."""
    time, _, name = words.rpartition(" ")
    if name.upper() in _short_names(zone) and _TIME.fullmatch(time):
        return read_clock(words)
    return read_clock(words) if _TIME.fullmatch(words) else None


def _short_names(zone: str) -> set[str]:
    rules = moments.zone_of(zone)
    return {datetime(2026, month, 1, tzinfo=rules).tzname() or "" for month in (1, 7)}


def _hour(words: str) -> Clock | None:
    """Read a bare number as an hour, once everything else has been taken."""
    return read_clock(words) if re.fullmatch(r"\d{1,2}", words, re.ASCII) else None


def _stretch(
    day: date, clocks: tuple[Clock | None, Clock | None], zone: str
) -> tuple[int, int | None]:
    """Return the start, and the minutes where an end was written (C5)."""
    first, last = clocks
    if first is None:
        raise Invalid("At what time?", EXAMPLE)
    start = instant_at(day, first, zone)
    if last is None:
        return start, None
    end = instant_at(day, last, zone)
    if end <= start:
        raise Invalid("It would end before it begins", "Write the end after the start.")
    return start, (end - start) // 60


def _client(
    words: list[str], clients: Sequence[OwnClient], name: Callable[[str], str]
) -> OwnClient:
    """Return the one client who fits every word; each word begins one of the name's."""
    if not words:
        raise Invalid("For whom?", "Write a part of the client's name, or “slot”.")
    fitting = [one for one in clients if _fits(words, one.name.casefold().split())]
    exact = [one for one in fitting if one.name.casefold().split() == words]
    found = exact or fitting
    if not found:
        raise Invalid(f"None of your clients fits “{' '.join(words)[:40]}”", EXAMPLE)
    if len(found) > 1:
        shown = ", ".join(name(one.name) for one in found[:3])
        more = " …" if len(found) > 3 else ""
        raise Invalid(f"More than one client fits: {shown}{more}", "Write more of the name.")
    return found[0]


def _fits(words: list[str], parts: list[str]) -> bool:
    return all(any(part.startswith(word) for part in parts) for word in words)
