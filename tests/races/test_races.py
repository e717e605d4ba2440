"""Races between processes, on both databases: one winner, and the losers are told (C4, C6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from helpspace.core.practice import Practice
from tests.races import rounds
from tests.races.rival import Rivals, rivals

ROUNDS = 3


@pytest.fixture
def eight(practice: Practice) -> Iterator[Rivals]:
    with rivals(practice, rounds.PROCESSES) as made:
        yield made


def test_c4_fifty_attempts_at_one_slot_have_one_winner(practice: Practice, eight: Rivals) -> None:
    booked, held = (rounds.crowd(practice, card=card) for card in (True, False))
    for day in range(ROUNDS):
        rounds.fifty_for_one_slot(practice, eight, booked, day)
    rounds.fifty_for_one_hold(practice, eight, held, ROUNDS)
    rounds.always(practice)


@pytest.mark.parametrize(
    "round_",
    [
        rounds.one_client_for_many_slots,
        rounds.therapist_against_client,
        rounds.two_follow_ups_at_one_time,
        rounds.both_cancel,
        rounds.two_moves_to_one_time,
        rounds.moved_and_cancelled,
        rounds.time_off_against_booking,
    ],
)
def test_c2_rivals_over_one_thing(
    practice: Practice, eight: Rivals, round_: Callable[[Practice, Rivals, int], None]
) -> None:
    for day in range(ROUNDS):
        round_(practice, eight, day)
    rounds.always(practice)
