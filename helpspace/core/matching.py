"""Matching: visible profiles ranked by wishes, with the reason in words, fair among equals (P4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.moments import pounds
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import Profile, profile_of
from helpspace.core.store.tables import Therapist
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, words_of

# The gates of P1 but the slots, for one look at every therapist; `policy.why_hidden` is their twin.
_GATES = """t.status = 'approved' AND t.suspended_at IS NULL AND t.switched_off_at IS NULL
    AND t.charges_enabled = 1 AND t.payouts_enabled = 1 AND t.course_done_at IS NOT NULL
    AND t.notice_s IS NOT NULL AND t.proofs_until > ?"""

# The list of states, though said again below it, lets both databases use the index of open slots.
_NEXT = """SELECT c.therapist_id, min(c.start_at) FROM claim c
    JOIN therapist t ON t.id = c.therapist_id
    WHERE c.state IN ('open', 'held') AND c.purpose = 'slot'
    AND (c.state = 'open' OR c.hold_until <= ?) AND c.start_at > ? AND c.start_at - t.notice_s >= ?
    {} GROUP BY c.therapist_id"""

Row = tuple[Any, ...]

_LOOKS = (50, 200)
"""How many of the ranked are asked for their next slot, look by look; after these looks few of them
have any, and asking for everybody's is quicker."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a client looks for; a wish left out excludes nobody.

    Concerns count one by one; of approaches, languages, ways to meet and genders any one will do.
    `fee_up_to` is pence.
    """

    concerns: int = 0
    approaches: int = 0
    languages: int = 0
    modalities: int = 0
    genders: tuple[str, ...] = ()
    fee_up_to: int | None = None

    @property
    def count(self) -> int:
        """How many wishes there are to fit."""
        any_of = (self.approaches, self.languages, self.modalities, self.genders)
        return (
            self.concerns.bit_count()
            + sum(1 for wish in any_of if wish)
            + (self.fee_up_to is not None)
        )


@dataclass(frozen=True, slots=True)
class Match:
    """A visible profile with how well it fits and why, in words."""

    profile: Profile
    fits: int
    of: int
    words: str
    """Such as "fits 2 of 3: Grief, Video; not up to £50"; empty where nothing was wished."""


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
        found = _open_ones(view, _scored(view, wishes), salt, offset + limit)
        return _matches(view, wishes, dict(islice(found.items(), offset, offset + limit)))


def _open_ones(view: View, rows: list[Row], salt: str, wanted: int) -> dict[str, int]:
    """Return the first therapists who can be booked, in order, each with the next start."""
    found: dict[str, int] = {}
    ranked = _ranked(rows, salt)
    for size in _LOOKS:
        batch = list(islice(ranked, size))
        starts = _next_starts(view, batch) if batch else {}
        found.update({key: starts[key] for key in batch if key in starts})
        if len(found) >= wanted or len(batch) < size:
            return found
    starts = _next_starts(view, None)
    bookable = _ranked([row for row in rows if row[0] in starts], salt)
    return {key: starts[key] for key in bookable}


def _scored(view: View, wishes: Wishes) -> list[Row]:
    """Return the ids of therapists with open gates and how many wishes they fit, most first."""
    score, values = _score(wishes)
    return view.sql(
        f"SELECT t.id, {score} FROM therapist t WHERE {_GATES} ORDER BY 2 DESC",  # noqa: S608
        *values,
        view.now,
    )


def _ranked(rows: list[Row], salt: str) -> Iterator[str]:
    """Give the ids of scored therapists, best first, drawing lots among equals."""
    key = hashlib.blake2b(salt.encode(), digest_size=32).digest()

    def lot(therapist_id: str) -> bytes:
        return hashlib.blake2b(therapist_id.encode(), key=key, digest_size=8).digest()

    for _, equals in groupby(rows, key=lambda row: row[1]):
        yield from sorted((row[0] for row in equals), key=lot)


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


def _next_starts(view: View, ids: list[str] | None) -> dict[str, int]:
    """Return the start of the next slot bookable now, of these or all who have one (P2)."""
    which = "" if ids is None else f"AND c.therapist_id IN ({_marks(ids)})"
    rows = view.sql(_NEXT.format(which), view.now, view.now, view.now, *(ids or []))
    return {row[0]: int(row[1]) for row in rows}


def _matches(view: View, wishes: Wishes, shown: dict[str, int]) -> list[Match]:
    rows = {row.id: row for row in view.rows(Therapist.select().where(Therapist.id.in_([*shown])))}
    return [_match(view, wishes, rows[key], next_start) for key, next_start in shown.items()]


def _match(view: View, wishes: Wishes, row: Therapist, next_start: int) -> Match:
    fit, unfit = _reasons(wishes, row)
    words = ""
    if wishes.count:
        words = f"fits {len(fit)} of {wishes.count}"
        words += f": {', '.join(fit)}" if fit else ""
        words += f"; not {', '.join(unfit)}" if unfit else ""
    return Match(profile_of(view, row, next_start), len(fit), wishes.count, words)


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
