"""Killing and starting again, and the questions asked of what is left (D1, D2, M5, N5)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpspace.core.moments import DAY, pounds
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Audit, Claim, Ledger, Notice, Payment
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import FakeStripe, StripeFile, come_to_rest
from tests.core.invariants import (
    always_bookings,
    always_money,
    always_notices,
    by_key,
    settled_money,
)
from tests.core.workers import Worker
from tests.makers import NOW, add_client, add_therapist, all_rows

CODE = "from tests.soak.core_child import live; live(sys.argv[1:], say)"
LIVES = 2


class History:
    """What was tried, and what was answered (a Jepsen history: ok, no, unknown)."""

    def __init__(self) -> None:
        self.open: dict[tuple[int, int], tuple[str, tuple[Any, ...]]] = {}
        self.ok: list[tuple[str, tuple[Any, ...], Any]] = []
        self.refused: list[tuple[str, tuple[Any, ...], str]] = []
        self.unknown: list[tuple[str, tuple[Any, ...]]] = []
        self.now = NOW

    def hear(self, life: int, said: tuple[Any, ...]) -> None:
        kind, number, *rest = said
        if kind == "try":
            self.open[life, number] = (rest[0], tuple(rest[1]))
            return
        act, what = self.open.pop((life, number))
        if kind == "ok":
            self.ok.append((act, what, rest[0]))
            if act == "waits":
                self.now = max(self.now, rest[0])
        else:
            self.refused.append((act, what, rest[0]))

    def died(self, life: int) -> None:
        """Count what a life left without an answer as unknown."""
        for key in [key for key in self.open if key[0] == life]:
            self.unknown.append(self.open.pop(key))


class Run:
    """Two lives on one store; one of them is killed again and again."""

    def __init__(self, practice: Practice, clock: MovableClock, folder: Path, seed: int) -> None:
        self.practice, self.clock, self.folder = practice, clock, folder
        self.seed = seed
        self.chance = random.Random(seed)
        self.stripe = StripeFile(folder / "stripe", practice.now)
        self.history = History()
        self.lives: dict[int, Worker] = {}
        self.born = 0
        for number in range(6):
            add_therapist(practice, notice_s=0, initial_fee=0 if number == 5 else 6000)
        for number in range(30):
            add_client(practice, card=number % 3 > 0)

    def play(self, kills: int) -> None:
        """Kill so many times, asking what must hold after each."""
        for _ in range(LIVES):
            self.be_born()
        for kill in range(kills):
            doomed = self.chance.choice(list(self.lives))
            for _ in range(self.chance.randrange(4, 40)):
                for life, worker in self.lives.items():
                    self.history.hear(life, worker.hear())
            worker = self.lives.pop(doomed)
            for said in worker.kill():
                self.history.hear(doomed, said)
            self.history.died(doomed)
            self.be_born()
            if kill % 10 == 0:
                self.ask()
        for life in list(self.lives):
            for said in self.lives.pop(life).kill():
                self.history.hear(life, said)
            self.history.died(life)

    def be_born(self) -> None:
        self.born += 1
        arguments = (self.practice.settings.database, str(self.folder), str(self.history.now))
        self.lives[self.born] = Worker(CODE, *arguments, str(1000 * self.seed + self.born))

    def ask(self) -> None:
        """Ask what holds in the middle of it all; Stripe waits while it is asked."""
        self.stripe.use(lambda fake: always_money(self.practice, fake))

    def come_to_rest(self) -> None:
        """Let everything come to its end, and ask everything."""
        self.clock.move_to(self.practice.now())
        until = self.clock.now() + 10 * DAY
        self.stripe.use(lambda fake: fake.faults.clear())
        come_to_rest(self.practice, self.stripe, self.clock, until, _nothing)

        def settled(fake: FakeStripe) -> None:
            always_money(self.practice, fake)
            settled_money(self.practice, fake)

        self.stripe.use(settled)
        always_bookings(self.practice)
        always_notices(self.practice)
        self.nothing_acknowledged_is_lost()
        self.nothing_refused_has_happened()
        self.every_change_is_whole()
        self.every_notice_went_out()
        self.the_file_is_sound()

    def nothing_acknowledged_is_lost(self) -> None:
        appointments = by_key(self.practice, Appointment)
        claims = by_key(self.practice, Claim)
        moved = Counter(what[1] for act, what, _ in self.history.ok if act == "moves")
        there = Counter(a["thing_id"] for a in all_rows(self.practice, Audit) if a["act"] == "move")
        assert all(there[about] >= times for about, times in moved.items()), "a move is lost"
        for act, what, result in self.history.ok:
            if act == "opens":
                assert claims[result]["start_at"] == what[1]
            elif act == "books" and result[0] == "booked":
                made = appointments[result[1]]
                assert (made["client_id"], made["slot_id"]) == what
            elif act == "completes" and result is not None:
                assert result in appointments
            elif act == "follows_up":
                made = appointments[result]
                assert (made["therapist_id"], made["client_id"]) == what[:2]
                assert there[result] or made["start_at"] == what[2]
            elif act == "moves":
                assert appointments[what[1]]["sequence"] >= result
            elif act == "cancels":
                assert appointments[what[2]]["state"] == result == f"cancelled_by_{what[0]}"

    def nothing_refused_has_happened(self) -> None:
        done = {what for act, what, _ in self.history.ok if act == "books"}
        done |= {what for act, what in self.history.unknown if act == "books"}
        there = {(a["client_id"], a["slot_id"]) for a in all_rows(self.practice, Appointment)}
        for act, what, _ in self.history.refused:
            if act == "books" and what not in done:
                assert what not in there, "a refused booking is there"

    def every_change_is_whole(self) -> None:
        """D2: an appointment, its payment and its rows of the trail are there together."""
        trail = Counter((a["act"], a["thing_id"]) for a in all_rows(self.practice, Audit))
        payments = by_key(self.practice, Payment, "appointment_id")
        for one in all_rows(self.practice, Appointment):
            assert one["id"] in payments
            assert trail["book", one["id"]] == 1
            assert trail["cancel", one["id"]] == (one["cancelled_at"] is not None)
            steps = trail["move", one["id"]] + trail["cancel", one["id"]]
            assert steps <= one["sequence"] <= 2 * steps
            assert (one["moved_at"] is not None) == (trail["move", one["id"]] > 0)

    def every_notice_went_out(self) -> None:
        """N5: what counts as sent was sent, and no more often than it was tried."""
        went = Counter(map(int, (self.folder / "mailbox").read_text().split()))
        for one in all_rows(self.practice, Notice):
            assert went[one["seq"]] <= one["tries"]
            assert one["state"] != "sent" or went[one["seq"]] >= 1
        assert set(went) <= {one["seq"] for one in all_rows(self.practice, Notice)}

    def the_file_is_sound(self) -> None:
        if not self.practice.store.postgresql:
            db = self.practice.store.db
            assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute_sql("PRAGMA foreign_key_check").fetchall() == []

    def came_to(self) -> str:
        """Return the run in one line; what would not be zero has failed it already."""
        done = ", ".join(f"{count} {act}" for act, count in _counted(self.history.ok))
        unknown = ", ".join(f"{act} {count}" for act, count in _counted(self.history.unknown))
        taken = sum(
            one["amount"] * (1 if one["kind"] == "charge" else -1)
            for one in all_rows(self.practice, Ledger)
        )
        return (
            f"{len(self.history.ok):,} acknowledged acts, 0 lost, 0 double charges,"
            f" 0 double refunds, ledger equals Stripe's: {pounds(taken)};"
            f" killed while it {unknown}; done: {done}"
        )


def _counted(history: Iterable[tuple[Any, ...]]) -> list[tuple[str, int]]:
    return Counter(str(entry[0]) for entry in history).most_common()


def _nothing() -> None:
    """Nothing is asked in between."""
