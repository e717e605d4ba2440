"""Delivery: in order, re-read, retried, and one channel never holds up another (N5, N7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpspace.core import accounts, confirm, notices, reminders
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import NotFound
from helpspace.core.gateways import NotNow, Outside, Refused, Taken
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.store.tables import Client, Notice
from helpspace.jobs import delivery
from tests import makers
from tests.jobs.world import World


def deliver(world: World) -> delivery.Report:
    return delivery.sweep(world.practice, world.outside, sender="d")


def booked(world: World) -> AppointmentView:
    """A session whose notices are the first that are due."""
    world.zoe, world.sam = world.therapist(), world.client()
    deliver(world)
    world.chat.sent.clear()
    return world.session(world.zoe, world.sam)


def states(world: World, channel: str | None = None) -> list[str]:
    found = [one for one in notices.notices(world.practice, makers.TEAM) if one.appointment_id]
    return [one.state for one in reversed(found) if channel in (None, one.channel)]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
def test_everybody_gets_what_a_booking_owes_them(world: World) -> None:
    """N1: both by mail, the client in the chat as well; once."""
    booked(world)
    assert deliver(world).did == 3
    assert sorted(str(one["To"]) for one in world.post.sent) == [
        "client1@example.org",
        "therapist1@example.org",
    ]
    assert [chat for chat, _, _ in world.chat.sent] == [7001]
    assert deliver(world).did == 0
    assert states(world) == ["sent"] * 3


@pytest.mark.parametrize(
    ("hour", "zone", "silent"),
    [(21, "Europe/London", True), (20, "Europe/London", False), (7, "Europe/London", True),
     (8, "Europe/London", False), (20, "Europe/Berlin", True), (8, "America/New_York", True)],
)  # fmt: skip
def test_n7_at_night_a_message_makes_no_sound(
    world: World, hour: int, zone: str, silent: bool
) -> None:
    """By the client's own clock; it is sent all the same."""
    session = booked(world)
    makers.set_row(world.practice, Client, world.sam.id, zone=zone)
    deliver(world)
    world.clock.move_to(makers.NOW + DAY + (hour - 9) * HOUR)
    world.chat.silent.clear()
    world.cancel(world.zoe, session.id)
    deliver(world)
    assert world.chat.silent == [silent]


def test_n2_the_reminder_of_the_day_is_heard_at_any_hour(world: World) -> None:
    world.zoe, world.sam = world.therapist(), world.client()
    world.session(world.zoe, world.sam, makers.SOON - 2 * HOUR)
    deliver(world)
    world.chat.silent.clear()
    world.clock.move_to(makers.SOON - 4 * HOUR)
    reminders.sweep(world.practice)
    deliver(world)
    assert world.chat.silent == [False]


def test_news_of_one_person_arrive_in_their_order(world: World) -> None:
    """N4: never "cancelled" before "booked", also after a failure."""
    session = booked(world)
    world.post.answer = lambda _message: NotNow("smtp_451")
    deliver(world)
    world.cancel(world.zoe, session.id)
    world.post.answer = lambda _message: Taken()
    deliver(world)
    assert world.post.sent == []
    world.clock.advance(10)
    deliver(world)
    for person in ("client1@", "therapist1@"):
        about = [s["Subject"] for s in world.post.sent if str(s["To"]).startswith(person)]
        assert len(about) == 2
        assert "booked" in about[0]
        assert "cancelled" in about[1]


def test_a_mail_server_that_is_away_does_not_hold_up_the_chat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N5; and the mails behind the first spend no try."""
    monkeypatch.setitem(delivery.WORKERS, "email", 1)
    booked(world)
    world.post.answer = lambda _message: NotNow("ConnectionRefusedError", down=True)
    report = deliver(world)
    assert (report.did, report.error) == (1, "email: ConnectionRefusedError")
    assert len(world.chat.sent) == 1
    mails = [row for row in world.rows(Notice) if row["channel"] == "email"]
    assert sorted(row["tries"] for row in mails) == [0, 1]


def test_a_chat_that_is_away_does_not_hold_up_the_mail(world: World) -> None:
    booked(world)
    world.chat.answer = lambda _chat: NotNow("connecterror", down=True)
    assert deliver(world).did == 2


def test_without_a_chat_its_notices_wait(world: World) -> None:
    """A process without a bot token leaves them to one that has it."""
    booked(world)
    world.outside = Outside(world.stripe, world.post, None)
    deliver(world)
    assert states(world, "telegram") == ["pending"]


def test_without_a_sender_nothing_is_sent(world: World) -> None:
    booked(world)
    object.__setattr__(world.practice.settings, "mail_from", None)
    assert deliver(world).error == "email: no_sender"
    assert world.post.sent == []


def test_who_has_blocked_the_bot_gets_mail_instead(world: World) -> None:
    """N7: marked, failed for good, and the mail is written if it was not owed anyway."""
    session = booked(world)
    deliver(world)
    with world.practice.change() as tx:
        tx.run(Client.update(by_email=0).where(Client.id == world.sam.id))
    world.chat.answer = lambda _chat: Refused("blocked", blocked=True)
    world.cancel(world.zoe, session.id)
    deliver(world)
    assert makers.row(world.practice, Client, world.sam.id)["chat_blocked_at"] is not None
    deliver(world)
    told = [(one.channel, one.state) for one in world.notices("cancelled", "client")]
    assert told == [("telegram", "failed"), ("email", "sent")]
    accounts.chat_blocked(world.practice, world.sam.id, blocked=False)


def test_a_refused_address_fails_for_good_and_is_shown(world: World) -> None:
    """N5: to the team, who can send it again."""
    booked(world)
    world.post.answer = lambda _message: Refused("smtp_550")
    deliver(world)
    failed = notices.notices(world.practice, makers.TEAM, state="failed")
    assert {one.error for one in failed} == {"smtp_550"}
    world.post.answer = lambda _message: Taken()
    for one in failed:
        notices.resend(world.practice, makers.TEAM, one.id)
    assert deliver(world).did == 2


def test_a_wait_that_was_asked_for_spends_no_try(world: World) -> None:
    """N7: 429 goes to the row."""
    booked(world)
    world.chat.answer = lambda _chat: NotNow("retry_after", wait=42)
    deliver(world)
    row = world.rows(Notice)[-2]
    assert (row["tries"], row["next_at"]) == (0, world.clock.now() + 42)


def test_the_last_try_is_the_last(world: World) -> None:
    """N5: with growing gaps, about three hours, then shown as failed."""
    booked(world)
    world.post.answer = lambda _message: NotNow("smtp_451")
    began = world.clock.now()
    for _ in range(notices.TRIES):
        deliver(world)
        world.clock.advance(HOUR)
    assert states(world, "email") == ["failed", "failed"]
    assert world.clock.now() - began == notices.TRIES * HOUR


def test_one_bad_notice_does_not_stop_the_others(world: World) -> None:
    """House: poison runs out by itself."""
    booked(world)
    with world.practice.change() as tx:
        tx.run(Notice.update(facts='{"by":"nobody"}').where(Notice.party == "therapist"))
    report = deliver(world)
    assert report.did == 2
    assert report.error == "email: fault:ValueError"


def test_a_late_reminder_is_never_sent(world: World) -> None:
    """N2: not after the start, whatever was down meanwhile."""
    session = booked(world)
    deliver(world)
    world.clock.move_to(session.start - HOUR)
    reminders.sweep(world.practice)
    world.clock.move_to(session.start)
    deliver(world)
    assert {one.state for one in world.notices("reminder")} == {"expired"}


def test_a_reminder_of_a_cancelled_session_is_dropped(world: World) -> None:
    """N2: re-read before sending."""
    session = booked(world)
    deliver(world)
    world.clock.move_to(session.start - HOUR)
    reminders.sweep(world.practice)
    world.cancel(world.zoe, session.id)
    deliver(world)
    assert {(one.state, one.error) for one in world.notices("reminder")} == {
        ("dropped", "cancelled")
    }
    assert not any("Today" in subject for subject in world.post.subjects)


def test_a_confirmed_address_gets_what_was_left_out(world: World) -> None:
    """N1: single use, that account only, then the full notices of what is ahead."""
    zoe, shy = world.therapist(), world.client(confirmed=False)
    world.session(zoe, shy)
    deliver(world)
    (short,) = [one for one in world.post.sent if one["To"] == "client1@example.org"]
    text = short.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Zoë" not in text
    token = text.partition("start=c_")[2].split()[0]
    stranger = makers.add_client(world.practice)
    for actor, given in ((stranger, token), (shy, "c" + token), (shy, "")):
        with pytest.raises(NotFound, match="not valid any more"):
            confirm.confirm_email(world.practice, actor, given)
    assert confirm.confirm_email(world.practice, shy, token)
    deliver(world)
    full = world.post.sent[-1]
    assert full["To"] == "client1@example.org"
    assert "Zoë" in full.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [one.state for one in world.notices("booked", "client")] == ["sent"] * 3


def test_confirming_before_the_first_mail_sends_it_once(world: World) -> None:
    """N1: the notice that still waits goes out in full; there is no second one."""
    zoe, shy = world.therapist(), world.client(confirmed=False)
    world.session(zoe, shy)
    assert world.confirm(shy)
    deliver(world)
    mails = [one for one in world.post.sent if one["To"] == "client1@example.org"]
    assert len(mails) == 1
    assert "Zoë" in mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_confirm_link_ends(world: World) -> None:
    shy = world.client(confirmed=False)
    token = confirm.make_token(world.practice, shy.id)
    world.clock.advance(confirm.LIFE)
    with pytest.raises(NotFound):
        confirm.confirm_email(world.practice, shy, token)


def test_a_dead_sender_is_taken_over_after_its_lease(world: World) -> None:
    """N5: at least once; the claim is counted before anything is sent."""
    booked(world)
    notices.claim(world.practice, "dead")
    assert deliver(world).did == 0
    world.clock.advance(notices.LEASE + MINUTE)
    assert deliver(world).did == 3


def test_connections_are_let_go_at_the_end(world: World) -> None:
    booked(world)
    deliver(world)
    assert world.post.rested >= 1


@pytest.mark.parametrize("setting", ["mail_from", "support_email"])
def test_a_sender_that_is_none_burns_no_notice(world: World, setting: str) -> None:
    """N5: it is ours to mend, and then everything goes out that was owed."""
    booked(world)
    right = world.practice
    wrong = replace(right.settings, **{setting: "Helpspace <hello@"})
    world.practice = replace(right, settings=wrong)
    for _ in range(2 * notices.TRIES):
        assert deliver(world).error == "email: bad_sender"
        world.clock.advance(HOUR)
    world.practice = right
    assert set(states(world, "email")) == {"pending"}
    assert deliver(world).did == 2
