"""A run: people and therapists at work, the service killed again and again, everything checked."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from helpspace.core.hearing import CURSOR, HEARD
from helpspace.core.moments import DAY, HOUR, MINUTE, pounds
from helpspace.core.practice import View
from tests.soak.wire_checks import Found, after_kill, settled
from tests.soak.wire_people import Person, Tapped
from tests.soak.wire_world import CHARGING, REFUNDING, TALK, Line, World, shortly

LONGEST_LIFE = 1.2
"""Seconds for which a process serves at most on a machine that is not busy."""

FAULTS = ("no_answer_after", "500_after", "drop_before", "503", "429")

FIRST_NOTICES = """notice WHERE state = 'pending' AND NOT EXISTS (SELECT 1 FROM notice older
    WHERE older.person_id = notice.person_id AND older.channel = notice.channel
    AND older.state = 'pending' AND older.seq < notice.seq)"""
"""Those whose turn it is: what stands behind one that a dead sender holds waits for its lease."""

QUEUES = (
    ("next_at", "payment WHERE true"),
    ("held_until", "payment WHERE true"),
    ("next_at", FIRST_NOTICES),
    ("due_at", "reminder WHERE state = 'waiting'"),
    ("hold_until", "claim WHERE state = 'held'"),
    ("end_at", "appointment WHERE state = 'booked'"),
    ("next_at", "card_request WHERE true"),
    ("received_at", "inbox WHERE state = 'new'"),
)
"""When something falls due next; the world is settled when nothing does."""

HELD = (
    "SELECT appointment_id, holder FROM payment WHERE holder IS NOT NULL",
    "SELECT seq, holder, tries FROM notice WHERE state = 'pending' AND holder IS NOT NULL",
)
"""What somebody has in hand."""

PATIENCE = 20.0
"""Seconds for what is due before the clock moves on all the same, if the machine is not busy."""


@dataclass(frozen=True)
class State:
    """Where the store stands while it settles."""

    due_or_held: tuple[tuple[str, int], ...]
    next_due: int | None


@dataclass
class Act:
    """One act of a therapist, and what the core answered."""

    kind: str
    therapist: str
    about: Any
    """The start of a slot or follow-up, or the appointment to cancel."""
    answer: str = "none"
    result: str = ""


@dataclass
class Report:
    """What a run came to."""

    kills: int = 0
    desk_kills: int = 0
    at: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def acknowledged(self) -> int:
        """How many acts were answered with "done"."""
        return self.acts["ok"]

    def line(self) -> str:
        """The figures in one line; what would not be zero has failed the run already."""
        figures = {what: count for what, count in self.figures.items() if what != "pence"}
        came = ", ".join(f"{count:,} {what}" for what, count in figures.items())
        said = ", ".join(f"{what} {count}" for what, count in self.busy.most_common())
        return (
            f"{self.acknowledged:,} acknowledged acts, 0 lost, 0 double charges,"
            f" 0 double refunds, ledger equals Stripe's: {pounds(self.figures['pence'])};"
            f" killed while {said}, and {self.desk_kills} times the therapists' process;"
            f" {self.acts['refused']} refused, {self.acts['none']} without an answer; {came}"
        )


class Run:
    """One run over one world."""

    def __init__(self, world: World, seed: int, *, people: int = 8) -> None:
        self.world = world
        self.at_first = people
        self.chance = random.Random(seed)
        self.people: list[Person] = []
        self.acts: list[Act] = []
        self.line = Line(world)
        self.report = Report()
        self.crashes: Counter[int] = Counter()
        self.found = Found()
        self._received: dict[int, int] = {}
        self._dead_hold: set[tuple[Any, ...]] = set()
        self._charges_ahead = self._refunds_ahead = False
        self._crashed: set[tuple[int, int]] = set()
        self._held: set[str] = set()
        self._changed: set[int] = set()
        self._starts: set[tuple[str, int]] = set()
        self._forget = world.telegram.on_change(self._changed.add)

    def play(self, kills: int) -> Report:
        """Kill so many times, settle, and check everything; return the figures."""
        try:
            self._begin()
            while self.report.kills < kills:
                self._life()
                self._inspect()
                self._let_time_pass()
            self._settle()
        finally:
            self.line.close()
            self.world.killer.forget()
            self._forget()
        return self.report

    def _begin(self) -> None:
        """Fill the calendars, let the first clients book in peace, and plan their next sessions."""
        for therapist in self.world.handles:
            for _ in range(8):
                self._ask("open", therapist, self._start(therapist, 2 * DAY))
        for _ in range(self.at_first):
            self._newcomer()
        pid = self.world.forge.service()
        until = time.monotonic() + 30
        while any(person.goal for person in self.people) and time.monotonic() < until:
            self._step()
            time.sleep(0.004)
        self._finish_desk()
        self.world.forge.reap(pid)
        self._inspect()
        for one in list(self.found.sessions.values()):
            for _ in range(2):
                start = self._start(one["therapist"], 3 * HOUR)
                self._ask("follow_up", one["therapist"], start, one["client"])
        self._finish_desk()
        self._inspect()

    # One life of the service

    def _life(self) -> None:
        killer, chance = self.world.killer, self.chance
        self._wishes()
        if chance.random() < 0.25:
            fault: Any = chance.choice(FAULTS)
            self.world.bank.faults.add(fault, "POST", nth=chance.randint(1, 3))
        self._charges_ahead = self._money_due()
        asked = [self._ask_therapist() for _ in range(chance.randint(0, 4))]
        self._refunds_ahead = "cancel" in asked
        pid = self.world.forge.service()
        self._aim(pid)
        kill_desk_at = time.monotonic() + chance.uniform(0, 4 * LONGEST_LIFE)
        while not killer.done.is_set():
            self._step()
            if time.monotonic() > kill_desk_at and self.line.pid is not None:
                kill_desk_at += 100
                self._ask_therapist()
                time.sleep(shortly(chance) * 2)
                self._kill_desk()
            killer.done.wait(0.004)
        assert self.world.forge.reap(pid) == -9, self.world.log
        self._finish_desk()
        self.world.bank.faults.clear()
        self.report.kills += 1
        self.report.at[killer.at] += 1

    def _aim(self, pid: int) -> None:
        """Let most lives end upon something that is likely to happen in them."""
        killer, chance, roll = self.world.killer, self.chance, self.chance.random()
        if roll < 0.08:
            killer.after(pid, chance.uniform(0.02, 0.8))
        elif roll < 0.3:
            killer.upon(pid, chance.uniform(0.0, LONGEST_LIFE))
        elif roll < 0.8 and self._refunds_ahead:
            killer.upon(pid, LONGEST_LIFE, chance.choice(REFUNDING), 1, shortly(chance))
        elif roll < 0.85 and self._charges_ahead:
            spot, nth = chance.choice(CHARGING), chance.randint(1, 2)
            killer.upon(pid, LONGEST_LIFE, spot, nth, shortly(chance))
        else:
            spot, nth = chance.choice(TALK), chance.randint(1, 6)
            killer.upon(pid, LONGEST_LIFE, spot, nth, shortly(chance))

    def _money_due(self) -> bool:
        """Say whether the next life will have something to settle."""
        with self.world.practice.reading() as view:
            due = "SELECT count(*) FROM payment WHERE next_at <= ? OR held_until <= ?"
            return bool(view.sql(due, view.now, view.now)[0][0])

    def _step(self) -> None:
        changed = set(self._changed)
        self._changed -= changed
        for person in self.people:
            person.step(changed=person.phone.user.id in changed)
        self._hear(self.line.answers(0.0))

    def _finish_desk(self) -> None:
        """Hear what the desk still has to say: nobody is at work when the store is looked at."""
        until = time.monotonic() + 10
        while self.line.pid is not None and any(act.answer == "asked" for act in self.acts):
            assert time.monotonic() < until, "the desk does not answer"
            self._hear(self.line.answers(0.05))

    def _kill_desk(self) -> None:
        self._hear(self.line.kill())
        self.report.desk_kills += 1
        for act in self.acts:
            if act.answer == "asked":
                act.answer = "none"

    def _hear(self, answers: list[list[Any]]) -> None:
        for number, answer, result in answers:
            self.acts[number].answer, self.acts[number].result = answer, result

    # What people want

    def _newcomer(self) -> None:
        number = 7001 + len(self.people)
        phone = self.world.telegram.phone(number, first_name=f"Sam{number}")
        email = f"client{number}@example.org"
        person = Person(self.world, phone, random.Random(self.chance.random()), email)
        self.people.append(person)
        person.want("book", self.chance.choice(list(self.world.handles.values())))

    def _wishes(self) -> None:
        """Let some people want something, and somebody new come."""
        if len(self.people) < 60 and self.chance.random() < 0.5:
            self._newcomer()
        idle = [person for person in self.people if person.goal is None]
        for person in self.chance.sample(idle, min(len(idle), 3)):
            mine = self._ahead(client=person.phone.user.id)
            if mine and self.chance.random() < 0.4:
                person.want("cancel", self.chance.choice(mine))
            else:
                person.want("book", self.chance.choice(list(self.world.handles.values())))

    def _ahead(self, *, client: int | None = None, late: bool = False) -> list[str]:
        """Return sessions ahead: of everybody, of one phone, or those that may be paid already."""
        now = self.world.clock.now()
        ahead = [one for one in self.found.sessions.values()
                 if one["state"] == "booked" and one["start"] > now + MINUTE]  # fmt: skip
        if client is not None:
            mine = {p: tap for person in self.people if person.phone.user.id == client
                    for p in person.sessions for tap in (person,)}  # fmt: skip
            known = {self.found.sessions[name]["client"] for name in mine
                     if name in self.found.sessions}  # fmt: skip
            ahead = [one for one in ahead if one["client"] in known]
        if late:
            ahead = [one for one in ahead if one["free_until"] < now] or ahead
        return [str(one["id"]) for one in ahead]

    # What therapists do

    def _ask_therapist(self) -> str:
        """Let a therapist ask for something, and return what."""
        therapist = self.chance.choice(list(self.world.handles))
        open_now = sum(
            claim["purpose"] == "slot" and start > self.world.clock.now() + DAY
            for (_, start), claim in self.found.claims.items()
        )
        kind = self.chance.choices(
            ["open", "follow_up", "cancel"], [3 if open_now < 20 else 1, 4, 2]
        )[0]
        if kind == "cancel":
            ahead = self._ahead(late=self.chance.random() < 0.7)
            if ahead:
                about = self.chance.choice(ahead)
                return self._ask(kind, self.found.sessions[about]["therapist"], about)
        if kind == "follow_up":
            clients = {one["client"] for one in self.found.sessions.values()
                       if one["therapist"] == therapist}  # fmt: skip
            if clients:
                client = self.chance.choice(sorted(clients))
                return self._ask(kind, therapist, self._start(therapist, 3 * HOUR), client)
        return self._ask("open", therapist, self._start(therapist, 2 * DAY))

    def _start(self, therapist: str, least: int) -> int:
        """Return a start that no act has named before."""
        while True:
            hours = self.chance.randint(least // HOUR, 5 * DAY // HOUR)
            start = (self.world.clock.now() // HOUR + 1 + hours) * HOUR
            if (therapist, start) not in self._starts:
                self._starts.add((therapist, start))
                return start

    def _ask(self, kind: str, therapist: str, about: Any, *more: str) -> str:
        self.acts.append(Act(kind, therapist, about, "asked"))
        self.line.ask(len(self.acts) - 1, kind, therapist, about, *more)
        return kind

    # What must hold

    def _inspect(self) -> None:
        """Check the store as the kill has left it, and every answer that was ever given."""
        if self.world.practice.store.postgresql:
            self._wait_until_alone()
        self.found = after_kill(self.world)
        self._note_received(self.found.received)
        self.crashes.update(number for number, _ in self.found.crashed - self._crashed)
        self.report.busy.update(self._cut_short() or {"nothing"})
        self._crashed |= self.found.crashed
        self._held |= set(self.found.held)
        for act in self.acts:
            self._check_act(act)
        for person in self.people:
            for session in person.sessions:
                assert session in self.found.sessions, f"{session} was shown as booked, and is lost"
            for tap in person.taps:
                self._check_tap(tap)

    def _note_received(self, received: dict[int, int]) -> None:
        """Remember when updates were received: their rows are forgotten after some days."""
        self._received = received | self._received

    def _cut_short(self) -> set[str]:
        """Return what the process was doing that has just been killed."""
        busy = {what for fence, what in self.found.held.items() if fence not in self._held}
        if self.found.crashed - self._crashed:
            busy.add("delivering")
        if self.found.unhandled:
            busy.add("answering")
        for person in self.people:
            tap = person.open_tap
            if tap is not None and tap.update_id in self.found.unhandled:
                busy.add("booking" if tap.act == "book" else "cancelling")
        return busy

    def _wait_until_alone(self) -> None:
        """Wait for PostgreSQL to notice that those it worked for are dead."""
        others = """SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_type = 'client backend'"""
        until = time.monotonic() + 10
        while True:
            with self.world.practice.reading() as view:
                if view.sql(others)[0][0] == 0 or self.line.pid is not None:
                    return
            assert time.monotonic() < until
            time.sleep(0.005)

    def _check_act(self, act: Act) -> None:
        """D1: done is there, refused never happened; with no answer either may be."""
        if act.answer == "none":
            return
        done = act.answer == "ok"
        if act.kind == "cancel":
            state = self.found.sessions[act.about]["state"]
            if done:
                assert state == "cancelled_by_therapist", f"lost: {act}"
            return
        claim = self.found.claims.get((act.therapist, act.about))
        assert (claim is not None) == done, f"{'lost' if done else 'done all the same'}: {act}"
        if done and act.kind == "follow_up":
            assert act.result in self.found.sessions, f"lost: {act}"

    def _check_tap(self, tap: Tapped) -> None:
        if tap.act == "cancelled" and tap.answer == "ok":
            about = self.found.sessions[tap.about]
            assert about["state"].startswith("cancelled"), f"lost: {tap}; there is {about}"
        if tap.act == "book" and tap.answer == "ok":
            assert tap.result in self.found.sessions, f"lost: {tap}"

    def _check_last_taps(self) -> None:
        """In the end every tap that Telegram took has had its effect, once."""
        for person in self.people:
            for tap in person.taps:
                about = self.found.sessions.get(tap.about)
                if tap.act == "cancelled" and about is not None and tap.answer != "refused":
                    self._check_cancelled(tap, about)
        live = Counter(
            (one["client"], one["slot"]) for one in self.found.sessions.values()
            if one["slot"] is not None and one["cancelled_at"] is None
        )  # fmt: skip
        assert all(count == 1 for count in live.values())

    def _check_cancelled(self, tap: Tapped, session: dict[str, Any]) -> None:
        """Check that a tap which cancels on terms that still held has cancelled, as of then."""
        received = self._received.get(tap.update_id)
        assert received is not None, f"the tap never arrived: {tap}"
        owed = session["fee"] if received > session["free_until"] else 0
        if owed != tap.owed or received >= session["start"]:
            return
        assert session["state"].startswith("cancelled"), f"without effect: {tap} {session}"

    # Time

    def _let_time_pass(self) -> None:
        """Move the clock, mostly onto instants at which something turns."""
        if self.world.telegram.pending_updates() and self.chance.random() < 0.5:
            return
        if self._waiting_since() < self.world.clock.now() - 11 * HOUR:
            return
        clock, chance = self.world.clock, self.chance
        now, roll = clock.now(), chance.random()
        charges, edges = self._instants()
        if roll < 0.45 and charges:
            clock.move_to(chance.choice(charges[:3]))
        elif roll < 0.6 and edges:
            clock.move_to(chance.choice(edges[:10]))
        elif roll < 0.8:
            clock.move_to(now + chance.choice([1, 5, 61, 121, 122]))
        else:
            clock.move_to(now + chance.randint(1, 2 * HOUR))

    def _waiting_since(self) -> int:
        """Return when the oldest update came that no life has taken in: a day, and it is lost."""
        with self.world.telegram.acting() as inside:
            return min((one.at for one in inside.updates.pending()), default=self.world.clock.now())

    def _instants(self) -> tuple[list[int], list[int]]:
        """Return when fees fall due within half a day, and when other things turn, in order."""
        charges, edges = set[int](), set[int]()
        for one in self.found.sessions.values():
            if one["state"] == "booked":
                free, start = one["free_until"], one["start"]
                charges.add(free + 60)
                edges |= {free, free + 1, start - 2 * HOUR, start - 1, start}
        now = self.world.clock.now()
        near = range(now + 1, now + 12 * HOUR)
        return sorted(at for at in charges if at in near), sorted(at for at in edges if at in near)

    def _settle(self) -> None:
        """Let the service live on, with the clock moving onto whatever is due, until nothing is."""
        with self.world.practice.reading() as view:
            self._dead_hold = _in_hand(view)
        pid = self.world.forge.service()
        for person in self.people:
            person.goal = None
        # Longer than anything falls due: a refund is looked at once more after 30 days.
        until = self.world.clock.now() + 45 * DAY
        quiet = still_since = 0.0
        before: object = None
        while quiet < 3:
            time.sleep(0.01)
            state = self._state()
            assert self.world.clock.now() < until, f"the world does not settle: {state}"
            if state != before:
                before, still_since = state, time.monotonic()
            patience = time.monotonic() - still_since < PATIENCE * self.world.killer.slowness
            if state.due_or_held and patience:
                quiet = 0
            elif state.next_due is not None:
                self.world.clock.move_to(state.next_due)
            elif not state.due_or_held:
                quiet += 1
        self.world.forge.reap(pid)
        self._inspect()
        self._check_last_taps()
        self.report.figures = settled(self.world, self.crashes)
        for act in self.acts:
            self.report.acts[act.answer] += 1
        for person in self.people:
            self.report.acts.update(tap.answer for tap in person.taps)

    def _state(self) -> State:
        """Return what is due now, what is in hand, and when something falls due next.

        All of it as of one moment: what goes from one table to the next would be missed between
        them. What is still outside is counted first, so that it is seen there or in the store.
        """
        outside = self.world.telegram.pending_updates()
        told = self.world.bank.newest_event(HEARD)
        with self.world.practice.reading() as view:
            now = view.now
            due = [
                (of, *view.sql(f"SELECT count(*) FROM {of} AND {at} <= ?", now)[0])
                for at, of in QUEUES
            ]
            ahead = [
                view.sql(f"SELECT min({at}) FROM {of} AND {at} > ?", now)[0][0] for at, of in QUEUES
            ]
            # What the dead had in hand waits for its lease to run out, not for anybody.
            held = len(_in_hand(view) - self._dead_hold)
            unheard = told is not None and view.fact(CURSOR) != told
            since = max(self._received, default=0)
            late = view.sql("SELECT update_id, received_at FROM inbox WHERE update_id > ?", since)
        self._note_received(dict(late))
        others = (("held", held), ("updates", outside), ("events", int(unheard)))
        there = tuple(one for one in (*due, *others) if one[1])
        return State(there, min((at for at in ahead if at is not None), default=None))


def _in_hand(view: View) -> set[tuple[Any, ...]]:
    """Return the payments and notices that somebody has in hand, each with its fence."""
    return {tuple(row) for query in HELD for row in view.sql(query)}
