"""Matching: visible profiles ranked by wishes, with the reason in words, fair among equals (P4)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from helpspace.core import hours
from helpspace.core.actors import Actor
from helpspace.core.hours import Stretch
from helpspace.core.moments import DAY, pounds
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import Profile, profile_of
from helpspace.core.store.tables import Therapist
from helpspace.core.wishes import (
    APPROACHES,
    CONCERNS,
    LANGUAGES,
    MODALITIES,
    Wishes,
    words_of,
)

# The gates of P1 but the slots, for one look at every therapist; `policy.why_hidden` is their twin.
GATES = """t.status = 'approved' AND t.suspended_at IS NULL AND t.switched_off_at IS NULL
    AND t.charges_enabled = 1 AND t.payouts_enabled = 1 AND t.course_done_at IS NOT NULL
    AND t.notice_s IS NOT NULL AND t.proofs_until > ?"""

# What every look at open slots asks, though said again where it stands in the query, lets both
# databases use the indexes of open slots.
_BOOKABLE = """c.state IN ('open', 'held') AND c.purpose = 'slot'
    AND (c.state = 'open' OR c.hold_until <= ?) AND c.start_at > ? AND c.start_at - t.notice_s >= ?
    """

_NEXT = f"""SELECT c.therapist_id, min(c.start_at) FROM claim c
    JOIN therapist t ON t.id = c.therapist_id
    WHERE {_BOOKABLE} {{}} GROUP BY c.therapist_id"""  # noqa: S608 - words from this file

_STARTS = f"""SELECT c.therapist_id, c.start_at FROM claim c
    JOIN therapist t ON t.id = c.therapist_id WHERE {_BOOKABLE}
    AND c.start_at < ? AND c.therapist_id IN ({{}}) ORDER BY c.start_at"""  # noqa: S608 - words from this file

# Which stretches have an open slot at all: most have none when somebody wishes for rare hours.
_USED = """WITH stretch (since, until) AS (VALUES {})
    SELECT since, until FROM stretch WHERE (SELECT min(c.start_at) FROM claim c
        WHERE c.state IN ('open', 'held') AND c.start_at >= since AND c.start_at < until)
    IS NOT NULL ORDER BY since"""

_WITHIN = f"""SELECT c.therapist_id, min(c.start_at) FROM claim c
    JOIN therapist t ON t.id = c.therapist_id
    WHERE {_BOOKABLE} AND c.start_at >= ? AND c.start_at < ?
    GROUP BY c.therapist_id"""  # noqa: S608 - words from this file

Lot = bytes
"""What was drawn for a therapist, and behind it their id."""

_DRAWN = 8
"""The bytes that are drawn."""

_LOOKS = (50, 200)
"""How many of the ranked are asked for their slots, look by look; after these looks few of them
have any, and asking everybody is quicker."""

FEW = 1000
"""So many therapists are asked by name, however many there are."""

_STRETCHES = 200
"""How many stretches of time are asked about at once: SQLite takes no more than 500 rows."""

HORIZON = 56 * DAY
"""How far ahead, in seconds, slots count for wished days and parts of the day."""


@dataclass(frozen=True, slots=True)
class Match:
    """A visible profile with how well it fits and why, in words."""

    profile: Profile
    fits: int
    of: int
    words: str
    """Such as "fits 2 of 3: Grief, Video; not evenings"; empty where nothing was wished."""
    wished_start: int | None = None
    """The next start within the wished days and parts of the day."""


def visible(
    practice: Practice,
    actor: Actor,
    wishes: Wishes,
    *,
    limit: int,
    offset: int = 0,
    salt: str = "",
) -> list[Match]:
    """Return visible profiles, best fit first; no wish hides anybody (P4).

    Among equals the order is drawn by `salt`: the same salt gives the same order, so that pages
    follow on each other, and another salt gives everybody another turn. Only the profiles that are
    returned are decrypted.
    """
    actor.must_be("client")
    with practice.reading() as view:
        search = Search(view, wishes, salt)
        return search.matches(list(islice(search.ranked(), offset, offset + limit)))


class Search:
    """One look at everybody who can be booked, ranked by wishes, drawing lots among equals."""

    def __init__(self, view: View, wishes: Wishes, salt: str) -> None:
        self.view = view
        self.wishes = wishes
        key = hashlib.blake2b(salt.encode(), digest_size=32).digest()
        self._lottery = hashlib.blake2b(key=key, digest_size=_DRAWN)
        self.stretches = hours.stretches(
            wishes.days, wishes.parts, wishes.zone, view.now, view.now + HORIZON
        )
        self._next = _Asked(lambda ids: _next_starts(view, ids), _LOOKS, FEW)
        # All slots of some weigh more than those of everybody in a few hours.
        self._wished = _Asked(self._wished_starts, _LOOKS[:1], FEW // 10)

    def ranked(self) -> Iterator[str]:
        """Give the ids of therapists who can be booked, best fit first, as far as they are read."""
        groups = scored(self.view, self.wishes)
        if not self.wishes.timed:
            for group in groups.values():
                yield from self._bookable([whose(lot) for lot in self.lots(group)])
            return
        lots = {score: self.lots(group) for score, group in groups.items()}
        tiers = {score + more for score in groups for more in (0, 1)}
        for tier in sorted(tiers, reverse=True):
            yield from self._tier(lots.get(tier - 1, []), lots.get(tier, []))

    def lots(self, ids: Iterable[str]) -> list[Lot]:
        """Draw lots for therapists and return them in the order of these."""
        begun, lots = self._lottery.copy, []
        for one in ids:
            name, lot = one.encode(), begun()
            lot.update(name)
            lots.append(lot.digest() + name)
        lots.sort()
        return lots

    def matches(self, ids: Sequence[str]) -> list[Match]:
        """Return therapists who can be booked with why they fit, in this order."""
        rows = {row.id: row for row in self.view.rows(_rows_of(ids))} if ids else {}
        self._next.learn(ids)
        if self.wishes.timed:
            self._wished.learn(ids)
        return [self._match(rows[one]) for one in ids]

    def _bookable(self, ranked: list[str]) -> Iterator[str]:
        """Give those who can be booked, in the same order."""
        for ids in self._next.portions(ranked):
            yield from (one for one in ids if self._next.starts[one] is not None)

    def _tier(self, fitting: list[Lot], others: list[Lot]) -> Iterator[str]:
        """Give those of `fitting` with a slot in the wished hours and those of `others` without.

        With the hours counted, they fit equally many wishes.
        """
        must = frozenset(whose(lot) for lot in fitting)
        ranked = [whose(lot) for lot in sorted(fitting + others)]
        for ids in self._wished.portions(ranked):
            start_of = self._wished.starts.get
            of_tier = [one for one in ids if (start_of(one) is not None) == (one in must)]
            yield from self._bookable(of_tier)

    def _wished_starts(self, ids: Sequence[str] | None) -> dict[str, int]:
        """Return the first start in the wished hours, of these or all who have one."""
        if ids is None:
            return starts_within(self.view, self.stretches)
        return starts_of(self.view, ids, self.stretches, self.view.now + HORIZON)

    def _match(self, row: Therapist) -> Match:
        wished = self._wished.starts.get(row.id) if self.wishes.timed else None
        fits, words = said(self.wishes, row, timed=wished is not None)
        profile = profile_of(self.view, row, self._next.starts.get(row.id))
        return Match(profile, fits, self.wishes.count, words, wished)


class _Asked:
    """Answers about the slots of therapists: of some first, of all once asking on costs more."""

    def __init__(
        self,
        ask: Callable[[Sequence[str] | None], dict[str, int]],
        looks: Sequence[int],
        few: int,
    ) -> None:
        self._ask = ask
        self._sizes = looks
        self._few = few
        self.starts: dict[str, int | None] = defaultdict(lambda: None)
        """The start that was found for each therapist who is known, None where there is none."""
        self._looks = 0
        self._all = False

    def learn(self, ids: Sequence[str]) -> None:
        """Ask about those who are not known yet."""
        new = [] if self._all else [one for one in ids if one not in self.starts]
        if new:
            found = self._ask(new)
            self.starts.update((one, found.get(one)) for one in new)

    def portions(self, ids: list[str]) -> Iterator[list[str]]:
        """Give ids in portions that are known then; after a few looks, all that is left."""
        while ids:
            last = self._all or self._looks == len(self._sizes)
            size = len(ids) if last else self._sizes[self._looks]
            portion, ids = ids[:size], ids[size:]
            if last and not self._all and len(portion) > self._few:
                self.starts, self._all = defaultdict(lambda: None, self._ask(None)), True
            elif len(portion) == size:
                self._looks += not last
            self.learn(portion)
            yield portion


def whose(lot: Lot) -> str:
    """Return the id of the therapist for whom a lot was drawn."""
    return lot[_DRAWN:].decode()


def _rows_of(ids: Sequence[str]) -> Any:
    return Therapist.select().where(Therapist.id.in_([*ids]))


def starts_within(view: View, stretches: Sequence[Stretch]) -> dict[str, int]:
    """Return the first bookable start of everybody who has one within some stretches of time.

    One question a stretch that has any slot: asked all at once, either database reads every open
    slot.
    """
    found: dict[str, int] = {}
    for since, until in _used(view, stretches):
        for therapist_id, start in view.sql(_WITHIN, view.now, view.now, view.now, since, until):
            found.setdefault(therapist_id, int(start))
    return found


def _used(view: View, stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretches, in order, in which anybody has an open slot, bookable or not."""
    found: list[Stretch] = []
    for at in range(0, len(stretches), _STRETCHES):
        some = stretches[at : at + _STRETCHES]
        marks = ", ".join(["(CAST(? AS BIGINT), CAST(? AS BIGINT))"] * len(some))
        found += view.sql(_USED.format(marks), *(edge for stretch in some for edge in stretch))
    return found


def starts_of(
    view: View, ids: Sequence[str], stretches: Sequence[Stretch], until: int
) -> dict[str, int]:
    """Return the first bookable start of some therapists within stretches that end by `until`."""
    if not ids:
        return {}
    now, found = view.now, dict[str, int]()
    for therapist_id, start in view.sql(_STARTS.format(_marks(ids)), now, now, now, until, *ids):
        if therapist_id not in found and hours.covers(stretches, start):
            found[therapist_id] = int(start)
    return found


def scored(view: View, wishes: Wishes) -> dict[int, list[str]]:
    """Return the ids of therapists with open gates by how many wishes they fit, most first.

    The database joins the ids of each number, which takes half the time of a row for each.
    """
    score, values = _score(wishes)
    joined = "string_agg" if view.postgresql else "group_concat"
    rows = view.sql(
        f"""SELECT fits, {joined}(id, ' ') FROM (
            SELECT t.id AS id, {score} AS fits FROM therapist t WHERE {GATES}
        ) AS open GROUP BY fits ORDER BY fits DESC""",  # noqa: S608 - words from this file
        *values,
        view.now,
    )
    return {int(fits): ids.split(" ") for fits, ids in rows}


def _score(wishes: Wishes) -> tuple[str, list[int | str]]:
    """Return SQL that counts how many wishes a therapist fits, with its values."""
    tests: list[str] = []
    values: list[int | str] = []
    masks = [("concerns", 1 << bit) for bit in range(len(CONCERNS)) if wishes.concerns >> bit & 1]
    masks += [
        (column, mask)
        for column, mask in (
            ("approaches", wishes.approaches),
            ("languages", wishes.languages),
            ("modalities", wishes.modalities),
        )
        if mask
    ]
    for column, mask in masks:
        tests.append(f"(t.{column} & ?) <> 0")
        values.append(mask)
    if wishes.genders:
        tests.append(f"t.gender IN ({_marks(wishes.genders)})")
        values += wishes.genders
    if wishes.fee_up_to is not None:
        tests.append("t.initial_fee <= ?")
        values.append(wishes.fee_up_to)
    return " + ".join(f"CASE WHEN {test} THEN 1 ELSE 0 END" for test in tests) or "0", values


def _marks(values: Any) -> str:
    return ", ".join("?" for _ in values)


def _next_starts(view: View, ids: Sequence[str] | None) -> dict[str, int]:
    """Return the start of the next slot bookable now, of these or all who have one (P2)."""
    which = "" if ids is None else f"AND c.therapist_id IN ({_marks(ids)})"
    rows = view.sql(_NEXT.format(which), view.now, view.now, view.now, *(ids or []))
    return {row[0]: int(row[1]) for row in rows}


def said(wishes: Wishes, row: Therapist, *, timed: bool) -> tuple[int, str]:
    """Return how many wishes a therapist fits, and which in words; `timed` is for the hours."""
    fit, unfit = _reasons(wishes, row)
    if wishes.timed:
        (fit if timed else unfit).append(hours.words(wishes.days, wishes.parts))
    if not wishes.count:
        return 0, ""
    words = f"fits {len(fit)} of {wishes.count}"
    words += f": {', '.join(fit)}" if fit else ""
    words += f"; not {', '.join(unfit)}" if unfit else ""
    return len(fit), words


def _reasons(wishes: Wishes, row: Therapist) -> tuple[list[str], list[str]]:
    """Return each wish in words: those a therapist fits, and those they do not."""
    judged = [
        (word, bool(row.concerns >> CONCERNS.index(word) & 1))
        for word in words_of(wishes.concerns, CONCERNS)
    ]
    for wished, offered, vocabulary in (
        (wishes.approaches, row.approaches, APPROACHES),
        (wishes.languages, row.languages, LANGUAGES),
        (wishes.modalities, row.modalities, MODALITIES),
    ):
        if wished:
            words = words_of(wished & offered or wished, vocabulary)
            judged.append((" or ".join(words), bool(wished & offered)))
    if wishes.genders:
        fits = row.gender in wishes.genders
        judged.append((row.gender if fits else " or ".join(wishes.genders), fits))
    if wishes.fee_up_to is not None:
        judged.append((f"up to {pounds(wishes.fee_up_to)}", row.initial_fee <= wishes.fee_up_to))
    return [word for word, fits in judged if fits], [word for word, fits in judged if not fits]
