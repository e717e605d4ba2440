"""Publishing and hiding: every condition of P1 alone, to the second, told exactly once (P1–P3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from helpspace.core import booking, calendar, hearing, matching, notices, policy, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import CannotBeBooked, NotFound
from helpspace.core.gateways import AccountSeen
from helpspace.core.joining import course, profile, review
from helpspace.core.joining.checklist import checklist
from helpspace.core.joining.progress import joining
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.core.applicants import TEAM
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    book_initial,
    hold,
    row,
    session,
    set_row,
)

HANDLE = "handle1"


def visible(practice: Practice, client: Actor, therapist: Actor) -> bool:
    """Return whether clients see somebody: list, profile, link, team and checklist must agree."""
    wishes = matching.Wishes()
    matches = matching.visible(practice, client, wishes, limit=10)
    answers = [therapist.id in {match.profile.therapist_id for match in matches}]
    for ask in (
        lambda: profiles.profile(practice, therapist.id),
        lambda: profiles.profile_by_handle(practice, HANDLE),
    ):
        try:
            ask()
        except CannotBeBooked:
            answers.append(False)
        else:
            answers.append(True)
    seen = profiles.therapist(practice, TEAM, therapist.id)
    answers += [seen.visible, not seen.why_hidden]
    answers += [checklist(practice, therapist, therapist.id).visible]
    answers += [joining(practice, therapist, therapist.id).step is None]
    assert len(set(answers)) == 1, answers
    return answers[0]


def why(practice: Practice, therapist: Actor) -> tuple[str, ...]:
    return profiles.therapist(practice, TEAM, therapist.id).why_hidden


def published(practice: Practice) -> list[str]:
    """Return the notices that a profile is published."""
    return [str(one["once"]) for one in all_rows(practice, Notice) if one["event"] == "published"]


@dataclass(frozen=True)
class Condition:
    """One condition of P1: how it is taken away, and given back."""

    code: str
    remove: Callable[[Practice, Actor], object]
    restore: Callable[[Practice, Actor], object]
    name: str = ""


def columns(code: str, name: str, removed: dict[str, Any], restored: dict[str, Any]) -> Condition:
    return Condition(
        code,
        lambda practice, who: set_row(practice, Therapist, who.id, **removed),
        lambda practice, who: set_row(practice, Therapist, who.id, **restored),
        name,
    )


def _slot(practice: Practice) -> str:
    return calendar.slots(practice, TEAM)[0].id


CONDITIONS = [
    columns("not_approved", "applied", {"status": "applied"}, {"status": "approved"}),
    columns("not_approved", "rejected", {"status": "rejected"}, {"status": "approved"}),
    columns("payments_not_enabled", "charges", {"charges_enabled": 0}, {"charges_enabled": 1}),
    columns("payments_not_enabled", "payouts", {"payouts_enabled": 0}, {"payouts_enabled": 1}),
    columns("course_not_completed", "", {"course_done_at": None}, {"course_done_at": NOW}),
    columns("proofs_expired", "over", {"proofs_until": NOW}, {"proofs_until": NOW + 1}),
    columns("proofs_expired", "none", {"proofs_until": None}, {"proofs_until": NOW + DAY}),
    columns("no_minimum_notice", "", {"notice_s": None}, {"notice_s": DAY}),
    Condition(
        "suspended",
        lambda practice, who: review.suspend(practice, TEAM, who.id, "looked into"),
        lambda practice, who: review.reinstate(practice, TEAM, who.id, "settled"),
    ),
    Condition(
        "switched_off",
        lambda practice, who: profile.switch_off(practice, who, who.id),
        lambda practice, who: profile.switch_on(practice, who, who.id),
    ),
    Condition(
        "no_bookable_slot",
        lambda practice, who: calendar.close_slot(practice, who, _slot(practice)),
        lambda practice, who: calendar.open_slots(practice, who, who.id, SOON),
        "closed",
    ),
    Condition(
        "no_bookable_slot",
        lambda practice, who: profile.change_profile(
            practice, who, who.id, {"notice": "5 days"}, version=0
        ),
        lambda practice, who: profile.change_profile(
            practice, who, who.id, {"notice": "4 days"}, version=1
        ),
        "inside the notice",
    ),
]


@pytest.mark.parametrize("one", CONDITIONS, ids=lambda one: f"{one.code} {one.name}".strip())
def test_p1_each_condition_alone_hides_and_restored_shows(
    practice: Practice, therapist: Actor, client: Actor, one: Condition
) -> None:
    """ "Done when" 2: in matching, by id, by handle; `why_hidden` names it and nothing else."""
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert visible(practice, client, therapist)
    one.remove(practice, therapist)
    assert not visible(practice, client, therapist)
    # Without a notice no slot is bookable either (P2).
    also = ("no_bookable_slot",) if one.code == "no_minimum_notice" else ()
    assert why(practice, therapist) == (one.code, *also)
    shut = [gate for gate in checklist(practice, therapist, therapist.id).gates if not gate.open]
    assert [gate.code for gate in shut] == [one.code, *also]
    assert shut[0].words.endswith(".")
    assert shut[0].fix.endswith(".")
    one.restore(practice, therapist)
    assert visible(practice, client, therapist)


def test_p1_every_code_is_in_the_table() -> None:
    assert {one.code for one in CONDITIONS} == set(policy.WHY_HIDDEN)


def test_p2_one_second_past_the_notice_edge_the_answer_changes_by_itself(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """No event in between: only the clock moves. At the edge itself it is still bookable."""
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    rows = all_rows(practice, Notice)
    for at, shown in ((SOON - DAY - 1, True), (SOON - DAY, True), (SOON - DAY + 1, False)):
        clock.move_to(at)
        assert visible(practice, client, therapist) is shown
    gate = checklist(practice, therapist, therapist.id).gates[-1]
    assert gate.words == "1 open slot lies inside your notice of 24 h."
    assert all_rows(practice, Notice) == rows


def test_p1_one_second_past_the_proofs_the_answer_changes_by_itself(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    therapist = add_therapist(practice, proofs_until=NOW + DAY)
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    for at, shown in ((-1, True), (0, False)):
        clock.move_to(NOW + DAY + at)
        assert visible(practice, client, therapist) is shown
    assert why(practice, therapist) == ("proofs_expired",)


# -- who is told ---------------------------------------------------------------------------------


def test_p3_the_first_slot_publishes_and_tells_once(practice: Practice, therapist: Actor) -> None:
    opened = calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert opened.published
    assert published(practice) == [
        f"published:{therapist.id}:{opened.slots[0].id}:therapist:{therapist.id}:email"
    ]
    again = calendar.open_slots(practice, therapist, therapist.id, SOON + DAY, weeks=3)
    assert not again.published
    assert len(published(practice)) == 1


def test_p3_a_slot_that_nobody_can_book_publishes_nothing(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    """Inside the notice, or with another gate shut: the answer says so at once."""
    inside = calendar.open_slots(practice, therapist, therapist.id, NOW + DAY - 1)
    assert (inside.published, len(inside.inside_notice)) == (False, 1)
    set_row(practice, Therapist, therapist.id, course_done_at=None)
    shut = calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert (shut.published, shut.why_hidden) == (False, ("course_not_completed",))
    assert published(practice) == []


def test_p3_publishing_and_hiding_are_each_told_once(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    """Open, booked, open again: two publications, and the hiding is in the booking's notice."""
    slot = calendar.open_slots(practice, therapist, therapist.id, SOON).slots[0].id
    book_initial(practice, client, slot)
    calendar.open_slots(practice, therapist, therapist.id, SOON + DAY)
    assert len(published(practice)) == 2
    told = [
        one["facts"]
        for one in all_rows(practice, Notice)
        if one["event"] == "booked" and one["party"] == "therapist"
    ]
    assert told == ['{"last_slot":true}']


def test_p3_what_is_not_the_last_slot_is_not_told(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slots = calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=2).slots
    book_initial(practice, client, slots[0].id)
    facts = [one["facts"] for one in all_rows(practice, Notice) if one["party"] == "therapist"]
    assert facts == ["{}", '{"last_slot":false}']


def test_p3_holds_time_and_reopening_tell_nothing(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    slot = calendar.open_slots(practice, therapist, therapist.id, SOON).slots[0].id
    held = hold(practice, add_client(practice, card=False), slot)
    assert not visible(practice, client, therapist)
    gate = checklist(practice, therapist, therapist.id).gates[-1]
    assert gate.words == "1 open slot is being booked now."
    clock.move_to(held.until)
    assert visible(practice, client, therapist)
    booked = book_initial(practice, client, slot)
    booking.cancel(practice, client, booked.id)
    assert visible(practice, client, therapist)
    assert len(published(practice)) == 1


def test_p3_it_is_one_commit(
    practice: Practice, therapist: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D2: without the notice there is no slot."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(notices, "write", broken)
    with pytest.raises(ZeroDivisionError):
        calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert calendar.slots(practice, TEAM) == []


def _last_chapter(practice: Practice, therapist: Actor) -> None:
    for name in course.CHAPTERS:
        course.complete(practice, therapist, therapist.id, name)


def _account(practice: Practice, therapist: Actor) -> None:
    account = row(practice, Therapist, therapist.id)["account"]
    for _ in range(2):
        hearing.account_seen(practice, therapist.id, ready_account(account))


def ready_account(account: str) -> AccountSeen:
    return AccountSeen(account, charges_enabled=True, payouts_enabled=True, requirements=[])


OTHERS = [
    ({"course_done_at": None}, _last_chapter),
    ({"charges_enabled": 0, "payouts_enabled": 0}, _account),
    ({"suspended_at": NOW}, lambda p, who: review.reinstate(p, TEAM, who.id, "settled")),
    ({"switched_off_at": NOW}, lambda p, who: profile.switch_on(p, who, who.id)),
    ({"notice_s": None}, lambda p, who: profile.change_profile(
        p, who, who.id, {"notice": "1 day"}, version=0)),
]  # fmt: skip


@pytest.mark.parametrize(("shut", "opens"), OTHERS, ids=lambda one: str(next(iter(one), ""))
                         if isinstance(one, dict) else "")  # fmt: skip
def test_p3_whichever_gate_opens_last_tells_once(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    shut: dict[str, Any],
    opens: Callable[[Practice, Actor], object],
) -> None:
    set_row(practice, Therapist, therapist.id, **shut)
    calendar.open_slots(practice, therapist, therapist.id, SOON)
    assert published(practice) == []
    opens(practice, therapist)
    assert visible(practice, client, therapist)
    assert len(published(practice)) == 1


def test_p3_the_switch_hides_and_says_what_it_means(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    """P1: booked sessions stay; turning it twice is one turn."""
    booked = session(practice, therapist, client)
    calendar.open_slots(practice, therapist, therapist.id, SOON + DAY)
    before = profile.switch(practice, therapist, therapist.id)
    assert (before.off, before.open_slots, before.why_hidden) == (False, 1, ())
    for _ in range(2):
        off = profile.switch_off(practice, therapist, therapist.id)
        assert (off.off, off.open_slots, off.why_hidden) == (True, 1, ("switched_off",))
    there = calendar.between(practice, therapist, therapist.id, booked.start, booked.end)
    assert [entry.id for entry in there] == [booked.id]
    on = profile.switch_on(practice, therapist, therapist.id)
    assert (on.off, on.stays_hidden) == (False, ())
    assert len(published(practice)) == 2


def test_a1_the_checklist_is_ones_own(practice: Practice, therapist: Actor, client: Actor) -> None:
    other = add_therapist(practice)
    for actor in (other, client, Actor.client(therapist.id)):
        with pytest.raises(NotFound):
            checklist(practice, actor, therapist.id)


def test_n6_the_mail_is_neutral(practice: Practice, therapist: Actor) -> None:
    """No therapy words, no name; it stays true when it is read late."""
    from helpspace.core.letters import Told, compose
    from helpspace.jobs.letters import letter

    calendar.open_slots(practice, therapist, therapist.id, SOON)
    told = compose(practice, notices.claim(practice, "test")[0])
    assert isinstance(told, Told)
    made = letter(told)
    assert made.subject == "Your profile is published"
    for word in ("Zoë", "O'Brien", "therap", "counsel", "session", "client"):
        assert word not in f"{made.subject} {made.text[:200]}"
