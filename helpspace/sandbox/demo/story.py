"""`helpspace demo --story`: one session's life as text, each step checked against the rules."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from helpspace.core import (
    appointments,
    booking,
    calendar,
    moments,
    notices,
    profiles,
    reconcile,
)
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR, LONDON, pounds, show
from helpspace.core.plain import plain
from helpspace.sandbox.demo.world import TEAM, World, open_world
from helpspace.sandbox.telegram import Phone

log = logging.getLogger(__name__)

START = 1_772_442_000
"""Monday 2 March 2026, 09:00 in London: far from any clock change."""

SEED = 1
"""Of the ids: whoever is listed by chance is listed the same way each time."""

SAM = "sam@example.org"
ZOE = "zoe-obrien@example.org"


@dataclass
class Teller:
    """Writes the story and remembers what was not as it should be."""

    out: TextIO
    wrong: list[str] = field(default_factory=list)

    def part(self, title: str) -> None:
        """Begin a part of the story."""
        print(f"\n{title}", file=self.out)

    def say(self, sentence: str) -> None:
        """Tell what happens."""
        print(f"  {sentence}", file=self.out)

    def check(self, what: str, expected: object, found: object) -> None:
        """Compare, and tell both where they differ."""
        if expected == found:
            print(f"  ✓ {what}: {found}", file=self.out)
            return
        self.wrong.append(what)
        print(f"  ✗ {what}: {found}, but it should be {expected}", file=self.out)

    def stop(self, error: Exception) -> None:
        """Tell that the story could not go on."""
        self.wrong.append("the story")
        words = plain(str(error), 200)
        print(f"  ✗ the story ends here: {type(error).__name__} ({words})", file=self.out)


@dataclass
class Story:
    """One therapist, one client, and the days between them."""

    world: World
    tell: Teller
    phone: Phone
    heard: dict[str, int] = field(default_factory=dict)

    # What people do

    async def tap(self, beginning: str) -> None:
        """The client taps the button whose label begins so."""
        tapped = self.phone.tap(lambda button: button.label.startswith(beginning))
        await self.world.bot.catch_up()
        self.tell.say(f"Sam taps [{plain(tapped.button.label)}]  → {_headline(self.phone)}")

    async def look_for(self, beginning: str) -> None:
        """The client leafs through the list until a button begins so, and taps it."""
        while not any(label.startswith(beginning) for label in self.phone.last.labels()):
            await self.tap("Next")
        await self.tap(beginning)

    async def write(self, text: str) -> None:
        """The client writes a line."""
        self.phone.write(text)
        await self.world.bot.catch_up()
        self.tell.say(f"Sam writes “{text}”  → {_headline(self.phone)}")

    async def until(self, instant: int, why: str) -> None:
        """The clock moves on to an instant."""
        await self.world.advance_to(instant)
        self.tell.say(f"… {show(instant, LONDON)}: {why}")

    # What can be seen

    def session(self, appointment_id: str) -> AppointmentView:
        """The appointment as its therapist sees it."""
        return appointments.appointment(self.world.practice, self.world.therapist, appointment_id)

    def mails(self, who: str, *expected: str) -> None:
        """Check what the mails to an address since the last look tell, in order, and for whom.

        A mail's Message-ID names the notice it was sent for; what it says is shown by its subject.
        """
        found = self.world.mails.to(who)[self.heard.get(who, 0) :]
        self.heard[who] = self.heard.get(who, 0) + len(found)
        listed = notices.notices(self.world.practice, TEAM, limit=1000)
        events = {notice.id: notice.event for notice in listed}
        told = [events.get(_notice_of(mail.header("Message-ID") or ""), "?") for mail in found]
        name = "Sam" if who == SAM else "Zoë"
        self.tell.check(
            f"mails to {name}", ", ".join(expected) or "none", ", ".join(told) or "none"
        )
        for mail in found:
            self.tell.say(f"    “{plain(mail.subject, 100)}”")

    def at_stripe(self, appointment_id: str) -> tuple[int, int]:
        """What Stripe itself has taken and given back for an appointment, in pence."""
        rows = [
            row
            for row in self.world.stripe.ledger()
            if row.metadata.get("appointment") == appointment_id
        ]
        return sum(row.gross for row in rows), sum(row.refunded for row in rows)

    def money(self, appointment_id: str, payment: str, taken: int, back: int = 0) -> None:
        """Check where the money stands, with us and at Stripe."""
        self.tell.check("payment", payment, self.session(appointment_id).payment)
        said = f"{pounds(taken)} taken, {pounds(back)} given back"
        gross, refunded = self.at_stripe(appointment_id)
        self.tell.check("at Stripe", said, f"{pounds(gross)} taken, {pounds(refunded)} given back")


async def play(out: TextIO, prepare: Callable[[World], None] | None = None) -> int:
    """Play the story, writing it to `out`; return how many things were not as the rules say.

    `prepare` changes the world before the story begins, such as by a fault at Stripe.
    """
    tell = Teller(out)
    with tempfile.TemporaryDirectory(prefix="helpspace-story-") as folder:
        async with open_world(Path(folder), START, seed=SEED) as world:
            if prepare is not None:
                prepare(world)
            try:
                await _live(Story(world, tell, world.phone(501, "Sam")))
            except Exception as error:
                # What comes next rests on what did not happen; one line says where it ended.
                log.debug("the story ended early", exc_info=True)
                tell.stop(error)
    number = len(tell.wrong)
    print("\nEverything was as the rules say." if not number else f"\n{number} wrong.", file=out)
    return number


async def _live(story: Story) -> None:
    """Play every part, one after the other."""
    start = _slot_time(story.world)
    await _open(story, start)
    first = await _book(story, start)
    follow_up = await _follow_up(story, first, start + 7 * DAY)
    await _charge(story, first)
    await _remind(story, first)
    await _cancel_in_time(story, follow_up)
    await _cancel_late(story, start + 9 * DAY)
    await _therapist_cancels(story, start + 10 * DAY)
    await _reconcile(story)


def _notice_of(message_id: str) -> str:
    found = re.search(r"notice-(\d+)@", message_id)
    return found.group(1) if found else ""


def _slot_time(world: World) -> int:
    """Return 12:00 on the Wednesday of next week, where nothing is yet."""
    return moments.at_hour(moments.local_date(world.clock.now() + 9 * DAY, LONDON), 12, LONDON)


async def _open(story: Story, start: int) -> None:
    story.tell.part(f"{show(START, LONDON)} · The therapist opens a slot")
    world = story.world
    opened = calendar.open_slots(world.practice, world.therapist, world.therapist_id, start)
    story.tell.say(f"Zoë opens {show(start, LONDON)} for a first session.")
    story.tell.check("the slot is", "open", opened.slots[0].state)
    view = profiles.therapist(world.practice, world.therapist, world.therapist_id)
    story.tell.check("her profile is visible", True, view.visible)


async def _book(story: Story, start: int) -> str:
    story.tell.part("A client books it with a card")
    story.phone.start()
    await story.world.bot.catch_up()
    for label in ("I agree", "Find a"):
        await story.tap(label)
    await story.look_for("Zoë")
    await story.tap("All free")
    day = moments.show_day(moments.local_date(start, LONDON))
    for label in (day, moments.show_time(start, LONDON), "Go on"):
        await story.tap(label)
    await story.write("Sam Smith")
    await story.write(SAM)
    await story.tap("Book")
    story.tell.check("the chat says", "One step left: your card", _headline(story.phone))
    await story.tap("Open the card page")
    session = story.phone.opened[-1].rsplit("/", 1)[-1]
    story.tell.say("Sam types 4242 4242 4242 4242 at Stripe's page.")
    story.tell.check("the card is taken", True, story.world.type_card(session))
    await story.world.advance(20)
    found = appointments.appointments(story.world.practice, story.world.therapist)[0]
    said = f"£45, {found.kind}, free to cancel until {show(start - 2 * DAY, LONDON)}"
    seen = f"{pounds(found.fee_pence)}, {found.kind}, free to cancel until"
    story.tell.check("booked", said, f"{seen} {show(found.free_until, LONDON)}")
    story.mails(SAM, "booked")
    story.mails(ZOE, "booked")
    link = next(mail for mail in story.world.mails.to(SAM)).links[-1]
    story.tell.say("Sam opens the link in the mail: the address is confirmed.")
    story.phone.open(link)
    await story.world.settle()
    story.mails(SAM, "booked")
    full = story.world.mails.to(SAM)[-1]
    room = found.video_url or "no room"
    story.tell.check("the mail has the video link", True, room in full.text)
    story.tell.check("and a calendar file", True, bool(full.calendar))
    story.money(found.id, "scheduled", 0)
    return found.id


def _headline(phone: Phone) -> str:
    return phone.last.text.splitlines()[0]


async def _follow_up(story: Story, first: str, start: int) -> str:
    story.tell.part("The therapist books a follow-up for next week")
    made = _book_for(story, first, start)
    await story.world.settle()
    when = show(start, LONDON)
    story.tell.say(f"Zoë books {when} for Sam.")
    story.tell.check("fee", "£60", pounds(made.fee_pence))
    story.mails(SAM, "booked")
    story.mails(ZOE, "booked")
    return made.id


def _book_for(story: Story, first: str, start: int) -> AppointmentView:
    world = story.world
    client = story.session(first).client_id
    return booking.book_follow_up(
        world.practice, world.therapist, world.therapist_id, client, start
    )


async def _charge(story: Story, first: str) -> None:
    story.tell.part("48 hours before, the card is charged")
    view = story.session(first)
    await story.until(view.free_until, "the last instant to cancel free of charge")
    story.money(first, "scheduled", 0)
    await story.until(view.free_until + 61, "a minute later")
    story.money(first, "paid", 4500)
    story.mails(SAM, "charged")


async def _remind(story: Story, first: str) -> None:
    story.tell.part("On the day, both are reminded")
    view = story.session(first)
    day = moments.local_date(view.start, LONDON)
    await story.until(moments.at_hour(day, 8, LONDON) - 1, "not yet")
    story.mails(SAM)
    story.mails(ZOE)
    await story.until(moments.at_hour(day, 8, LONDON), "in the morning of the day")
    story.mails(SAM, "reminder")
    story.mails(ZOE, "reminder")
    await story.until(view.end + 60, "the session is over")
    story.tell.check("state", "completed", story.session(first).state)


async def _cancel_in_time(story: Story, follow_up: str) -> None:
    story.tell.part("The client cancels another session in time: free")
    await _client_cancels(story, follow_up, "Yes, cancel · free")
    story.tell.check("state", "cancelled_by_client", story.session(follow_up).state)
    await story.world.advance(HOUR)
    story.money(follow_up, "none", 0)
    story.mails(SAM, "cancelled")
    story.mails(ZOE, "cancelled")


async def _client_cancels(story: Story, appointment_id: str, button: str) -> None:
    story.phone.start()
    await story.world.bot.catch_up()
    when = show(story.session(appointment_id).start, LONDON)
    for label in ("My sessions", when, "Cancel this session", button):
        await story.tap(label)
    await story.world.settle()


async def _cancel_late(story: Story, start: int) -> None:
    story.tell.part("The client cancels a session late: the full fee")
    first = appointments.appointments(story.world.practice, story.world.therapist)[0].id
    made = _book_for(story, first, start)
    await story.world.settle()
    await story.until(made.free_until + 1, "one second too late to cancel free of charge")
    await _client_cancels(story, made.id, "Yes, cancel · pay £60")
    await story.world.advance(120)
    story.tell.check("state", "cancelled_by_client", story.session(made.id).state)
    story.money(made.id, "paid", 6000)
    story.mails(SAM, "booked", "cancelled", "charged")
    story.mails(ZOE, "booked", "cancelled")


async def _therapist_cancels(story: Story, start: int) -> None:
    story.tell.part("The therapist cancels a paid session: everything goes back")
    first = appointments.appointments(story.world.practice, story.world.therapist)[0].id
    made = _book_for(story, first, start)
    await story.world.settle()
    await story.until(made.free_until + 61, "the card has been charged")
    story.money(made.id, "paid", 6000)
    shown = booking.preview_cancel(story.world.practice, story.world.therapist, made.id)
    story.tell.check("the dialog shows a refund of", "£60", pounds(shown.refund_pence))
    booking.cancel(story.world.practice, story.world.therapist, made.id, shown_owed_pence=0)
    story.tell.say("Zoë cancels.")
    await story.world.settle()
    story.money(made.id, "refunded", 6000, 6000)
    story.mails(SAM, "booked", "charged", "cancelled", "refunded")
    story.mails(ZOE, "booked", "cancelled")


async def _reconcile(story: Story) -> None:
    story.tell.part("The books are compared with Stripe's")
    world = story.world
    found = await world.offload(reconcile.reconcile, world.practice, world.gateway)
    story.tell.check("differences", [], found)
    story.world.stripe.check(one_payment_per="appointment")
    taken = sum(row.gross - row.refunded for row in story.world.stripe.ledger())
    story.tell.check("kept in all", "£105", pounds(taken))
