"""My sessions: what they show, series, telling that nobody came, asking for another time (K1)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointment
from helpspace.core.moments import DAY, HOUR
from helpspace.core.policy import Party
from helpspace.core.store.tables import Absence, Ledger, MoveRequest, Notice
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@dataclass
class Two:
    """A client with a phone, and their therapist."""

    scene: Scene
    zoe: Actor
    sam: Actor
    phone: Phone

    def session(self, start: int = makers.SOON) -> AppointmentView:
        return makers.follow_up(self.scene.practice, self.zoe, self.sam, start)

    def series(self, weeks: int, start: int = makers.SOON) -> tuple[AppointmentView, ...]:
        practice = self.scene.practice
        plan = booking.plan_series(practice, self.zoe, self.zoe.id, self.sam.id, start, weeks)
        return booking.book_series(
            practice, self.zoe, self.zoe.id, self.sam.id, start, weeks, accept=plan.free
        )

    def seen(self, one: AppointmentView) -> AppointmentView:
        return appointment(self.scene.practice, self.sam, one.id)

    def told(self, event: str) -> list[tuple[str, str]]:
        rows = makers.all_rows(self.scene.practice, Notice)
        return [(row["party"], row["channel"]) for row in rows if row["event"] == event]

    def pays(self, one: AppointmentView) -> None:
        with self.scene.practice.change() as tx:
            tx.insert(
                Ledger, at=tx.now, appointment_id=one.id, therapist_id=one.therapist_id,
                client_id=one.client_id, kind="charge", amount=6000, commission=0,
                stripe_id=f"pi_{one.id}",
            )  # fmt: skip


@pytest.fixture
def two(scene: Scene) -> Two:
    zoe = makers.add_therapist(scene.practice)
    phone = scene.phone()
    sam = makers.add_client(scene.practice, chat=phone.user.id)
    makers.acquaint(scene.practice, zoe, sam)
    return Two(scene, zoe, sam, phone)


def test_k1_the_hour_that_comes_twice_says_which_one(two: Two) -> None:
    """C5: 01:30 on 25 October 2026 comes twice in London."""
    one = two.session(1_792_891_800)

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{one.id}")
        assert "Sun 25 Oct 01:30 GMT–02:20" in two.phone.last.text

    two.scene.play(act)


@BOTH
def test_b8_this_one_or_this_and_the_later_ones(two: Two) -> None:
    """Two taps, and the button says what the whole of it costs; exactly those are cancelled."""
    first, second, third = two.series(3)
    # The first one's time to cancel free of charge has passed.
    two.scene.clock.move_to(first.free_until + HOUR)

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{second.id}")
        await s.tap(two.phone, "Cancel this session")
        assert "Yes, only this one · free" in two.phone.last.labels()
        assert "This and 1 later · free" in two.phone.last.labels()
        await s.press(two.phone, f"a:{first.id}")
        await s.tap(two.phone, "Cancel this session")
        assert "Yes, only this one · pay £60" in two.phone.last.labels()
        assert "Fri 13 Mar 09:00: free" in two.phone.last.text
        await s.tap(two.phone, "This and 2 later · pay £60")
        assert two.phone.last.text.startswith("Your sessions are cancelled")
        assert "Fri 6 Mar 09:00: £60 is charged to your card." in two.phone.last.text
        assert "Fri 20 Mar 09:00: Nothing is charged." in two.phone.last.text

    two.scene.play(act)
    states = {two.seen(one).state for one in (first, second, third)}
    assert states == {"cancelled_by_client"}
    assert [two.seen(one).owed_pence for one in (first, second, third)] == [6000, 0, 0]


def test_m4_a_button_on_a_series_that_is_no_longer_so_cancels_nothing(two: Two) -> None:
    """Computed again at commit: one more paid hour, or one session less, and it is shown again."""
    first, second = two.series(2)

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{first.id}")
        await s.tap(two.phone, "Cancel this session")
        s.clock.move_to(first.free_until + 1)
        await s.tap(two.phone, "This and 1 later · free")
        assert "What cancelling means has changed since you looked" in two.phone.last.text
        assert "This and 1 later · pay £60" in two.phone.last.labels()
        booking.cancel(s.practice, two.zoe, second.id)
        await s.tap(two.phone, "This and 1 later")
        assert "has changed since you looked. Nothing was done." in two.phone.last.text

    two.scene.play(act)
    assert two.seen(first).state == "booked"


def test_b8_only_this_one_leaves_the_others(two: Two) -> None:
    first, second = two.series(2)

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{first.id}")
        await s.tap(two.phone, "Cancel this session")
        await s.tap(two.phone, "Yes, only this one · free")

    two.scene.play(act)
    assert [two.seen(one).state for one in (first, second)] == ["cancelled_by_client", "booked"]


def test_m9_my_therapist_did_not_come(two: Two) -> None:
    """From the start until 24 h after the end, once; then what came of it is shown."""
    one = two.session()

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{one.id}")
        assert "My counsellor did not come" not in two.phone.last.labels()
        s.clock.move_to(one.start + 600)
        await s.start(two.phone, f"a_{one.id}")
        await s.tap(two.phone, "My counsellor did not come")
        assert two.told("absence_reported") == []
        yes = two.phone.last
        for _ in range(2):
            two.phone.tap("Yes, they did not come", message_id=yes.message_id)
        await s.settle()
        await s.tap(two.phone, "The session")
        assert "The session" not in two.phone.last.labels()
        assert "You told us on Fri 6 Mar 09:10 that" in two.phone.last.text
        assert "My counsellor did not come" not in two.phone.last.labels()
        booking.answer_absence(
            s.practice, makers.TEAM, one.id, agreed=False, reason="Both were there"
        )
        await s.start(two.phone, f"a_{one.id}")
        assert "The team came to another view: Both were there" in two.phone.last.text

    two.scene.play(act)
    assert two.told("absence_reported") == [("therapist", "email"), ("team", "email")]
    assert len(makers.all_rows(two.scene.practice, Absence)) == 1


def test_m9_too_late_to_report(two: Two) -> None:
    one = two.session()

    async def act(s: Scene) -> None:
        s.clock.move_to(one.end + DAY + 1)
        await s.start(two.phone, f"a_{one.id}")
        assert "My counsellor did not come" not in two.phone.last.labels()
        await s.press(two.phone, f"1:absented:{one.id}")
        assert "That can be reported from the start" in two.phone.last.text

    two.scene.play(act)
    assert makers.all_rows(two.scene.practice, Absence) == []


@BOTH
def test_b2_asking_for_another_time_moves_nothing(two: Two) -> None:
    """It goes to the therapist, once until it is answered; what became of it is shown."""
    one = two.session()
    before = makers.appointment_of(two.scene.practice, one.id)

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{one.id}")
        await s.tap(two.phone, "Ask for another time")
        assert two.told("move_asked") == []
        ask = two.phone.last
        for _ in range(2):
            two.phone.tap("Yes, ask for another time", message_id=ask.message_id)
        await s.settle()
        assert two.told("move_asked") == [("therapist", "email")]
        assert makers.appointment_of(s.practice, one.id) == before
        await s.press(two.phone, f"a:{one.id}")
        assert "You asked on Mon 2 Mar 09:00 for another time." in two.phone.last.text
        assert "Ask for another time" not in two.phone.last.labels()
        s.clock.advance(HOUR)
        booking.refuse_move(s.practice, two.zoe, one.id)
        await s.start(two.phone, f"a_{one.id}")
        assert "the session stays as it is" in two.phone.last.text
        await s.tap(two.phone, "Ask for another time")
        await s.tap(two.phone, "Yes, ask")
        s.clock.advance(HOUR)
        booking.move(s.practice, two.zoe, one.id, makers.SOON + DAY, asked_by=Party.CLIENT)
        await s.start(two.phone, f"a_{one.id}")
        assert "for another time, and the session was moved." in two.phone.last.text

    two.scene.play(act)
    assert two.told("move_asked") == [("therapist", "email")] * 2
    assert sorted(two.told("move_refused")) == [("client", "email"), ("client", "telegram")]


def test_a1_only_its_own_client_asks_and_its_own_therapist_answers(two: Two) -> None:
    """Who may not see it hears what they would hear of a session that does not exist."""
    practice, one = two.scene.practice, two.session()
    other = makers.add_client(practice, "Kim")
    rival = makers.add_therapist(practice, "Ann")
    heard = []
    for named in (one.id, "aaaaaaaaaaaa"):
        for act in (
            lambda named=named: booking.ask_to_move(practice, other, named),
            lambda named=named: booking.move_request(practice, other, named),
            lambda named=named: booking.refuse_move(practice, rival, named),
        ):
            with pytest.raises(Exception, match="There is no such entry") as refused:
                act()
            heard.append(str(refused.value))
    assert len(set(heard)) == 1
    assert makers.all_rows(practice, MoveRequest) == []


def test_b2_nothing_is_asked_after_the_start_or_of_a_cancelled_session(two: Two) -> None:
    practice, one, gone = two.scene.practice, two.session(), two.session(makers.SOON + DAY)
    booking.cancel(practice, two.sam, gone.id)
    two.scene.clock.move_to(one.start)
    for session in (one, gone):
        with pytest.raises(Exception, match="can no longer be moved"):
            booking.ask_to_move(practice, two.sam, session.id)
    # Received in time, handled late: it is as of then (M2a).
    assert booking.ask_to_move(practice, two.sam, one.id, at=one.start - 1).state == "over"


def test_k1_a_receipt_as_text_and_as_a_file(two: Two) -> None:
    one = two.session()
    two.pays(one)

    async def act(s: Scene) -> None:
        await s.start(two.phone)
        await s.tap(two.phone, "My sessions")
        await s.tap(two.phone, "Receipts")
        await s.tap(two.phone, "£60 · Fri 6 Mar")
        shown = next(bubble for bubble in reversed(two.phone.messages) if bubble.buttons)
        assert shown.text.startswith("Receipt ")
        assert "Paid in all: £60.00" in shown.text
        [call] = s.sandbox.calls_of("sendDocument")
        assert "receipt.html" in str(call.params)
        # Looking elsewhere and going on sends no second file.
        await s.write(two.phone, "hello")
        assert len(s.sandbox.calls_of("sendDocument")) == 1

    two.scene.play(act)


def test_k1_no_receipt_where_nothing_was_paid(two: Two) -> None:
    one = two.session()

    async def act(s: Scene) -> None:
        await s.start(two.phone, f"a_{one.id}")
        assert "Receipt" not in two.phone.last.labels()
        await s.press(two.phone, f"1:receipt:{one.id}")
        assert "There is no receipt for this session" in two.phone.last.text

    two.scene.play(act)


def test_k1_earlier_sessions_the_latest_first(two: Two) -> None:
    one, gone = two.session(), two.session(makers.SOON + 3 * DAY)
    booking.cancel(two.scene.practice, two.sam, gone.id)
    two.scene.clock.move_to(one.end + HOUR)

    async def act(s: Scene) -> None:
        await s.start(two.phone)
        await s.tap(two.phone, "My sessions")
        assert "You have no sessions ahead." in two.phone.last.text
        await s.tap(two.phone, "Earlier")
        assert two.phone.last.labels()[:2] == [
            "Mon 9 Mar 09:00 · Zoë O'Brien · cancelled",
            "Fri 6 Mar 09:00 · Zoë O'Brien",
        ]
        await s.tap(two.phone, "Mon 9 Mar")
        assert "You have cancelled this session." in two.phone.last.text

    two.scene.play(act)
