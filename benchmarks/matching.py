"""The best ten open therapists of ten thousand."""

from __future__ import annotations

import time
from itertools import count
from statistics import median

from benchmarks import filling
from benchmarks.harness import Bench, percentile, said
from benchmarks.stores import KINDS, NAMES
from helpspace.core import matching
from helpspace.core.actors import Actor
from helpspace.core.matching import Wishes
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim
from tests.makers import NOW

TITLE = "The best ten open therapists of 10,000 with 200,000 slots"
PROMISED = ("matching",)

THERAPISTS, SLOTS_EACH, SEARCHES = 10_000, 20, 25

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


def measure(bench: Bench) -> None:
    """Search with few and many wishes, then again when nearly everybody is fully booked."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for kind in KINDS:
        with bench.stores.practice(bench.stores.new(kind)) as practice:
            _fill(practice)
            client = filling.clients(practice, 1)[0]
            found[kind] = []
            for words, wishes in WISHES.items():
                _search(bench, practice, client, wishes, f"{NAMES[kind]}: {words}", found[kind])
            _book_up(practice)
            words = f"{NAMES[kind]}: four wishes, 30 with open slots"
            _search(bench, practice, client, WISHES["four wishes"], words, found[kind])
    assert found["sqlite"] == found["postgresql"], "both databases find the same people"
    bench.report.note(
        f"Median of {SEARCHES} searches, each with lots of its own among equals; from the call to"
        " ten decrypted profiles with reasons and next slots. Both databases found the same people"
        " in the same order."
    )


def _fill(practice: Practice) -> None:
    therapists = filling.therapists(practice, THERAPISTS)
    filling.slots(practice, therapists, filling.working_hours(NOW + 7 * DAY, SLOTS_EACH))
    filling.analyse(practice)


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
    practice: Practice,
    client: str,
    wishes: Wishes,
    words: str,
    found: list[tuple[str, ...]],
) -> None:
    actor, times, salts = Actor.client(client), [], count()
    for at in range(SEARCHES + 3):
        began = time.perf_counter()
        best = matching.visible(practice, actor, wishes, limit=10, salt=f"s{next(salts)}")
        if at >= 3:
            times.append((time.perf_counter() - began) * 1000)
        assert len(best) == 10
        found.append(tuple(match.profile.therapist_id for match in best))
    beside = f"p95 {said(percentile(times, 0.95), 'ms')}"
    bench.report.check("matching", median(times), words, beside)
