"""Exercises on what belongs where: chapters 1, 2, 4 and 6."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from helpspace.core import booking, policy, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining.lessons import figures
from helpspace.core.joining.progress import STEPS
from helpspace.core.moments import DAY, HOUR
from helpspace.tui.learn.choosing import Answer, Choice, compared
from helpspace.tui.learn.exercise import Asked, Exercise, Question, Verdict
from helpspace.tui.learn.ground import Bench

_F = figures()

NOTES = Choice(
    "A session has just ended. You would like to write down what you worked on, and what you"
    " want to come back to next week.",
    "Where does that go?",
    (
        Answer("Into Helpspace, beside the session",
               "Helpspace keeps times, bookings and payments; it has no place for session notes."),
        Answer("Into the chat with the client",
               "The chat arranges sessions; what you work on together does not belong in it."),
        Answer("Into my own notes, kept apart from Helpspace"),
        Answer("Into the reason of the booking, which only the team sees",
               "A booking has no reason, and nobody is asked for one; notes stay with you."),
    ),
    {2},
    "Your notes stay with you, and so does the responsibility for them: you are their controller.",
)  # fmt: skip

URGENT = Choice(
    "Late in the evening a client writes into the chat that they cannot go on.",
    "What happens?",
    (
        Answer("You are called on the phone",
               "Nobody sits behind the chat and nobody is called; it shows lines that answer."),
        Answer("The chat shows 999, NHS 111, Samaritans 116 123 and Shout 85258, and stores"
               " nothing"),
        Answer("The message waits for you in the calendar",
               "Such a message is never stored, so it cannot wait anywhere; urgent lines are shown"
               " at once."),
    ),
    {1},
    "The urgent lines are shown at once. Tell new clients that you are not there in between.",
)  # fmt: skip


class Order(Question):
    """The three steps of joining, as the core has them (J1)."""

    _ORDERS = (
        ("payments", "application", "publishing"),
        ("application", "publishing", "payments"),
        ("application", "payments", "publishing"),
    )
    _WHY = (
        "Approval comes before payments: only then does the mail invite you to Stripe.",
        "A profile cannot be published while payments are not enabled.",
        "",
    )

    def ask(self, bench: Bench) -> Asked:
        del bench
        texts = tuple(" → ".join(order) for order in self._ORDERS)
        return Asked(
            "A colleague asks you how one joins Helpspace.", "In which order do the steps come?",
            texts,
        )  # fmt: skip

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        del bench
        (one,) = chosen
        if self._ORDERS[one] == tuple(STEPS):
            return Verdict(True, "First the application, then payments, then the profile.")
        return Verdict(False, self._WHY[one])


class Missing(Question):
    """What stands between a therapist and a visible profile, by the core's own answer (P1, J7)."""

    many = True
    _CODES = (
        "payments_not_enabled", "course_not_completed", "proofs_expired", "no_minimum_notice",
        "no_bookable_slot",
    )  # fmt: skip
    _WHY = (
        "Stripe says that payments are enabled, so nothing is missing there.",
        "The course is completed once, and stays completed.",
        "A proof that has run out hides the profile until a new one is accepted.",
        "A minimum notice is chosen: how long it is does not matter here.",
        "Without a slot that can be booked now there is nothing to show; opening one publishes.",
    )

    def ask(self, bench: Bench) -> Asked:
        ground = bench.ground
        client = ground.add_client("Sam Taylor")
        expiry = bench.now + 300 * DAY
        ground.move_to(expiry - 6 * HOUR)
        bench.book(client, bench.open_slot(expiry + 2 * DAY))
        ground.move_to(expiry + HOUR)
        story = (
            "You have been with Helpspace for months: payments are enabled, the course is done, and"
            f" your minimum notice is {_F['notice']}. Sam has just booked your only open slot."
            " Your insurance ended an hour ago."
        )
        return Asked(
            story,
            "Why do clients not see your profile now? Mark everything that stands in the way.",
            tuple(_first_up(policy.WHY_HIDDEN[code]) for code in self._CODES),
            many=True,
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        why = profiles.therapist(bench.practice, bench.you, bench.you.id).why_hidden
        right = {number for number, code in enumerate(self._CODES) if code in why}
        answers = tuple(Answer("", text) for text in self._WHY)
        praise = "Both have to be mended; Sam's session stands, whatever the profile shows."
        return compared(answers, chosen, right, praise)


class _Attempt(NamedTuple):
    """Something that somebody may wish to do; it is right if the core does not refuse it."""

    text: str
    why: str
    act: Callable[[Bench, Actor], object]


def _books_initial(bench: Bench, _sam: Actor) -> object:
    other = bench.ground.add_client("Kim Hall")
    return bench.book(other, bench.open_slot(bench.now + 4 * DAY))


def _books_second(bench: Bench, sam: Actor) -> object:
    return bench.book(sam, bench.open_slot(bench.now + 5 * DAY))


def _books_own_follow_up(bench: Bench, sam: Actor) -> object:
    you = bench.you.id
    return booking.book_follow_up(bench.practice, sam, you, sam.id, bench.now + 6 * DAY)


def _follow_up_soon(bench: Bench, sam: Actor) -> object:
    you = bench.you
    return booking.book_follow_up(bench.practice, you, you.id, sam.id, bench.now + 6 * HOUR)


def _follow_up_stranger(bench: Bench, _sam: Actor) -> object:
    you, stranger = bench.you, bench.ground.add_client("Alex Reed")
    return booking.book_follow_up(bench.practice, you, you.id, stranger.id, bench.now + 7 * DAY)


class MayBook(Question):
    """Who may book what: everything is tried on the ground (B1, B2, B5)."""

    many = True
    _ATTEMPTS = (
        _Attempt("A client books a first session, in a slot you opened",
                 "First sessions are booked by clients, in the slots that you open.",
                 _books_initial),
        _Attempt("Sam books a second first session with you",
                 "With each client you have one initial session that stands; you book the rest.",
                 _books_second),
        _Attempt("Sam books a follow-up in the chat",
                 "Only you book follow-ups; the chat has no way to do it, whatever is sent.",
                 _books_own_follow_up),
        _Attempt("You book a follow-up for Sam this afternoon",
                 "Your minimum notice binds clients who book, and never limits you.",
                 _follow_up_soon),
        _Attempt("You book a follow-up for somebody who never booked you",
                 "A follow-up needs a session that stands with you, or an accepted invitation.",
                 _follow_up_stranger),
    )  # fmt: skip

    def ask(self, bench: Bench) -> Asked:
        sam = bench.ground.add_client("Sam Taylor")
        bench.book(sam, bench.open_slot(bench.now + 3 * DAY))
        bench.kept["sam"] = sam.id
        return Asked(
            f"Sam has a first session with you on Thursday. Your minimum notice is {_F['notice']}.",
            "What of this is possible? Mark everything that is.",
            tuple(attempt.text for attempt in self._ATTEMPTS),
            many=True,
        )

    def judge(self, bench: Bench, chosen: frozenset[int]) -> Verdict:
        if "possible" not in bench.kept:
            sam = Actor.client(bench.kept["sam"], "course")
            found = [str(n) for n, one in enumerate(self._ATTEMPTS) if _works(one, bench, sam)]
            bench.kept["possible"] = " ".join(found)
        right = {int(number) for number in bench.kept["possible"].split()}
        answers = tuple(Answer(one.text, one.why) for one in self._ATTEMPTS)
        return compared(
            answers, chosen, right, "All of it was just tried, and only these two were not refused."
        )


def _works(attempt: _Attempt, bench: Bench, sam: Actor) -> bool:
    try:
        attempt.act(bench, sam)
    except HelpspaceError:
        return False
    return True


FIRST_MINUTES = Choice(
    "A new client is in your video room for the first time.",
    "What do you tell them in the first minutes? Mark everything that belongs there.",
    (
        Answer("What it costs, and when the card is charged",
               "Money belongs on the table early: the fee, and when the card is charged."),
        Answer(f"That cancelling is free until {_F['window']} before the start",
               f"They should know that cancelling is free until {_F['window']} before the start."),
        Answer("That the video is recorded in Helpspace",
               "Nothing is recorded: the room is a place to meet and keeps nothing."),
        Answer("That what they say stays between you, and where that has limits",
               "Confidentiality and its limits are said before anything else is."),
        Answer("Who helps in an emergency, as you are not there in between",
               "Say that 999, NHS 111, Samaritans 116 123 and Shout 85258 are there, and you not."),
        Answer("That they book the next session themselves, in the chat",
               "Further sessions are entered by you, once you both wish to go on."),
    ),
    {0, 1, 3, 4},
    "A few plain sentences, and then the time is theirs.",
    many=True,
)  # fmt: skip


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


EXERCISES = (
    Exercise("helpspace", (NOTES, URGENT)),
    Exercise("joining", (Order(), Missing())),
    Exercise("sessions", (MayBook(),)),
    Exercise("first-session", (FIRST_MINUTES,)),
)
