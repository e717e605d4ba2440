"""Matching: ranked by wishes, told in words, fair among equals, alike on both databases (P4)."""

from __future__ import annotations

import random
from collections import Counter
from hashlib import blake2b

import pytest

from helpspace.core import accounts, hours, matching, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim, Therapist
from helpspace.core.wishes import (
    APPROACHES,
    CONCERNS,
    LANGUAGES,
    MODALITIES,
    Wishes,
    mask_of,
    read,
    written,
)
from tests import makers

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
SOMEBODY = Actor.client("somebody")


def names(found: list[matching.Match]) -> list[str]:
    return [match.profile.name for match in found]


def ready(practice: Practice, name: str, **work: object) -> Actor:
    """Make a therapist with one slot."""
    made = makers.add_therapist(practice, name, **work)
    makers.open_slot(practice, made)
    return made


@BOTH
def test_the_best_fit_comes_first_and_says_why(practice: Practice) -> None:
    ready(
        practice,
        "Both",
        concerns=mask_of(["Grief", "Anger"], CONCERNS),
        approaches=mask_of(["CBT"], APPROACHES),
        gender="woman",
        initial_fee=5000,
    )
    ready(practice, "Grief only", concerns=mask_of(["Grief"], CONCERNS), gender="man")
    ready(practice, "Nothing", languages=mask_of(["Welsh"], LANGUAGES), modalities=2)
    wishes = Wishes(
        concerns=mask_of(["Grief", "Anger"], CONCERNS),
        approaches=mask_of(["CBT", "EMDR"], APPROACHES),
        languages=mask_of(["English"], LANGUAGES),
        modalities=mask_of(["Video"], MODALITIES),
        genders=("woman", "non-binary"),
        fee_up_to=5000,
    )
    found = matching.visible(practice, SOMEBODY, wishes, limit=10)
    assert names(found) == ["Both", "Grief only", "Nothing"]
    assert [(match.fits, match.of) for match in found] == [(7, 7), (3, 7), (0, 7)]
    assert found[0].words == "fits 7 of 7: Grief, Anger, CBT, English, Video, woman, up to £50"
    assert found[1].words == (
        "fits 3 of 7: Grief, English, Video; not Anger, CBT or EMDR, woman or non-binary, up to £50"
    )
    assert found[2].words.startswith("fits 0 of 7; not Grief, Anger")


def test_without_wishes_nothing_is_said(practice: Practice) -> None:
    ready(practice, "Ann")
    [match] = matching.visible(practice, SOMEBODY, Wishes(), limit=10)
    assert (match.words, match.of, match.profile.next_start) == ("", 0, makers.SOON)


@BOTH
def test_pages_follow_on_each_other(practice: Practice) -> None:
    for number in range(12):
        ready(practice, f"T{number}", concerns=number % 2)
    wishes = Wishes(concerns=1)
    whole = matching.visible(practice, SOMEBODY, wishes, limit=50, salt="a")
    paged = [
        match
        for offset in range(0, 15, 5)
        for match in matching.visible(practice, SOMEBODY, wishes, limit=5, offset=offset, salt="a")
    ]
    assert whole == paged
    assert [match.fits for match in whole] == [1] * 6 + [0] * 6
    other = matching.visible(practice, SOMEBODY, wishes, limit=50, salt="b")
    assert other != whole
    assert sorted(names(other)) == sorted(names(whole))


@BOTH
def test_the_order_depends_on_salt_and_id_alone(practice: Practice) -> None:
    """Equal results on both databases: the ids repeat by their seed, so the order is one."""
    for number in range(9):
        ready(practice, f"T{number}")
    found = matching.visible(practice, SOMEBODY, Wishes(), limit=9, salt="same")
    key = blake2b(b"same", digest_size=32).digest()
    ids = [match.profile.therapist_id for match in found]
    assert ids == sorted(
        ids, key=lambda one: blake2b(one.encode(), key=key, digest_size=8).digest()
    )


def test_among_equals_everybody_is_first_in_turn(practice: Practice) -> None:
    people = 8
    for number in range(people):
        ready(practice, f"T{number}")
    first: Counter[str] = Counter()
    for search in range(1000):
        first[
            names(matching.visible(practice, SOMEBODY, Wishes(), limit=1, salt=str(search)))[0]
        ] += 1
    assert len(first) == people
    assert max(first.values()) <= 2 * 1000 / people


GATES: list[dict[str, object]] = [
    {},
    {"status": "applied"},
    {"suspended_at": 1},
    {"switched_off_at": 1},
    {"charges_enabled": 0},
    {"payouts_enabled": 0},
    {"course_done_at": None},
    {"proofs_until": None},
    {"proofs_until": makers.NOW},
    {"proofs_until": makers.NOW + 1},
    {"notice_s": None},
    {"notice_s": makers.SOON - makers.NOW},
    {"notice_s": makers.SOON - makers.NOW + 1},
]


@BOTH
def test_it_finds_exactly_who_is_visible(practice: Practice) -> None:
    """P1: the one look at everybody agrees with the gates of each."""
    for number, gate in enumerate(GATES):
        made = ready(practice, f"T{number}")
        makers.set_row(practice, Therapist, made.id, **{"gender": "", **gate})
    without = makers.add_therapist(practice, "no slot")
    held = ready(practice, "held")
    expired = ready(practice, "expired")
    person = makers.add_client(practice, card=False)
    other = makers.add_client(practice, card=False)
    for who, until in ((held, 1), (expired, 0)):
        [slot] = [r for r in makers.all_rows(practice, Claim) if r["therapist_id"] == who.id]
        makers.set_row(
            practice,
            Claim,
            slot["id"],
            state="held",
            hold_client_id=(person if until else other).id,
            hold_until=makers.NOW + until,
            hold_fee=6000,
        )
    found = {
        m.profile.therapist_id for m in matching.visible(practice, SOMEBODY, Wishes(), limit=99)
    }
    with practice.reading() as view:
        visible = {
            row.id for row in view.rows(Therapist.select()) if not profiles.why_hidden(view, row)
        }
    assert found == visible
    assert without.id not in found
    assert len(found) == 4


def test_who_has_no_slot_is_passed_over_however_many_they_are(practice: Practice) -> None:
    """The looks widen until the page is full, also where few have a free time."""
    randomness = random.Random(5)
    with practice.change() as tx:
        people = [
            accounts.add_therapist(
                tx,
                makers.TEAM,
                accounts.NewTherapist(f"T{n}", f"t{n}@example.org", f"h{n}"),
                account=f"a{n}",
                proofs_until=makers.NOW + DAY,
            )
            for n in range(300)
        ]
    free = set(randomness.sample(people, 4))
    for therapist_id in free:
        makers.open_slot(practice, Actor.therapist(therapist_id))
    found = matching.visible(practice, SOMEBODY, Wishes(), limit=10, salt="x")
    assert {match.profile.therapist_id for match in found} == free
    assert len(matching.visible(practice, SOMEBODY, Wishes(), limit=10, offset=3, salt="x")) == 1


def test_the_soonest_bookable_time_is_named(practice: Practice) -> None:
    made = makers.add_therapist(practice, notice_s=DAY)
    makers.open_slot(practice, made, makers.NOW + HOUR)
    makers.open_slot(practice, made, makers.SOON + HOUR)
    makers.open_slot(practice, made, makers.SOON)
    [match] = matching.visible(practice, SOMEBODY, Wishes(), limit=10)
    assert match.profile.next_start == makers.SOON


def test_only_clients_look_around(practice: Practice) -> None:
    with pytest.raises(NotAllowed):
        matching.visible(practice, Actor.therapist("x"), Wishes(), limit=1)


EVENINGS, WEEKENDS = 0b100, 0b1100000


def naive(practice: Practice, wishes: Wishes, salt: str) -> list[str]:
    """Rank everybody the slow way: judge each by all their slots, then sort."""
    key = blake2b(salt.encode(), digest_size=32).digest()
    reach = hours.stretches(
        wishes.days, wishes.parts, wishes.zone, makers.NOW, makers.NOW + matching.HORIZON
    )
    judged = []
    with practice.reading() as view:
        scored = matching.scored(view, wishes)
        untimed = {one: fits for fits, ids in scored.items() for one in ids}
        for row in view.rows(Therapist.select()):
            slots = profiles.bookable_slots(view, row)
            if row.id not in untimed or not slots:
                continue
            timed = any(hours.covers(reach, slot.start_at) for slot in slots)
            lot = blake2b(row.id.encode(), key=key, digest_size=8).digest()
            judged.append((-(untimed[row.id] + (wishes.timed and timed)), lot, row.id))
    return [one for _, _, one in sorted(judged)]


@BOTH
def test_days_and_times_rank_by_slots_in_the_clients_own_zone(practice: Practice) -> None:
    """P4: days and parts of the day are one wish, judged by slots; it hides nobody."""
    early = makers.add_therapist(practice, "Early")
    makers.open_slot(practice, early, makers.SOON)
    late = makers.add_therapist(practice, "Late")
    makers.open_slot(practice, late, makers.SOON)
    makers.open_slot(practice, late, makers.SOON + 9 * HOUR)
    found = matching.visible(practice, SOMEBODY, Wishes(concerns=1, parts=EVENINGS), limit=9)
    assert [(match.profile.name, match.words) for match in found] == [
        ("Late", "fits 1 of 2: evenings; not Anxiety"),
        ("Early", "fits 0 of 2; not Anxiety, evenings"),
    ]
    assert found[0].wished_start == makers.SOON + 9 * HOUR
    assert (found[0].profile.next_start, found[1].wished_start) == (makers.SOON, None)
    # Nine in London is half past two in Kolkata; at six in London it is Saturday there already.
    kolkata = Wishes(days=0b0100000, zone="Asia/Kolkata")
    assert [m.fits for m in matching.visible(practice, SOMEBODY, kolkata, limit=9)] == [0, 0]
    makers.open_slot(practice, early, makers.SOON + 10 * HOUR)
    best = matching.visible(practice, SOMEBODY, kolkata, limit=1)
    assert (best[0].profile.name, best[0].words) == ("Early", "fits 1 of 1: Sat")


@BOTH
def test_every_ranking_is_that_of_looking_at_everybody(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short cuts of the search change nothing, on either database, at any page."""
    monkeypatch.setattr(matching, "_LOOKS", (3, 5))
    monkeypatch.setattr(matching, "FEW", 4)
    dice = random.Random(7)
    for number in range(30):
        made = makers.add_therapist(
            practice, f"T{number}", concerns=dice.randrange(4), gender=dice.choice(["", "woman"]),
            notice_s=dice.choice([0, 3 * DAY]),
        )  # fmt: skip
        for day in range(dice.randrange(4)):
            start = makers.NOW + day * 2 * DAY + dice.randrange(1, 12) * HOUR
            makers.open_slot(practice, made, start)
    for wishes in (
        Wishes(),
        Wishes(parts=EVENINGS),
        Wishes(days=WEEKENDS),
        Wishes(concerns=3, genders=("woman",), parts=0b010),
        Wishes(concerns=2, days=0b11111, parts=EVENINGS),
        Wishes(days=0b0001000, parts=0b001),
    ):
        for salt in ("a", "b"):
            wanted = naive(practice, wishes, salt)
            assert wanted
            found = matching.visible(practice, SOMEBODY, wishes, limit=99, salt=salt)
            assert [match.profile.therapist_id for match in found] == wanted
            paged = [
                match
                for at in range(0, len(wanted) + 4, 4)
                for match in matching.visible(
                    practice, SOMEBODY, wishes, limit=4, offset=at, salt=salt
                )
            ]
            assert paged == found


def test_no_wish_empties_the_list(practice: Practice) -> None:
    """P4: who fits nothing is still there, with what does not fit."""
    ready(practice, "Only one")
    everything = Wishes(
        concerns=2**16 - 1, approaches=2, languages=2, modalities=2, genders=("man",),
        fee_up_to=0, days=0b0000010, parts=EVENINGS,
    )  # fmt: skip
    [match] = matching.visible(practice, SOMEBODY, everything, limit=10)
    assert (match.fits, match.of) == (0, 22)
    assert match.words.endswith("man, up to £0, evenings on Tue")


def test_wishes_outlive_a_change_of_the_vocabulary() -> None:
    wished = Wishes(
        concerns=5, approaches=1, languages=4, modalities=1, genders=("woman",), fee_up_to=4000,
        days=3, parts=4,
    )  # fmt: skip
    assert read(written(wished)) == wished
    assert written(Wishes()) == {}
    assert read({"concerns": ["Grief", "no more"], "genders": ["x"]}) == Wishes(concerns=8)
