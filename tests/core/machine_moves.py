"""What the machine's people do to sessions that are there: move, waive, miss, report, go away.

As in `machine.py`, what an act should do is said a second time, from the rows alone. The acts find
themselves mixed into the machine.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from helpspace.core import booking, time_off
from helpspace.core.actors import Actor
from helpspace.core.errors import BeingCharged, Busy, Changed, HelpspaceError, NotFound
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.policy import Party
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    Attempt,
    Bond,
    Claim,
    Client,
    Inbox,
    Intent,
    Ledger,
    Payment,
    TimeOff,
)
from tests.core.fake_stripe import AFTER, BEFORE, settle_all
from tests.core.invariants import LIVE, by_key, moved_terms
from tests.makers import NOW, all_rows, card_of, give_card, session

SEEN: Counter[str] = Counter()
"""What has happened in all runs together; the machine counts here too."""

REARRANGING = ["moves"] * 4 + ["waives"] * 2 + ["misses"] * 2 + ["reports"] * 2 + [
    "takes_time_off", "lifts_time_off", "books_a_series", "cancels_a_series",
]  # fmt: skip

LENGTH = 50 * MINUTE


class Rearranges:
    """Acts on sessions that are booked; mixed into `Machine`, whose words they use."""

    terms: dict[str, tuple[Any, ...]]

    def hangs(self: Any) -> None:
        """Let two sessions be booked whose charges are made, but never answered."""
        for number, client in enumerate(self.clients[:2]):
            give_card(self.practice, client, card_of(client))
            made = session(
                self.practice, self.therapists[0], client, NOW + (96 + 2 * number) * HOUR
            )
        self.clock.move_to(made.free_until + 60)
        self.stripe.faults.extend([None, AFTER, None, BEFORE])
        settle_all(self.practice, self.stripe)

    # What is in the way

    def offs(self: Any, therapist_id: str) -> list[tuple[int, int]]:
        """Return the therapist's time off in force."""
        found = all_rows(self.practice, TimeOff)
        mine = [one for one in found if one["therapist_id"] == therapist_id]
        return [(one["start_at"], one["end_at"]) for one in mine if one["lifted_at"] is None]

    def is_off(self: Any, therapist_id: str, start: int, length: int = LENGTH) -> bool:
        return any(s < start + length and e > start for s, e in self.offs(therapist_id))

    def clash(self: Any, therapist_id: str, start: int, length: int, besides: str = "") -> bool:
        """Say whether a session, a hold or time off of a therapist lies in a stretch of time."""
        now = self.now()
        return self.is_off(therapist_id, start, length) or any(
            c["therapist_id"] == therapist_id
            and c["id"] != besides
            and c["start_at"] < start + length
            and c["end_at"] > start
            and (c["state"] == "booked" or (c["state"] == "held" and c["hold_until"] > now))
            for c in all_rows(self.practice, Claim)
        )

    def paid(self: Any, about: str) -> int:
        rows = [row for row in all_rows(self.practice, Ledger) if row["appointment_id"] == about]
        return sum(row["amount"] * (1 if row["kind"] == "charge" else -1) for row in rows)

    def charge_in_doubt(self: Any, about: str) -> bool:
        mine = {
            i["id"]
            for i in all_rows(self.practice, Intent)
            if i["appointment_id"] == about and i["state"] == "open"
        }
        return any(
            a["outcome"] == "unknown"
            or (
                a["outcome"] == "approval"
                and a["ended_at"] is None
                and a["started_at"] > self.now() - 15 * MINUTE
            )
            for a in all_rows(self.practice, Attempt)
            if a["intent_id"] in mine
        )

    # Moving, by M10

    def moves(self: Any, who: int, which: int, how: int) -> None:
        there = self.sessions("booked") or self.sessions()
        if not there:
            return
        about = self.pick(there, who)
        asked_by = "client" if how % 2 else "therapist"
        start = self.pick(
            [
                about["start_at"] + 10 * MINUTE,
                about["start_at"] + DAY,
                about["start_at"] - 5 * HOUR,
                self.now() + HOUR,
                self.now() + 47 * HOUR,
                self.now() + 5 * DAY,
            ],
            which,
        )
        length = about["end_at"] - about["start_at"]
        actor = Actor.therapist(about["therapist_id"])
        if how == 9:
            actor = Actor.client(about["client_id"])
        now, paid = self.now(), self.paid(about["id"])
        waived = by_key(self.practice, Payment, "appointment_id")[about["id"]]["waived_at"]
        in_doubt = self.charge_in_doubt(about["id"])
        allowed = (
            how != 9
            and about["state"] == "booked"
            and now < about["start_at"]
            and start > now
            and start != about["start_at"]
            and not self.clash(about["therapist_id"], start, length, about["claim_id"])
        )
        try:
            plan = booking.plan_move(
                self.practice, actor, about["id"], start, asked_by=Party(asked_by)
            )
            made = booking.move(
                self.practice, actor, about["id"], start, asked_by=Party(asked_by), shown=plan.shown
            )
        except BeingCharged:
            assert in_doubt, "M10: refused without a charge in flight"
            SEEN["move while a charge is in flight"] += 1
            return
        except HelpspaceError:
            if allowed:
                raise
            return
        assert allowed, "M10: moved what may not move"
        assert not in_doubt, "M5: moved while a charge is in flight"
        held = paid > 0 and waived is None
        until, taken = moved_terms(about, asked_by, start, now, paid=held)
        row = by_key(self.practice, Appointment)[about["id"]]
        assert (row["free_until"], bool(row["taken"])) == (until, taken), "M10"
        assert (made.start, made.end) == (start, start + length), "M10"
        assert plan.free_until == until, "M4"
        self.note_moved(row)
        SEEN[f"moved by the {asked_by}"] += 1
        SEEN[f"moved by the {asked_by}, paid"] += held
        SEEN["moved onto its own time"] += abs(start - about["start_at"]) < length
        SEEN["moved into the window"] += start - now < 48 * HOUR
        SEEN["moved and locked"] += plan.locked

    def note_moved(self: Any, row: dict[str, Any]) -> None:
        """Take the new times as the terms that never change from here on."""
        self.terms[row["id"]] = self.terms_of(row)

    # After the session, by M9

    def waives(self: Any, who: int, which: int, how: int) -> None:
        there = self.sessions()
        if not there:
            return
        about = self.pick(there, which)
        payment = by_key(self.practice, Payment, "appointment_id")[about["id"]]
        actor = Actor.therapist(about["therapist_id"])
        late = about["state"] == "cancelled_by_client" and (
            about["cancelled_at"] > about["free_until"]
        )
        owed = about["state"] in LIVE or late
        allowed = about["fee"] > 0 and payment["waived_at"] is None and owed
        if how == 9:
            actor, allowed = Actor.therapist(self.therapists[who % 2].id), False
            if actor.id == about["therapist_id"]:
                return
        paid = self.paid(about["id"])
        if payment["status"] == "disputed" or how > 4:
            return
        try:
            done = booking.waive(self.practice, actor, about["id"])
        except HelpspaceError:
            assert not allowed
            return
        assert allowed, "M9"
        assert done.owed_pence == 0, "M9"
        SEEN["waived, paid" if paid else "waived, unpaid"] += 1

    def misses(self: Any, _who: int, which: int, _how: int) -> None:
        there = [a for a in self.sessions() if self.now() >= a["start_at"] - HOUR]
        if not there:
            return
        about = self.pick(there, which)
        now = self.now()
        allowed = (
            about["state"] in ("booked", "completed")
            and about["start_at"] <= now <= about["end_at"] + 7 * DAY
        )
        try:
            booking.no_show(self.practice, Actor.therapist(about["therapist_id"]), about["id"])
        except Busy:
            chat = by_key(self.practice, Client)[about["client_id"]]["chat_hash"]
            waiting = [u for u in all_rows(self.practice, Inbox) if u["state"] == "new"]
            assert chat in {u["person_hash"] for u in waiting}, "M2a"
        except HelpspaceError:
            assert not allowed
        else:
            assert allowed, "M9"
            SEEN[f"missed from {about['state']}"] += 1

    def reports(self: Any, _who: int, which: int, how: int) -> None:
        there = [a for a in self.sessions() if self.now() >= a["start_at"] - HOUR]
        if not there:
            return
        reported = by_key(self.practice, Absence, "appointment_id")
        open_ones = [a for a in there if a["id"] in reported and which % 2]
        about = self.pick(open_ones or there[::-1], which // 3)
        known = reported.get(about["id"])
        if known is not None:
            self.answers(about, known, how)
            return
        in_time = about["start_at"] <= self.now() <= about["end_at"] + DAY
        allowed = about["state"] in LIVE and in_time
        try:
            booking.report_absence(self.practice, Actor.client(about["client_id"]), about["id"])
        except HelpspaceError:
            assert not allowed
        else:
            assert allowed, "M9"
            SEEN["reported"] += 1

    def answers(self: Any, about: dict[str, Any], known: dict[str, Any], how: int) -> None:
        agreed = how % 2 > 0
        actor = Actor.team("ops") if how % 3 else Actor.therapist(about["therapist_id"])
        allowed = known["state"] == "reported" and (agreed or actor.role == "team")
        try:
            booking.answer_absence(
                self.practice, actor, about["id"], agreed=agreed, reason="we asked both"
            )
        except HelpspaceError:
            assert not allowed
        else:
            assert allowed, "M9"
            after = by_key(self.practice, Appointment)[about["id"]]
            assert after["state"] == about["state"], "M9: the state changed"
            SEEN["report agreed" if agreed else "report refused"] += 1

    # Time off, by C7

    def takes_time_off(self: Any, who: int, which: int, how: int) -> None:
        therapist = self.pick(self.therapists, who)
        start = (self.now() // HOUR + (1, 20, 40, 70)[which % 4]) * HOUR
        end = start + (HOUR, 8 * HOUR, 2 * DAY)[how % 3]
        there = any(s < end and e > start for s, e in self.offs(therapist.id))
        hit = {
            a["id"]
            for a in self.sessions("booked")
            if a["therapist_id"] == therapist.id
            and a["start_at"] < end
            and a["end_at"] > start
            and a["start_at"] > self.now()
        }
        try:
            plan = time_off.plan(self.practice, therapist, therapist.id, start, end)
            done = time_off.take(
                self.practice, therapist, therapist.id, start, end, cancel=how > 4, shown=plan
            )
        except HelpspaceError:
            assert there
            return
        assert not there, "C7"
        assert {one.appointment_id for one in plan.sessions} == hit, "C7: listed others"
        states = {a["id"]: a["state"] for a in self.sessions()}
        expected = "cancelled_by_therapist" if how > 4 else "booked"
        assert all(states[one] == expected for one in hit), "C7"
        SEEN["time off closed slots"] += bool(done.closed)
        SEEN["time off cancelled"] += bool(done.cancelled)
        SEEN["time off kept"] += bool(done.kept)

    def lifts_time_off(self: Any, _who: int, which: int, _how: int) -> None:
        there = [o for o in all_rows(self.practice, TimeOff) if o["lifted_at"] is None]
        if there:
            one = self.pick(there, which)
            time_off.lift(self.practice, Actor.therapist(one["therapist_id"]), one["id"])
            SEEN["time off lifted"] += 1

    # Series, by B8

    def books_a_series(self: Any, who: int, which: int, how: int) -> None:
        therapist, client = self.therapists[0], self.pick(self.clients, who)
        start = self.now() + self.pick([HOUR, 3 * DAY], which)
        if start + 7 * DAY >= NOW + 26 * DAY:
            return
        pair = (therapist.id, client.id)
        bonds = [
            b for b in all_rows(self.practice, Bond) if (b["therapist_id"], b["client_id"]) == pair
        ]
        live = [a for a in self.sessions(*LIVE) if (a["therapist_id"], a["client_id"]) == pair]
        known = bool(live) or any(b["invited_at"] for b in bonds)
        if any(b["ended_at"] for b in bonds):
            known = False
        people = (self.practice, therapist, therapist.id, client.id, start, 2)
        options = {"minutes": 50, "fee_pence": self.pick([30, 6000], how)}
        try:
            plan = booking.plan_series(*people, **options)
        except HelpspaceError:
            assert not known
            return
        assert known, "B2"
        free = {
            start + n * 7 * DAY
            for n in range(2)
            if not self.clash(therapist.id, start + n * 7 * DAY, LENGTH)
        }
        assert set(plan.free) == free, "B8"  # no clock change before late March
        if not free:
            return
        try:
            made = booking.book_series(*people, accept=plan.free, shown=plan, **options)
        except Changed:
            raise AssertionError("B8: nothing has changed in between") from None
        assert {one.start for one in made} == free, "B8"
        SEEN["series"] += len(made) > 1
        SEEN["series with a clash"] += len(made) == 1

    def cancels_a_series(self: Any, who: int, which: int, how: int) -> None:
        there = [a for a in self.sessions() if a["series"]]
        if not there:
            return
        about = self.pick(there, which)
        actor = Actor.client(about["client_id"])
        if who % 2:
            actor = Actor.therapist(about["therapist_id"])
        allowed = about["state"] == "booked" and self.now() < about["start_at"]
        if how == 9:
            actor, allowed = Actor.client("aaaaaaaaaaaa"), False
        later = {
            a["id"]
            for a in self.sessions("booked")
            if a["series"] == about["series"] and a["start_at"] >= about["start_at"]
        }
        try:
            shown = booking.plan_cancel_series(self.practice, actor, about["id"])
            booking.cancel_series(self.practice, actor, about["id"], shown=shown)
        except NotFound:
            assert how == 9, "A1"
        except HelpspaceError:
            assert not allowed
        else:
            assert allowed
            assert {one.appointment_id for one in shown} == later, "B8"
            SEEN["series cancelled"] += len(later) > 1
