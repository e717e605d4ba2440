"""The best ten open therapists of ten thousand."""

from __future__ import annotations

import time
from statistics import median

from benchmarks import filling
from benchmarks.harness import Bench, percentile, said
from benchmarks.stores import KINDS, NAMES
from helpspace.core import matching, soonest
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim
from helpspace.core.wishes import Wishes
from tests.makers import NOW

TITLE = "The best ten open therapists of 10,000 with 200,000 slots"
PROMISED = ("matching", "matching_hours")

THERAPISTS, SLOTS_EACH, SEARCHES = 10_000, 20, 25
WARM_UP = 3

WISHES = {
    "no wish": Wishes(),
    "four wishes": Wishes(concerns=0b101, approaches=0b110, fee_up_to=5000),
    "eight wishes": Wishes(
        concerns=0b1011,
        approaches=0b1,
        languages=0b100,
        modalities=0b10,
        genders=("woman", "non-binary"),
        fee_up_to=4000,
    ),
}

TIMED = {
    "afternoons, which all have": Wishes(parts=0b010),
    "evenings, which nobody has": Wishes(parts=0b100),
    "four wishes and weekends": Wishes(
        concerns=0b101, approaches=0b110, fee_up_to=5000, days=0b1100000
    ),
    "four wishes and Monday mornings": Wishes(
        concerns=0b101, approaches=0b110, fee_up_to=5000, days=0b1, parts=0b1
    ),
}


def measure(bench: Bench) -> None:
    """Search with few and many wishes and for soon, then when nearly everybody is fully booked."""
    stores = bench.stores
    with (
        stores.practice(stores.new("sqlite")) as sqlite,
        stores.practice(stores.new("postgresql")) as postgresql,
    ):
        both = {"sqlite": sqlite, "postgresql": postgresql}
        clients = {}
        for kind, practice in both.items():
            therapists = filling.therapists(practice, THERAPISTS)
            filling.slots(practice, therapists, filling.working_hours(NOW + 7 * DAY, SLOTS_EACH))
            clients[kind] = Actor.client(filling.clients(practice, 1)[0])
            filling.analyse(practice)
        _search(bench, both, clients, WISHES | TIMED)
        _soon(bench, both, clients)
        for practice in both.values():
            _book_up(practice)
        _search(bench, both, clients, {"four wishes, 30 have slots": WISHES["four wishes"]})
    bench.report.note(
        f"Median of {SEARCHES} searches, each with lots of its own among equals; from the call to"
        " ten decrypted profiles with reasons and next slots. Both databases found the same people"
        " in the same order each time."
    )


def _book_up(practice: Practice) -> None:
    """Close the slots of all therapists but the thirty whose ids come first."""
    with practice.change() as tx:
        tx.sql(
            "UPDATE claim SET state = 'closed' WHERE therapist_id NOT IN"
            " (SELECT id FROM therapist ORDER BY id LIMIT 30) RETURNING 1"
        )
        assert tx.count(Claim.select().where(Claim.state == "open")) == 30 * SLOTS_EACH
    filling.analyse(practice)


def _search(
    bench: Bench,
    both: dict[str, Practice],
    clients: dict[str, Actor],
    cases: dict[str, Wishes],
) -> None:
    """Search for every case on both databases in turn."""
    times: dict[tuple[str, str], list[float]] = {(k, w): [] for k in KINDS for w in cases}
    for at in range(WARM_UP + SEARCHES):
        for words, wishes in cases.items():
            found = set()
            for kind, practice in both.items():
                began = time.perf_counter()
                best = matching.visible(practice, clients[kind], wishes, limit=10, salt=f"s{at}")
                if at >= WARM_UP:
                    times[kind, words].append((time.perf_counter() - began) * 1000)
                found.add(tuple(match.profile.therapist_id for match in best))
            assert len(found) == 1, "both databases find the same people"
            assert len(*found) == 10
    for (kind, words), spent in times.items():
        beside = f"p95 {said(percentile(spent, 0.95), 'ms')}"
        promise = "matching_hours" if words in TIMED else "matching"
        bench.report.check(promise, median(spent), f"{NAMES[kind]}: {words}", beside)


def _soon(bench: Bench, both: dict[str, Practice], clients: dict[str, Actor]) -> None:
    """Ask who is free soon: of a week in which all are, with and without wishes."""
    week = [(NOW + 6 * DAY, NOW + 13 * DAY)]
    for words, wishes in (("no wish", Wishes()), ("four wishes", WISHES["four wishes"])):
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for at in range(WARM_UP + SEARCHES):
            found = set()
            for kind, practice in both.items():
                began = time.perf_counter()
                best = soonest.soonest(
                    practice, clients[kind], wishes, week, limit=10, salt=f"s{at}"
                )
                if at >= WARM_UP:
                    times[kind].append((time.perf_counter() - began) * 1000)
                found.add(tuple((one.slot.therapist_id, one.slot.start) for one in best))
            assert len(found) == 1, "both databases find the same times"
            assert len(*found) == 10
        for kind, spent in times.items():
            what = f"{NAMES[kind]}: free soon, {words}"
            beside = f"p95 {said(percentile(spent, 0.95), 'ms')}"
            bench.report.check("matching_hours", median(spent), what, beside)
