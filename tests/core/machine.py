"""A machine that lives through anything: people, two workers, faults, and a clock that jumps.

Every rule is one thing somebody does; between any two of them the invariants of `invariants.py`
are asked. What an act should do is said a second time here, in the words of the rules and from the
rows alone, and must agree. At the end the world comes to rest and is asked once more.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from helpspace.core import (
    booking,
    calendar,
    cards,
    holds,
    inbox,
    matching,
    notices,
    policy,
    profiles,
    reminders,
)
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import CannotBeBooked, HelpspaceError, NotFound, Overlap
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import paying, settle
from helpspace.core.payments.settle import Task
from helpspace.core.payments.steps import Answer, ConfirmIntent, Step
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Appointment,
    Bond,
    CardRequest,
    Claim,
    Client,
    Inbox,
    Notice,
    Payment,
    Reminder,
    Therapist,
)
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import (
    AFTER,
    BEFORE,
    BUSY,
    SAVED,
    FakeStripe,
    come_to_rest,
    next_turn,
    settle_all,
)
from tests.core.invariants import (
    LIVE,
    always_bookings,
    always_money,
    always_notices,
    by_key,
    settled_money,
)
from tests.core.machine_moves import REARRANGING, SEEN, Rearranges
from tests.makers import (
    NOW,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    card_of,
    give_card,
    open_page,
    practice_at,
    session,
    set_row,
)

STRANGER = "aaaaaaaaaaaa"

number = st.integers(0, 9)

ACTS = (
    ["opens_slots"] * 2 + ["closes_a_slot"] + ["things_change"] + ["books"] * 5
    + ["completes_a_page"] * 3 + ["books_a_follow_up"] * 2 + ["cancels"] * 4 + ["updates"] * 2
    + ["banks_decide"] * 2 + ["works"] * 7 + ["delivers"] * 2 + ["time_jumps"] * 4
    + ["time_passes"] * 2
)  # fmt: skip
"""What may happen next, by weight: one rule draws from here, since Hypothesis would switch whole
rules off in most runs."""

OWING = (
    ["taps"] * 6 + ["answers_the_bank"] * 3 + ["banks_decide"] * 2 + ["works"] * 4
    + ["cancels", "updates", "things_change", "time_jumps"] + ["time_passes"] * 3
)  # fmt: skip
"""What may happen where a fee is unpaid."""

MOVING = (
    REARRANGING * 2 + ["books"] * 3 + ["opens_slots"] * 2 + ["books_a_follow_up"] * 3
    + ["works"] * 8 + ["time_jumps"] * 5 + ["time_passes"] * 2 + ["cancels", "updates"]
    + ["banks_decide", "completes_a_page", "delivers"]
)  # fmt: skip
"""What may happen where sessions are moved, missed and waived."""


class Worker:
    """One that settles, one move at a time, and may die at any of them."""

    def __init__(self, practice: Practice, name: str) -> None:
        self.practice = practice
        self.name = name
        self.lives = 0
        self.tasks: list[Task] = []
        self.step: Step | None = None
        self.answer: Answer | None = None

    def die(self) -> None:
        self.lives += 1
        self.tasks, self.step, self.answer = [], None, None


class Machine(Rearranges, RuleBasedStateMachine):
    """Two therapists, three clients, one Stripe, and everything that can happen to them."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.clock = MovableClock(NOW)
        self.practice = practice_at(url, self.clock)
        self.stripe = FakeStripe(self.clock.now)
        self.therapists = [
            add_therapist(self.practice, notice_s=2 * HOUR),
            add_therapist(self.practice, notice_s=DAY, initial_fee=0),
        ]
        self.clients = [
            add_client(self.practice, chat=7001),
            add_client(self.practice, chat=7002, card=False),
            add_client(self.practice, chat=7003, card=False),
        ]
        acquaint(self.practice, self.therapists[0], self.clients[0])
        second = practice_at(url, self.clock, seed=1)
        self.workers = [Worker(self.practice, "a"), Worker(second, "b")]
        self.tapper = Worker(self.practice, "t")
        self.page: str | None = None
        self.pages: list[str] = []
        self.terms: dict[str, tuple[Any, ...]] = {}
        self.states: dict[str, str] = {}
        self.last_update = 0
        self.steps = 0
        self.deliveries: Counter[int] = Counter()
        self.ambiguous: Counter[int] = Counter()
        self.order: dict[tuple[str, str], int] = {}

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            for worker in self.workers:
                worker.practice.store.close()

    @rule(
        act=st.sampled_from([*ACTS, "taps", "taps", "answers_the_bank", *REARRANGING]),
        who=number,
        which=number,
        how=number,
    )
    def somebody_acts(self, act: str, who: int, which: int, how: int) -> None:
        getattr(self, act)(who, which, how)

    def falls_behind(self, how: str) -> None:
        """Let two sessions be booked whose fees then cannot be taken, for how the bank answers."""
        for therapist, client in ((0, 0), (0, 1)):
            give_card(self.practice, self.clients[client], card_of(self.clients[client]))
            start = NOW + 4 * DAY + 2 * client * HOUR
            made = session(self.practice, self.therapists[therapist], self.clients[client], start)
            self.stripe.cards[card_of(self.clients[client]).method] = how
        self.clock.move_to(made.free_until + 60)
        settle_all(self.practice, self.stripe)

    def walk(self, seed: int, steps: int, acts: list[str] = ACTS) -> None:
        """Let chance act instead of Hypothesis: evenly, and always the same for a seed."""
        chance = random.Random(seed)
        for _ in range(steps):
            draws = (chance.randrange(10) for _ in range(3))
            getattr(self, chance.choice(acts))(*draws)
            self.always()

    # What there is

    def now(self) -> int:
        return self.practice.now()

    def pick(self, things: list[Any], which: int) -> Any:
        return things[which % len(things)]

    def claims(self, *states: str, purpose: str = "slot") -> list[dict[str, Any]]:
        found = all_rows(self.practice, Claim)
        return [c for c in found if c["purpose"] == purpose and c["state"] in states]

    def sessions(self, *states: str) -> list[dict[str, Any]]:
        found = all_rows(self.practice, Appointment)
        return [a for a in found if not states or a["state"] in states]

    # The calendar

    def opens_slots(self, who: int, which: int, how: int) -> None:
        days, hour, weeks = which % 5, how % 4, 1 + how % 2
        therapist = self.pick(self.therapists, who)
        start = (self.now() // HOUR + 1 + 24 * days + 3 * hour) * HOUR
        taken = [
            c
            for c in all_rows(self.practice, Claim)
            if c["therapist_id"] == therapist.id and c["state"] != "closed"
        ]
        starts = [start + n * 7 * DAY for n in range(weeks)]  # no clock change before late March
        clash = any(c["start_at"] < s + 3000 and c["end_at"] > s for c in taken for s in starts)
        clash = clash or any(self.is_off(therapist.id, at) for at in starts)
        if any(s >= NOW + 26 * DAY for s in starts):
            return
        try:
            calendar.open_slots(self.practice, therapist, therapist.id, start, weeks=weeks)
        except Overlap:
            assert clash
        else:
            assert not clash

    def closes_a_slot(self, _who: int, which: int, _how: int) -> None:
        there = self.claims("open", "held", "booked")
        if not there:
            return
        slot = self.pick(there, which)
        allowed = slot["state"] == "open" or (
            slot["state"] == "held" and slot["hold_until"] <= self.now()
        )
        owner = Actor.therapist(slot["therapist_id"])
        try:
            calendar.close_slot(self.practice, owner, slot["id"])
        except Overlap:
            assert not allowed
        else:
            assert allowed

    def things_change(self, who: int, which: int, how: int) -> None:
        """A therapist changes their terms, the team a gate, a client ends the work."""
        what = self.pick(["fee", "notice", "suspended_at", "switched_off_at", "ended"], how)
        therapist = self.therapists[0].id
        if what == "fee":
            fee = self.pick([0, 30, 6000, 8000], which)
            set_row(self.practice, Therapist, therapist, initial_fee=fee)
        elif what == "notice":
            notice = self.pick([0, 2 * HOUR, DAY], which)
            set_row(self.practice, Therapist, therapist, notice_s=notice)
        elif what == "ended":
            with suppress(NotFound):
                booking.end_relationship(self.practice, self.clients[1], therapist)
        else:
            closed = self.now() if which < 2 else None
            whose = self.pick(self.therapists, who).id
            set_row(self.practice, Therapist, whose, **{what: closed})

    # Booking

    def why_not_book(self, client: Actor, slot: dict[str, Any]) -> str | None:
        """Say why a client may not book a slot now, by the rules and from the rows alone."""
        now = self.now()
        if slot["id"] not in self.bookable(slot["therapist_id"], client.id):
            return "not bookable"
        mine = [a for a in self.sessions(*LIVE) if a["client_id"] == client.id]
        initial = [a for a in mine if a["kind"] == "initial"]
        if any(a["therapist_id"] == slot["therapist_id"] for a in initial):
            return "B5: a second one"
        if any(a["start_at"] < slot["end_at"] and a["end_at"] > slot["start_at"] for a in mine):
            return "C3: own overlap"
        ahead = [a for a in initial if a["state"] == "booked" and a["start_at"] > now]
        others = [
            c
            for c in self.claims("held")
            if c["hold_client_id"] == client.id and c["hold_until"] > now and c["id"] != slot["id"]
        ]
        row = by_key(self.practice, Client)[client.id]
        therapist = by_key(self.practice, Therapist)[slot["therapist_id"]]
        gives_up = therapist["initial_fee"] > 0 and row["card"] is None
        if len(ahead) + (0 if gives_up else len(others)) >= policy.MOST_AHEAD:
            return "B5: three ahead"
        bonds = all_rows(self.practice, Bond)
        pair = (slot["therapist_id"], client.id)
        if any((b["therapist_id"], b["client_id"]) == pair and b["ended_at"] for b in bonds):
            return "B2: ended"
        return None

    def bookable(self, therapist_id: str, client_id: str | None = None) -> set[str]:
        """Return the slots that can be booked now (P1, P2), for a client with their own hold."""
        now = self.now()
        row = by_key(self.practice, Therapist)[therapist_id]
        gates = (
            row["status"] == "approved" and not row["suspended_at"] and not row["switched_off_at"]
            and row["charges_enabled"] and row["payouts_enabled"] and row["course_done_at"]
            and row["proofs_until"] > now and row["notice_s"] is not None
        )  # fmt: skip
        if not gates:
            return set()
        return {
            c["id"]
            for c in self.claims("open", "held")
            if c["therapist_id"] == therapist_id
            and (c["state"] == "open" or c["hold_until"] <= now or c["hold_client_id"] == client_id)
            and c["start_at"] > now
            and c["start_at"] - now >= row["notice_s"]
        }

    def books(self, who: int, which: int, how: int) -> None:
        client = self.pick(self.clients, who)
        if not self.claims("open", "held"):
            self.opens_slots(which, how, 2 * who)
        there = self.claims("open", "held", "booked")
        if not there:
            return
        slot = self.pick(there, which)
        why_not = self.why_not_book(client, slot)
        last = self.bookable(slot["therapist_id"]) == {slot["id"]}
        try:
            offer = booking.offer(self.practice, client, slot["id"])
            made = booking.book(self.practice, client, slot["id"], offer.shown, accept_terms=True)
        except HelpspaceError:
            assert why_not is not None
            SEEN["refused"] += 1
            return
        assert why_not is None, why_not
        if isinstance(made, AppointmentView):
            assert (made.start, made.end) == (slot["start_at"], slot["end_at"]), "B5"
            assert made.fee_pence == offer.slot.fee_pence, "M7a"
            assert made.free_until == offer.slot.free_until, "M7a"
            self.note_booked(made, last=last)
        else:
            SEEN["held"] += 1
            assert offer.needs_card, "B3"
            open_page(self.practice, client, made.request_id)

    def note_booked(self, made: AppointmentView, *, last: bool = False) -> None:
        again = [a for a in self.sessions() if a["slot_id"] and a["slot_id"] == made.slot_id]
        SEEN["slot booked again"] += len(again) > 1
        SEEN["last slot taken"] += last
        SEEN["fee 0"] += made.fee_pence == 0
        SEEN["inside 48 h"] += made.start - made.booked_at < 48 * HOUR
        SEEN[made.kind] += 1

    def completes_a_page(self, who: int, which: int, how: int) -> None:
        if how == 0:
            holds.give_up(self.practice, self.pick(self.clients, who))
            return
        requests = [r for r in all_rows(self.practice, CardRequest) if r["claim_id"]]
        if not requests:
            return
        request = self.pick(requests[::-1], which // 4)
        client = Actor.client(request["client_id"])
        if how == 1:
            cards.page_closed(self.practice, request["id"])
            return
        slot = next((c for c in self.claims("held") if c["id"] == request["claim_id"]), None)
        held = (
            slot is not None
            and slot["hold_client_id"] == client.id
            and slot["hold_until"] > self.now()
        )
        taken_up = request["state"] != "complete"
        made = holds.card_completed(self.practice, request["id"], card_of(client))
        if made is None:
            SEEN["card without a booking"] += taken_up
            return
        assert held, "B3: booked without a hold"
        assert taken_up, "B3: a page counted twice"
        assert slot is not None
        assert made.fee_pence == slot["hold_fee"], "M7a: the fee of the hold"
        SEEN["booked from a hold"] += 1
        self.note_booked(made)

    def books_a_follow_up(self, who: int, which: int, how: int) -> None:
        therapist, client = self.pick(self.therapists, how // 7), self.pick(self.clients, who)
        ahead = self.pick([1, HOUR, 30 * HOUR, 3 * DAY, 5 * DAY], which)
        fee = self.pick([0, 30, 6000, 6000], how)
        start = self.now() + ahead
        pair = (therapist.id, client.id)
        bonds = [
            b for b in all_rows(self.practice, Bond) if (b["therapist_id"], b["client_id"]) == pair
        ]
        known = any(
            (a["therapist_id"], a["client_id"]) == pair for a in self.sessions(*LIVE)
        ) or any(b["invited_at"] for b in bonds)
        ended = any(b["ended_at"] for b in bonds)
        clash = self.clash(therapist.id, start, 3000)
        allowed = known and not ended and not clash
        try:
            made = booking.book_follow_up(
                self.practice, therapist, therapist.id, client.id, start, fee_pence=fee
            )
        except HelpspaceError:
            assert not allowed
        else:
            assert allowed
            self.note_booked(made)

    # Cancelling

    def cancels(self, who: int, which: int, how: int) -> None:
        there = self.sessions() if how < 2 else self.sessions("booked")
        if not there:
            return
        about, by_client = self.pick(there, which), bool(who % 3)
        actor = (
            Actor.client(about["client_id"])
            if by_client
            else Actor.therapist(about["therapist_id"])
        )
        if how == 9:
            actor = Actor.client(STRANGER)
        allowed = about["state"] == "booked" and self.now() < about["start_at"]
        paid = self.stripe.gross(about["id"]) > 0
        working = by_key(self.practice, Payment, "appointment_id")[about["id"]]["holder"]
        try:
            preview = booking.preview_cancel(self.practice, actor, about["id"])
            _, found = booking.cancel(self.practice, actor, about["id"])
        except HelpspaceError as error:
            refused = str(error)
        else:
            refused = ""
        if refused:
            assert not allowed or actor.id == STRANGER
            assert actor.id != STRANGER or refused == str(NotFound()), "A1"
            return
        assert allowed
        assert preview == found, "M4"
        late = self.now() > about["free_until"]
        assert found.owed_pence == (about["fee"] if by_client and late else 0), "M2, M3"
        SEEN["cancelled by therapist"] += not by_client
        SEEN["cancelled late"] += by_client and late
        SEEN["cancelled free"] += by_client and not late
        SEEN["cancelled at the edge"] += by_client and self.now() == about["free_until"]
        SEEN["cancelled after it was paid"] += paid
        SEEN["cancelled while a charge is in flight"] += working is not None

    # Updates that wait: the client acted, the bot has not yet

    def updates(self, who: int, _which: int, how: int) -> None:
        if how % 2:
            self.last_update += 1
            inbox.take_in(self.practice, [(self.last_update, 7001 + who % 3, "tap", {})])
            return
        person = self.practice.vault.digest(str(7001 + who % 3), "client.chat")
        mine = [a for a in self.sessions("booked") if a["client_id"] == self.clients[who % 3].id]
        while (update := inbox.next_of(self.practice, person)) is not None:
            for about in mine[:1]:
                in_time = update.received_at <= about["free_until"] < self.now()
                with suppress(HelpspaceError):
                    _, found = booking.cancel(
                        self.practice, self.clients[who % 3], about["id"], at=update.received_at
                    )
                    assert not in_time or found.owed_pence == 0, "M2a"
                    SEEN["cancelled in time, handled late"] += in_time
            inbox.handled(self.practice, update.update_id)

    # Cards and banks

    def banks_decide(self, who: int, which: int, how: int) -> None:
        what = self.pick(["ok", "insufficient_funds", "lost_card", "ask", "new card", "approves",
                          "account refused", "account well"], how)  # fmt: skip
        client = self.pick(self.clients, who)
        if what == "new card":
            give_card(self.practice, client, card_of(client, 2 + which))
        elif what == "approves":
            self.approve(which)
        elif what == "account refused":
            self.stripe.refused_accounts.add("acct_1")
        elif what == "account well":
            self.stripe.refused_accounts.clear()
        else:
            card = by_key(self.practice, Client)[client.id]["card"]
            self.stripe.cards[card or ""] = what

    def approve(self, which: int) -> None:
        asked = [i for i in self.stripe.intents.values() if i.code == "authentication_required"]
        if asked:
            intent = self.pick(asked, which)
            self.stripe.approve(intent.appointment)
            settle.look_again(self.practice, [intent.id])
            SEEN["approved"] += 1

    def answers_the_bank(self, _who: int, which: int, how: int) -> None:
        """Approve or refuse on a page that was handed out, the newest mostly; Stripe may tell."""
        yes = bool(how % 2)
        if self.pages and self.stripe.open_page(self.pick(self.pages[::-1], which // 5), yes=yes):
            SEEN["approved on the page" if yes else "refused on the page"] += 1
            if which % 2:
                settle.look_again(self.practice, list(self.stripe.intents))

    # A client taps to pay

    def taps(self, who: int, which: int, how: int) -> None:
        """Begin a tap or go on with it, one move at a time; its bot may die at any of them."""
        tapper = self.tapper
        if not tapper.tasks and not self.begins_to_pay(which, how):
            return
        self.stripe.faults.clear()
        if how % 4 == 0:
            self.stripe.faults.extend([(BEFORE, AFTER, SAVED, BUSY)[which % 4]])
        for _ in range(1 + (who + which) % 8):
            if not tapper.tasks:
                break
            if tapper.step is not None and tapper.answer is None:
                tapper.answer = self.stripe.carry_out(tapper.step)
                self.page = getattr(tapper.answer, "bank_page", None)
            else:
                tapper.step = self.write(tapper)
                if tapper.step is None and self.page is not None:
                    self.pages.append(self.page)
                    SEEN["given the bank's page"] += 1
            always_money(self.practice, self.stripe)
        if how % 3 == 0:
            SEEN["died in a tap"] += bool(tapper.tasks)
            tapper.die()

    def begins_to_pay(self, which: int, how: int) -> bool:
        payments = by_key(self.practice, Payment, "appointment_id")
        unpaid = [
            a
            for a in self.sessions()
            if payments[a["id"]]["status"] in (*cards.UNPAID, "processing")
        ]
        if not unpaid:
            return False
        about = self.pick(unpaid, which)
        try:
            actor = Actor.client(STRANGER if how == 9 else about["client_id"])
            begun = paying._begin(self.practice, actor, about["id"])
        except NotFound:
            assert how == 9, "A1"
            return False
        assert how != 9, "A1"
        SEEN["tapped in vain"] += isinstance(begun, paying.Outcome)
        if isinstance(begun, paying.Outcome):
            return False
        self.tapper.tasks, self.tapper.answer = [begun], None
        self.tapper.step = None
        self.tapper.step = self.write(self.tapper)
        SEEN["tapped"] += 1
        return True

    # Two workers

    def works(self, who: int, which: int, how: int) -> None:
        kinds = (None, BEFORE, AFTER, SAVED, BUSY)
        faults = [kinds[which % 5], kinds[how % 5]] if which + how > 8 else []
        moves, dies = 1 + (who + which) % 8, how % 3 == 0
        turn = next_turn(self.practice)
        if turn is not None and turn < NOW + 20 * DAY and not any(w.tasks for w in self.workers):
            self.clock.move_to(turn)
        worker = self.pick(self.workers, who)
        self.stripe.faults.clear()
        self.stripe.faults.extend(faults)
        for _ in range(moves):
            self.move(worker)
            always_money(self.practice, self.stripe)
        SEEN.update(
            fault for fault in list(faults)[: len(faults) - len(self.stripe.faults)] if fault
        )
        if dies:
            SEEN["died in between"] += worker.step is not None
            SEEN["died between effect and record"] += worker.answer is not None
            worker.die()

    def move(self, worker: Worker) -> None:
        """Make one move: claim, write down, or call."""
        if not worker.tasks:
            worker.tasks = settle.claim(worker.practice, f"{worker.name}{worker.lives}", limit=3)
            worker.step = worker.answer = None
            if worker.tasks:
                worker.step = self.write(worker)
            return
        if worker.step is not None and worker.answer is None:
            worker.answer = self.stripe.carry_out(worker.step)
            return
        worker.step = self.write(worker)

    def write(self, worker: Worker) -> Step | None:
        task = worker.tasks[0]
        step = settle.advance(worker.practice, task, worker.step, worker.answer)
        worker.answer = None
        if isinstance(step, ConfirmIntent):
            about = by_key(self.practice, Appointment)[task.appointment_id]
            assert about["state"] != "cancelled_by_therapist", "M7: confirmed after a cancel"
            assert about["cancelled_at"] is None or about["cancelled_at"] > about["free_until"]
            chat = by_key(self.practice, Client)[about["client_id"]]["chat_hash"]
            waiting = [u for u in all_rows(self.practice, Inbox) if u["state"] == "new"]
            if step.return_url is None:
                people = {u["person_hash"] for u in waiting}
                assert chat not in people, "M2a: charged over an update"
        if step is None:
            worker.tasks = worker.tasks[1:]
            if worker.tasks:
                return self.write(worker)
        return step

    def sweeps_run(self) -> None:
        SEEN["reminded"] += reminders.sweep(self.practice)
        SEEN["completed"] += booking.complete_past(self.practice)
        SEEN["hold expired"] += holds.sweep(self.practice)
        cards.due(self.practice)

    # Notices

    def delivers(self, _who: int, _which: int, how: int) -> None:
        outcome = self.pick(["sent", "sent", "lost", "failed", "blocked"], how)
        for errand in notices.claim(self.practice, "d", limit=4):
            self.deliver(errand, outcome)

    def deliver(self, errand: notices.Errand, outcome: str) -> None:
        about = by_key(self.practice, Appointment).get(errand.appointment_id or "")
        if errand.event == "reminder" and about is not None:
            assert about["start_at"] > self.now(), "N3: reminded after the start"
            if about["state"] != "booked":
                notices.dropped(self.practice, errand, "cancelled")
                return
        queue = (errand.person_id, errand.channel)
        assert errand.seq >= self.order.get(queue, 0), "N4: out of order"
        self.order[queue] = errand.seq
        if outcome in ("sent", "lost"):
            self.deliveries[errand.seq] += 1
            self.ambiguous[errand.seq] += outcome == "lost"
            limit = 1 + self.ambiguous[errand.seq]
            assert self.deliveries[errand.seq] <= limit, "N2: delivered again"
        if outcome == "sent":
            assert notices.sent(self.practice, errand)
        elif outcome == "failed":
            assert notices.failed(self.practice, errand, "refused")
        elif outcome == "blocked":
            assert notices.failed(self.practice, errand, "blocked", for_good=True)

    # Time

    def instants(self) -> list[int]:
        """Return the instants at which something changes, still ahead."""
        found: set[int] = set()
        for a in self.sessions():
            edges = (a["free_until"], a["start_at"], a["end_at"], a["free_until"] + 60)
            ladder = (a["start_at"] - hours * HOUR for hours in (24, 12, 1))
            found |= {*edges, *ladder}
        found |= {c["hold_until"] for c in self.claims("held")}
        found |= {c["start_at"] for c in self.claims("open")}
        for p in all_rows(self.practice, Payment):
            found |= {at for at in (p["next_at"], p["held_until"]) if at}
        found |= {r["due_at"] for r in all_rows(self.practice, Reminder) if r["due_at"]}
        now = self.now()
        return sorted({at + d for at in found for d in (-1, 0, 1) if at + d > now})

    def time_jumps(self, who: int, which: int, how: int) -> None:
        """Mostly onto an instant at which something changes, or a second beside it."""
        ahead = self.instants()
        to = ahead[(4 * which + how) % len(ahead)] if ahead else 0
        if to < NOW + 20 * DAY:
            self.clock.move_to(to)
        if who % 3:
            self.sweeps_run()

    def time_passes(self, who: int, which: int, _how: int) -> None:
        self.clock.advance(self.pick([1, 60, 2 * MINUTE, 11 * MINUTE, HOUR], which))
        if who % 2:
            self.sweeps_run()

    # What always holds

    @invariant()
    def always(self) -> None:
        always_bookings(self.practice)
        always_money(self.practice, self.stripe)
        always_notices(self.practice)
        self.profiles_are_as_they_should_be()
        self.terms_never_change()

    def profiles_are_as_they_should_be(self) -> None:
        """B4: the list, each profile and each slot, exactly what is bookable now."""
        expected = {t.id: self.bookable(t.id) for t in self.therapists}
        for therapist_id, slots in expected.items():
            try:
                shown = {one.id for one in profiles.profile(self.practice, therapist_id)[1]}
            except CannotBeBooked:
                shown = set()
            assert shown == slots, "B4: a profile shows other slots"
        self.steps += 1
        if self.steps % 4:
            return
        listed = matching.visible(self.practice, self.clients[0], matching.Wishes(), limit=10)
        found = {match.profile.therapist_id for match in listed}
        assert found == {key for key, slots in expected.items() if slots}, "B4: the list"

    def terms_never_change(self) -> None:
        """M1 and B8: what was booked stays as it was booked or moved, and states go one way."""
        for about in self.sessions():
            terms = self.terms_of(about)
            assert self.terms.setdefault(about["id"], terms) == terms, "M1: terms changed"
            before = self.states.get(about["id"], "booked")
            missed = (before, about["state"]) == ("completed", "no_show")
            assert missed or before in ("booked", about["state"]), "B8: a state went back"
            self.states[about["id"]] = about["state"]

    def terms_of(self, about: dict[str, Any]) -> tuple[Any, ...]:
        """Return what never changes of a session but by a move, which the act itself takes up."""
        fixed = ("kind", "therapist_id", "client_id", "slot_id", "fee", "start_at", "end_at",
                 "free_until", "booked_at", "booked_by", "room_sealed")  # fmt: skip
        return tuple(about[name] for name in fixed)

    # Coming to rest

    def come_to_rest(self) -> None:
        """Switch the faults off, let time pass, and ask what holds at the end."""
        self.stripe.faults.clear()
        self.stripe.refused_accounts.clear()
        for person in inbox.waiting(self.practice):
            while (update := inbox.next_of(self.practice, person)) is not None:
                inbox.handled(self.practice, update.update_id)
        for worker in (*self.workers, self.tapper):
            worker.die()
        check: Callable[[], None] = lambda: always_money(self.practice, self.stripe)  # noqa: E731
        come_to_rest(self.practice, self.stripe, self.clock, self.clock.now() + 40 * DAY, check)
        self.sweeps_run()
        self.deliver_everything()
        self.always()
        settled_money(self.practice, self.stripe)
        stuck = [a for a in self.sessions("booked") if a["end_at"] <= self.now()]
        assert not stuck, "D3: a session in the past is still booked"
        waiting = [r for r in all_rows(self.practice, Reminder) if r["state"] == "waiting"]
        assert not waiting, "D3: a reminder in the past still waits"
        for one in all_rows(self.practice, Payment):
            SEEN[f"payment {one['status']}"] += 1
        SEEN["found paid"] += any(self.stripe.gross(a["id"]) for a in self.sessions())

    def deliver_everything(self) -> None:
        for _ in range(300):
            errands = notices.claim(self.practice, "d", limit=50)
            for errand in errands:
                self.deliver(errand, "sent")
            self.clock.advance(HOUR)
            if not [n for n in all_rows(self.practice, Notice) if n["state"] == "pending"]:
                return
        raise AssertionError("D3: a notice is stuck")
