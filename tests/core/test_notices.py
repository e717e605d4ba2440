"""Notices: one an event, person and channel; in order; tried, failed and never lost (N3–N5, N7)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import accounts, booking, notices
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.notices import LEASE, MOST_LOST, TRIES, Errand, Event
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Notice
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    all_rows,
    follow_up,
    session,
    set_row,
    snapshot,
)


def write(practice: Practice, client: Actor, fact: str, **options: Any) -> None:
    with practice.change() as tx:
        notices.write(
            tx, Event.CHARGED, once=fact, party=Party.CLIENT, person_id=client.id, **options
        )


def states(practice: Practice) -> list[str]:
    return [one["state"] for one in all_rows(practice, Notice)]


# --- N5: exactly one an event, party and channel


def test_n5_the_same_event_is_written_once(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact")
    before = snapshot(practice)
    write(practice, client, "fact")
    assert snapshot(practice) == before
    assert {one["channel"] for one in all_rows(practice, Notice)} == {"email", "telegram"}


def test_n5_another_event_or_person_is_another_notice(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact")
    write(practice, client, "other fact")
    write(practice, add_client(practice), "fact")
    assert len(all_rows(practice, Notice)) == 6


@pytest.mark.parametrize(
    ("wants", "channels"),
    [
        ({}, ["email", "telegram"]),
        ({"by_chat": 0}, ["email"]),
        ({"by_email": 0}, ["telegram"]),
        ({"chat_blocked_at": 1}, ["email"]),
        ({"by_email": 0, "chat_blocked_at": 1}, ["email"]),
        ({"email_sealed": None}, ["telegram"]),
        ({"by_email": 0, "by_chat": 0}, ["email"]),
        ({"email_sealed": None, "chat_blocked_at": 1}, []),
    ],
)
def test_n7_on_the_channels_a_client_wants_and_can_get(
    practice: Practice, client: Actor, wants: dict[str, Any], channels: list[str]
) -> None:
    set_row(practice, Client, client.id, **{"sample": 0, **wants})
    write(practice, client, "fact")
    assert [one["channel"] for one in all_rows(practice, Notice)] == channels


# --- N4: in order


def claim(practice: Practice, sender: str = "s", **options: Any) -> list[Errand]:
    return notices.claim(practice, sender, **options)


def test_n4_one_at_a_time_for_each_recipient_and_channel(practice: Practice, client: Actor) -> None:
    for fact in ("first", "second"):
        write(practice, client, fact)
    first = claim(practice)
    assert {one.channel for one in first} == {"email", "telegram"}
    assert claim(practice) == []
    for errand in first:
        assert notices.sent(practice, errand)
    assert len(claim(practice)) == 2


def test_n4_a_cancellation_never_overtakes_its_booking(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booking.cancel(practice, client, session(practice, therapist, client).id)
    heard: dict[tuple[str, str], list[str]] = {}
    while True:
        errands = claim(practice)
        if not errands:
            break
        for errand in errands:
            heard.setdefault((errand.party, errand.channel), []).append(errand.event)
            notices.sent(practice, errand)
    assert set(heard) == {("client", "email"), ("client", "telegram"), ("therapist", "email")}
    assert all(events == ["booked", "cancelled"] for events in heard.values())


def test_n5_a_failing_channel_holds_up_no_other(practice: Practice, client: Actor) -> None:
    for fact in ("first", "second"):
        write(practice, client, fact)
    by = {one.channel: one for one in claim(practice)}
    notices.failed(practice, by["email"], "refused")
    notices.sent(practice, by["telegram"])
    assert [one.channel for one in claim(practice)] == ["telegram"]


def test_n5_people_do_not_wait_for_each_other(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact")
    claim(practice)
    write(practice, add_client(practice), "fact")
    assert len(claim(practice)) == 2


def test_n5_a_channel_can_be_claimed_alone(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact")
    assert [one.channel for one in claim(practice, channel="telegram")] == ["telegram"]
    assert [one.channel for one in claim(practice, channel="email")] == ["email"]


def test_two_senders_never_have_the_same_notice(practice: Practice, other: Practice) -> None:
    for number in range(6):
        write(practice, add_client(practice), f"fact {number}")
    first, second = claim(practice, "a", limit=5), claim(other, "b", limit=50)
    assert len(first) == 5
    assert len({one.seq for one in first + second}) == len(first) + len(second) == 12


# --- trying again


def test_n5_a_notice_that_went_out_stays_sent(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact", channels=["email"])
    (errand,) = claim(practice)
    assert notices.sent(practice, errand)
    assert not notices.sent(practice, errand)
    assert not notices.failed(practice, errand, "late")
    assert states(practice) == ["sent"]


def test_n5_failures_are_tried_again_with_growing_gaps(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "fact", channels=["email"])
    waited = []
    for _ in range(TRIES):
        (errand,) = claim(practice)
        failed_at = clock.now()
        notices.failed(practice, errand, "refused")
        (kept,) = all_rows(practice, Notice)
        if kept["state"] == "failed":
            break
        waited.append(kept["next_at"] - failed_at)
        clock.move_to(kept["next_at"] - 1)
        assert claim(practice) == []
        clock.advance(1)
    assert waited == sorted(waited)
    assert (waited[0], waited[-1]) == (10, HOUR)
    assert len(waited) == TRIES - 1
    assert (kept["state"], kept["error"], kept["next_at"]) == ("failed", "refused", None)


def test_n7_being_asked_to_wait_is_no_failed_try(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "fact", channels=["telegram"])
    for _ in range(3 * TRIES):
        (errand,) = claim(practice)
        notices.failed(practice, errand, "429", wait=30)
        clock.advance(29)
        assert claim(practice) == []
        clock.advance(1)
    assert states(practice) == ["pending"]


def test_n5_a_sender_that_died_is_followed_by_another(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "fact", channels=["email"])
    (lost,) = claim(practice, "a")
    clock.advance(LEASE - 1)
    assert claim(practice, "b") == []
    clock.advance(1)
    (errand,) = claim(practice, "b")
    assert errand.tries == 2
    assert not notices.sent(practice, lost)  # the lease was lost meanwhile
    assert notices.sent(practice, errand)


def test_n5_a_service_that_keeps_dying_uses_up_no_tries(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "fact", channels=["email"])
    for _ in range(2 * TRIES):
        (errand,) = claim(practice)
        clock.advance(LEASE)
    for number in range(1, TRIES):
        (errand,) = claim(practice)
        assert notices.failed(practice, errand, "smtp_451"), number
        assert states(practice) == ["pending"]
        clock.advance(HOUR)
    (errand,) = claim(practice)
    assert notices.failed(practice, errand, "smtp_451")
    assert states(practice) == ["failed"]


def test_n5_a_notice_that_kills_its_sender_runs_out(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "poison", channels=["telegram"])
    write(practice, client, "next", channels=["telegram"])
    for _ in range(MOST_LOST + 1):
        (errand,) = claim(practice)
        assert errand.lost <= MOST_LOST
        clock.advance(LEASE)
    (after,) = [one for one in claim(practice) if one.channel == "telegram"]
    kept = all_rows(practice, Notice)
    assert kept[0]["state"] == "failed"
    assert after.seq == kept[1]["seq"]
    assert [one["channel"] for one in kept if one["once"].startswith("poison")] == [
        "telegram",
        "email",
    ]


def test_n5_an_errand_that_is_no_longer_true_is_dropped(practice: Practice, client: Actor) -> None:
    write(practice, client, "fact", channels=["email"])
    (errand,) = claim(practice)
    assert notices.dropped(practice, errand, "cancelled")
    (kept,) = all_rows(practice, Notice)
    assert (kept["state"], kept["error"]) == ("dropped", "cancelled")


def test_n2_what_expires_is_not_sent_any_more(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "fact", channels=["email"], expires_at=NOW + HOUR)
    clock.move_to(NOW + HOUR - 1)
    (errand,) = claim(practice)
    clock.advance(LEASE)
    assert claim(practice) == []
    assert states(practice) == ["expired"]
    assert not notices.sent(practice, errand)


# --- N7: the other channel


@pytest.mark.parametrize("by_email", [0, 1])
def test_n7_a_chat_that_cannot_be_reached_falls_back_to_mail_once(
    practice: Practice, client: Actor, by_email: int
) -> None:
    set_row(practice, Client, client.id, by_email=by_email)
    write(practice, client, "fact")
    errand = next(one for one in claim(practice) if one.channel == "telegram")
    assert notices.failed(practice, errand, "blocked", for_good=True)
    channels = [one["channel"] for one in all_rows(practice, Notice)]
    assert sorted(channels) == ["email", "telegram"]
    assert notices.notices(practice, Actor.team("ops"), state="failed")[0].error == "blocked"


def test_n7_failing_and_falling_back_are_one_commit(
    practice: Practice, client: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_row(practice, Client, client.id, by_email=0)
    write(practice, client, "fact")
    (errand,) = claim(practice)

    def crash(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(notices, "write", crash)
    with pytest.raises(ZeroDivisionError):
        notices.failed(practice, errand, "blocked", for_good=True)
    assert states(practice) == ["pending"]


# --- for the team


def test_n5_the_team_sees_and_resends_what_failed(
    practice: Practice, client: Actor, team: Actor
) -> None:
    write(practice, client, "fact", channels=["email"])
    (errand,) = claim(practice)
    with pytest.raises(NotFound, match="not failed"):
        notices.resend(practice, team, str(errand.seq))
    notices.failed(practice, errand, "refused", for_good=True)
    (seen,) = notices.notices(practice, team, state="failed")
    notices.resend(practice, team, seen.id)
    (again,) = claim(practice)
    assert again.tries == 1
    assert notices.sent(practice, again)


@pytest.mark.parametrize("odd", ["", "x", "0", "-1", "99999", "9" * 40, "1 OR 1=1"])
def test_an_odd_number_of_a_notice_is_simply_not_there(
    practice: Practice, client: Actor, team: Actor, odd: str
) -> None:
    with pytest.raises(NotFound) as refused:
        notices.resend(practice, team, odd)
    assert str(refused.value) == str(NotFound())


def test_a1_notices_are_the_teams_to_see(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    for actor in (therapist, client):
        with pytest.raises(NotAllowed):
            notices.notices(practice, actor)
        with pytest.raises(NotAllowed):
            notices.resend(practice, actor, "1")


def test_n6_a_notice_holds_ids_and_numbers_only(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    accounts.set_name(practice, client, "Canary")
    booked = session(practice, therapist, client)
    follow_up(practice, therapist, client, SOON + DAY)
    booking.cancel(practice, therapist, booked.id)
    kept = repr(all_rows(practice, Notice))
    for word in ("Canary", "Zoë", "example.org", "contact1", "video"):
        assert word not in kept


def test_n4_an_older_notice_that_waits_lets_no_newer_one_pass(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    write(practice, client, "first", channels=["email"])
    (errand,) = claim(practice)
    notices.failed(practice, errand, "down")
    write(practice, client, "second", channels=["email"])
    assert claim(practice) == []
    clock.advance(MINUTE)
    (again,) = claim(practice)
    assert again.seq == errand.seq
