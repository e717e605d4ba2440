"""Me: how one is told, one's data, leaving, letters to the team, invitations (K4, N1, N6, B2)."""

from __future__ import annotations

import json

import pytest

from helpspace.core import accounts, booking, confirm, invitations, links, tickets
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.moments import DAY
from helpspace.core.store.tables import (
    Appointment,
    Bond,
    Client,
    Dialogue,
    Inbox,
    Notice,
    Ticket,
)
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

UNKNOWN = "aaaaaaaaaaaa"


@pytest.fixture
def zoe(scene: Scene) -> Actor:
    links.remember_bot(scene.practice, "HelpspaceBot")
    return makers.add_therapist(scene.practice)


@pytest.fixture
def sam(scene: Scene) -> Actor:
    return makers.add_client(scene.practice, "Sam", "sam@example.org", 501)


def row_of(scene: Scene, client: Actor) -> dict[str, object]:
    return makers.row(scene.practice, Client, client.id)


def lasting(scene: Scene) -> dict[str, object]:
    kept = makers.snapshot(scene.practice)
    return {name: rows for name, rows in kept.items() if name not in ("inbox", "dialogue")}


def files_of(phone: Phone) -> dict[str, bytes]:
    return {
        one.document.name: one.document.data for one in phone.messages if one.document is not None
    }


def test_settings_by_buttons(scene: Scene, zoe: Actor, sam: Actor) -> None:
    """K3a, N6: zone, ways and wording."""
    makers.session(scene.practice, zoe, sam)
    confirm.confirm_email(scene.practice, sam, confirm.make_token(scene.practice, sam.id))

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.tap(phone, "Me")
        assert "Times: UK time" in phone.last.text
        assert "Messages here: without names" in phone.last.text
        for label in ("Time zone", "Next", "Next", "New York"):
            await s.tap(phone, label)
        assert "Times: New York time" in phone.last.text
        await s.tap(phone, "E-mail only")
        await s.tap(phone, "Show names")
        assert "Notices: e-mail only" in phone.last.text
        assert "Messages here: with names" in phone.last.text

    scene.play(act)
    row = row_of(scene, sam)
    assert (row["zone"], row["by_email"], row["by_chat"], row["discreet"]) == (
        "America/New_York", 1, 0, 0,
    )  # fmt: skip


def test_n1_mail_only_needs_a_confirmed_address(scene: Scene, sam: Actor) -> None:
    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.press(phone, "1:told:1")
        assert "Your e-mail address is not confirmed" in phone.last.text
        # The nearest useful screen is the one where it is mended.
        assert "✓ Chat and e-mail" in phone.last.labels()
        await s.tap(phone, "My e-mail")
        assert "not confirmed yet: write it once more to get a new link" in phone.last.text

    scene.play(act)
    assert row_of(scene, sam)["by_chat"] == 1


def test_n1_a_new_address_is_confirmed_by_a_link(scene: Scene, sam: Actor) -> None:
    confirm.confirm_email(scene.practice, sam, confirm.make_token(scene.practice, sam.id))

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.tap(phone, "Me")
        await s.tap(phone, "My e-mail")
        await s.write(phone, "no address")
        assert "That is no e-mail address" in phone.last.text
        await s.write(phone, "new@example.org")
        assert "new@example.org (not confirmed yet)" in phone.last.text

    scene.play(act)
    told = [
        row for row in makers.all_rows(scene.practice, Notice) if row["event"] == "confirm_email"
    ]
    assert [(row["channel"], row["facts"]) for row in told] == [("email", "{}")]
    assert scene.nudges == ["delivery"]


def test_k4_my_data_comes_as_two_files(scene: Scene, zoe: Actor, sam: Actor) -> None:
    booked = makers.session(scene.practice, zoe, sam)
    makers.add_client(scene.practice, "Kim", "kim@example.org", 502)

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.write(phone, "/mydata")
        found = files_of(phone)
        assert set(found) == {"my-data.html", "my-data.json"}
        held = json.loads(found["my-data.json"])
        assert held["about"]["email"] == "sam@example.org"
        assert [one["id"] for one in held["appointments"]] == [booked.id]
        assert b"kim" not in found["my-data.json"] + found["my-data.html"]
        page = found["my-data.html"].decode()
        assert "<h3>Fri 6 Mar 09:00 · Zoë O&#x27;Brien</h3>" in page
        assert "<dt>fee</dt><dd>£60</dd>" in page
        assert "Times: UK time." in page
        # It is read on phones: no row has more than a moment and what is said of it.
        assert all(row.count("<td>") == 2 for row in page.split("<tr>")[1:])
        for one in phone.messages:
            for stem in ("counsel", "therap", "psych", "mental"):
                assert one.document is None or stem not in one.document.name
        assert phone.last.text.startswith("Here is everything")

    scene.play(act)


def test_k4_forgetting_shows_first_and_asks_again_when_it_changed(
    scene: Scene, zoe: Actor, sam: Actor
) -> None:
    booked = makers.session(scene.practice, zoe, sam)

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.write(phone, "/forget")
        assert "Fri 6 Mar 09:00: free" in phone.last.text
        assert makers.row(s.practice, Appointment, booked.id)["state"] == "booked"
        s.clock.move_to(booked.free_until + 1)
        await s.tap(phone, "Yes, forget me · free")
        assert "has changed since you looked. Nothing was done." in phone.last.text
        assert "the fee of £60 is due" in phone.last.text
        await s.tap(phone, "Yes, forget me · pay £60")
        assert phone.last.text.startswith("Goodbye")
        await s.write(phone, "/sessions")
        assert "If you agree, we keep" in phone.last.text

    scene.play(act)
    assert makers.row(scene.practice, Appointment, booked.id)["state"] == "cancelled_by_client"
    assert row_of(scene, sam)["erased_at"] is not None
    assert not makers.all_rows(scene.practice, Dialogue)
    assert not [row for row in makers.all_rows(scene.practice, Inbox) if row["sealed"]]
    assert "erasures" in scene.nudges


def test_a1_a_forged_mark_forgets_nobody(scene: Scene, zoe: Actor, sam: Actor) -> None:
    makers.session(scene.practice, zoe, sam)

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        before = lasting(s)
        await s.press(phone, "1:forgotten:000000000000")
        assert phone.last.text.startswith("What forgetting you means has changed")
        assert lasting(s) == before

    scene.play(act)


def test_after_leaving_every_button_is_a_strangers(scene: Scene, zoe: Actor, sam: Actor) -> None:
    """ "Done when" 2: after erasure nothing changes, and nothing of before is shown."""
    booked = makers.session(scene.practice, zoe, sam)

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.write(phone, "/forget")
        await s.tap(phone, "Yes, forget me")
        before = lasting(s)
        own = (f"a:{booked.id}", f"1:cancel:{booked.id}")
        for data in ("1:me", "1:mydata", "1:forget", "t", "1:mine:0", "1:partners", *own):
            await s.press(phone, data)
            assert "If you agree, we keep" in phone.last.text
        assert lasting(s) == before

    scene.play(act)


def test_b2_ending_the_work_with_somebody(scene: Scene, zoe: Actor, sam: Actor) -> None:
    booked = makers.session(scene.practice, zoe, sam)

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        for label in ("Me", "Who may book", "End with Zoë", "Yes, end with"):
            await s.tap(phone, label)
        assert "can book nothing new for you" in phone.last.text
        assert "Nobody may." in phone.last.text

    scene.play(act)
    assert makers.row(scene.practice, Appointment, booked.id)["state"] == "booked"
    with pytest.raises(Exception, match="cannot book"):
        makers.follow_up(scene.practice, zoe, sam, makers.SOON + DAY)


@pytest.mark.parametrize("verb", ["part", "parted"])
def test_a1_a_therapist_one_does_not_work_with_is_like_none(
    scene: Scene, zoe: Actor, sam: Actor, verb: str
) -> None:
    async def act(s: Scene) -> None:
        phone = s.phone()
        seen = []
        before = lasting(s)
        for wanted in (zoe.id, UNKNOWN):
            await s.start(phone)
            await s.press(phone, f"1:{verb}:{wanted}")
            seen.append((phone.last.text, phone.last.buttons))
        assert seen[0] == seen[1]
        assert lasting(s) == before

    scene.play(act)


def test_writing_to_the_team_and_the_answer(scene: Scene, sam: Actor) -> None:
    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.tap(phone, "Me")
        await s.tap(phone, "Complain")
        assert "within 30 days" in phone.last.text
        await s.write(phone, "The charge\nlooks wrong to me.")
        assert "Your message has reached the team." in phone.last.text
        await s.write(phone, "and another thing")
        assert len(makers.all_rows(s.practice, Ticket)) == 1
        [one] = tickets.tickets(s.practice, makers.TEAM)
        assert (one.kind, one.text, one.answer_by) == (
            "complaint", "The charge\nlooks wrong to me.", makers.NOW + 30 * DAY,
        )  # fmt: skip
        tickets.answer(s.practice, makers.TEAM, one.id, "We have put it right.")
        with pytest.raises(Exception, match="answered already"):
            tickets.answer(s.practice, makers.TEAM, one.id, "Twice.")
        await s.press(phone, "t")
        await s.tap(phone, "Mon 2 Mar 09:00 · answered")
        assert "We have put it right." in phone.last.text

    scene.play(act)
    told = [
        row for row in makers.all_rows(scene.practice, Notice) if row["event"] == "ticket_answered"
    ]
    assert [row["channel"] for row in told] == ["telegram"]
    # The team hears of the letter in its own commit, by mail, with its id only (N5, N6).
    [mail] = [
        row for row in makers.all_rows(scene.practice, Notice) if row["event"] == "ticket_written"
    ]
    assert (mail["party"], mail["channel"]) == ("team", "email")
    assert set(json.loads(mail["facts"])) == {"ticket"}
    assert "right" not in str(makers.snapshot(scene.practice))


def test_k3_words_of_a_crisis_are_answered_and_not_kept(scene: Scene, sam: Actor) -> None:
    """K3: also where text is asked for."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        await s.press(phone, "1:write:q")
        await s.write(phone, "I want to kill myself")
        assert any("116 123" in one.text for one in phone.messages[-2:])
        assert not makers.all_rows(s.practice, Ticket)

    scene.play(act)


def test_a1_another_ones_letter_is_like_none(scene: Scene, sam: Actor) -> None:
    made = tickets.write(scene.practice, sam, "question", "Hello?")
    kim = makers.add_client(scene.practice, "Kim", chat=502)

    async def act(s: Scene) -> None:
        phone = s.phone(502, "Kim")
        seen = []
        for wanted in (made.id, UNKNOWN):
            await s.start(phone)
            await s.press(phone, f"1:ticket:{wanted}")
            seen.append((phone.last.text, phone.last.buttons))
        assert seen[0] == seen[1]

    scene.play(act)
    with pytest.raises(NotFound):
        tickets.ticket(scene.practice, kim, made.id)


def test_only_a_few_letters_wait(scene: Scene, sam: Actor) -> None:
    for _ in range(tickets.MOST_OPEN):
        tickets.write(scene.practice, sam, "question", "Hello?")
    with pytest.raises(Invalid):
        tickets.write(scene.practice, sam, "question", "Hello?")
    with pytest.raises(Invalid):
        tickets.write(scene.practice, sam, "question", "\u200b \n")


def test_b2_an_invitation_is_accepted_once(scene: Scene, zoe: Actor) -> None:
    """B2, B4: from consent to "may book for me", with a name asked for on the way."""
    made = invitations.invite(scene.practice, zoe)
    assert made.link is not None
    payload = made.link.partition("?start=")[2]

    async def act(s: Scene) -> None:
        phone = s.phone(503, "Alex")
        await s.start(phone, payload)
        await s.tap(phone, "I agree")
        assert "What should your counsellor call you?" in phone.last.text
        await s.write(phone, "Alex")
        assert "Zoë O'Brien invites you" in phone.last.text
        assert not makers.all_rows(s.practice, Bond)
        await s.tap(phone, "Accept")
        assert "Zoë O'Brien may book sessions for you now." in phone.last.text
        other = s.phone(504, "Kim")
        await s.start(other, payload)
        await s.tap(other, "I agree")
        assert "That invitation is not valid any more" in other.last.text

    scene.play(act)
    client = accounts.client_of_chat(scene.practice, 503)
    assert client is not None
    row = makers.row(scene.practice, Client, client)
    assert row["terms_at"] == makers.NOW
    alex = Actor.client(client)
    assert makers.follow_up(scene.practice, zoe, alex, makers.SOON).kind == "follow_up"
    assert payload[2:] not in str(makers.snapshot(scene.practice))


def test_invitations_are_listed_and_taken_back(scene: Scene, zoe: Actor, sam: Actor) -> None:
    other = makers.add_therapist(scene.practice, "Other")
    made = invitations.invite(scene.practice, zoe)
    token = str(made.link).partition("i_")[2]
    assert [one.id for one in invitations.invitations(scene.practice, zoe)] == [made.id]
    assert invitations.invitations(scene.practice, other) == []
    with pytest.raises(NotFound):
        invitations.revoke(scene.practice, other, made.id)
    assert invitations.inviter(scene.practice, sam, token).therapist_id == zoe.id
    invitations.revoke(scene.practice, zoe, made.id)
    for wanted in (token, "a" * 26, ""):
        with pytest.raises(NotFound):
            invitations.accept(scene.practice, sam, wanted)
    late = str(invitations.invite(scene.practice, zoe).link).partition("i_")[2]
    scene.clock.advance(invitations.LIFE)
    with pytest.raises(NotFound):
        invitations.accept(scene.practice, sam, late)


def test_b2_a_new_invitation_takes_an_end_back(scene: Scene, zoe: Actor, sam: Actor) -> None:
    makers.session(scene.practice, zoe, sam)
    booking.end_relationship(scene.practice, sam, zoe.id)
    token = str(invitations.invite(scene.practice, zoe).link).partition("i_")[2]
    invitations.accept(scene.practice, sam, token)
    assert makers.follow_up(scene.practice, zoe, sam, makers.SOON + DAY).kind == "follow_up"
