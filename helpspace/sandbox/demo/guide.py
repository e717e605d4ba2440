"""What the demo says: what has just happened in it, and which key or button comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from helpspace.core.moments import LONDON, at_zone, show, show_day, show_time
from helpspace.core.plain import plain
from helpspace.sandbox.demo.journey import Journey, Step
from helpspace.sandbox.sample import THERAPISTS

if TYPE_CHECKING:
    from helpspace.sandbox.demo.world import World
    from helpspace.sandbox.mail import Mail

WELCOME = "Zoë is a counsellor, Sam looks for one; time stands still until you move it."

TOLD = frozenset({"holds"})
"""The jobs whose work is told in their own words; of the others the mails tell."""

THERAPIST = THERAPISTS[0].name

STEPS = len(Step) - 1

AHEAD = 3
"""Days from now to the slot that is proposed: long enough ahead to be free to cancel."""


class Side(Enum):
    """Where the visitor is."""

    CALENDAR = auto()
    PHONE = auto()
    CARD_PAGE = auto()
    MAILS = auto()
    PANEL = auto()
    """A form or question of the calendar, or anything else that lies over both sides."""


class Chat(NamedTuple):
    """One message of the phone that has buttons."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What is before the visitor's eyes; instants are UTC seconds."""

    side: Side
    now: int
    cursor: int = 0
    """Where the calendar's cursor is, or the start of what it is on."""
    free: bool = True
    """Whether nothing is there yet and it is still to come."""
    week: tuple[int, int] = (0, 0)
    """The time that the calendar shows."""
    chats: tuple[Chat, ...] = ()
    """The phone's messages with buttons, newest first."""
    on: str = ""
    """The button of the phone that Enter taps."""
    typed: str = ""
    """What stands in the phone's line."""


def happened(
    world: World, mails: Sequence[Mail], due: int | None, said: str = "", idle: str = ""
) -> str:
    """Return what was said, which mails left and what the jobs did since the last look.

    Without any of these it is `idle`, or what falls due next, which else stands at the end.
    """
    subjects = list(dict.fromkeys(plain(mail.subject) for mail in reversed(mails)))
    posts = [f"✉ {subject}" for subject in subjects[:2]]
    if len(subjects) > len(posts):
        posts.append(f"and {len(subjects) - len(posts)} more")
    told = [report.words for name, report in world.reports if name in TOLD]
    news = [word for word in (said, *posts, *dict.fromkeys(told)) if word]
    if not news and idle:
        return idle
    if due is not None and due > world.clock.now():
        news.append(f"F7 leads to {show(due, LONDON)}")
    return " · ".join(news)


def clock_words(now: int) -> str:
    """Return what time it is in the demo."""
    return show(now, LONDON)


def tip(journey: Journey, sight: Sight) -> str:
    """Return the next step and the key or button that takes it."""
    if journey.step is Step.DONE:
        return "That was a session's life. F7 goes on, F8 reads its mails, ^Q leaves."
    return f"Step {journey.step}/{STEPS}: {_WORDS[journey.step](journey, sight)}"


def _open(_: Journey, sight: Sight) -> str:
    if sight.side is Side.PHONE:
        return "F2 goes to the calendar, where Zoë opens a slot."
    if sight.side is not Side.CALENDAR:
        return _over(sight, "Enter opens the slot, and clients can book it.")
    day = at_zone(sight.now, LONDON).date() + timedelta(days=AHEAD)
    if at_zone(sight.cursor, LONDON).date() < day:
        return f"open a slot. → to {day:%A}, then s opens one there."
    return "s opens a slot here." if sight.free else "↓ to free time, then s opens a slot."


def _book(journey: Journey, sight: Sight) -> str:
    if sight.side is Side.CALENDAR:
        return "F2 goes to the phone, where Sam books that slot."
    if sight.side is Side.PHONE:
        return _tap(journey, sight)
    return _over(sight, "Esc closes this. Then F2 goes to the phone.")


def _confirm(_: Journey, sight: Sight) -> str:
    if sight.side is Side.MAILS:
        return "in the mail to Sam: Enter goes to its link, Enter opens it."
    if sight.side in (Side.CALENDAR, Side.PHONE):
        return "booked. F8 opens the mails: Sam confirms the address there."
    return _over(sight, "Esc closes this. Then F8 opens the mails.")


def _follow_up(journey: Journey, sight: Sight) -> str:
    if sight.side is Side.PHONE:
        return "F2 goes to the calendar, where Zoë books the next session."
    if sight.side is Side.CALENDAR:
        return _way(journey, sight) or "f books a follow-up, a week after this session."
    return _over(sight, "Enter books the follow-up for Sam.")


def _charge(journey: Journey, sight: Sight) -> str:
    if journey.declined:
        if sight.side is Side.PHONE:
            return "the card was not charged. Details says why, and how to pay."
        return "Sam's card was not charged. F2: the phone says how to pay."
    if sight.side in (Side.CALENDAR, Side.PHONE):
        return "F7 moves the clock on, to 48 h ahead: the card is charged."
    return _over(sight, "Esc closes this. Then F7 moves the clock on.")


def _receipt(_: Journey, sight: Sight) -> str:
    if sight.side is Side.MAILS:
        return "↑↓ to the receipt that went to Sam."
    return "the card was charged. F8 shows the mail about it."


def _cancel(journey: Journey, sight: Sight) -> str:
    if sight.side is Side.PHONE:
        return "F2 goes to the calendar. What if Zoë has to cancel?"
    if sight.side is Side.CALENDAR:
        return _way(journey, sight) or "x cancels this session; the refund is shown first."
    return _over(sight, "y cancels the session; Sam gets everything back.")


def _refund(_: Journey, sight: Sight) -> str:
    if sight.side is Side.MAILS:
        return "↑↓ to the refund that Sam was told of."
    return "the money goes back. F8 shows the mail about it."


_WORDS = {
    Step.OPEN: _open,
    Step.BOOK: _book,
    Step.CONFIRM: _confirm,
    Step.FOLLOW_UP: _follow_up,
    Step.CHARGE: _charge,
    Step.RECEIPT: _receipt,
    Step.CANCEL: _cancel,
    Step.REFUND: _refund,
}


def _over(sight: Sight, panel: str) -> str:
    """Return what to do in what lies over both sides."""
    if sight.side is Side.MAILS:
        return "Esc closes the mails, and the demo goes on."
    if sight.side is Side.CARD_PAGE:
        return "Enter saves the card 4242 4242 4242 4242, which works."
    return panel


def _way(journey: Journey, sight: Sight) -> str:
    """Return how the cursor comes to a session, or nothing when it is there."""
    first, end = sight.week
    when = show(journey.start, LONDON)
    if journey.start < first:
        return f"[ shows the week before; Sam's session is on {when}."
    if journey.start >= end:
        return f"] shows the week after; Sam's session is on {when}."
    if sight.cursor == journey.start and not sight.free:
        return ""
    key, words = ("n", "goes on") if sight.cursor < journey.start else ("p", "goes back")
    return f"{key} {words} to Sam's session on {when}."


def _tap(journey: Journey, sight: Sight) -> str:
    """Return how the client comes to the slot and books it."""
    for chat in sight.chats:
        label = _wanted(journey.start, chat)
        if label is None:
            continue
        if label == _TYPED:
            sends = "Enter sends it." if sight.typed else "such as sam@example.org, then Enter."
            return f"type an e-mail address, {sends}"
        shown = " · ".join(label.split(" · ")[:2])
        other = "; or type a name." if label.startswith("Use ") else "."
        if sight.on == label:
            return f"Enter taps “{plain(shown, 32)}”{other}"
        return f"↑↓ to “{plain(shown, 32)}”, then Enter{other}"
    return "type /start, then Enter."


_AGAIN = ("Finish my booking", "Look at the time again")
"""Buttons that lead back to a booking that was left half done."""

_TYPED = "\0typed"
"""Stands for a text that is asked for instead of a button."""


def _wanted(slot: int, chat: Chat) -> str | None:
    """Return the button of a message that leads on to a slot, if it has one."""
    day, time = show_day(at_zone(slot, LONDON).date()), show_time(slot, LONDON)
    onwards = ("Open the card page", "Book ·", "Go on", "Use “", "Keep ", *_AGAIN)
    choices = (f"{day} {time}", time, f"{day} ·", "All free times", "Next ›")
    found = THERAPIST in chat.text
    if "write your e-mail address" in chat.text and not _first(chat, ("Keep ",)):
        return _TYPED
    if found and _first(chat, ("Home",)) and THERAPIST not in chat.labels:
        return _first(chat, (*onwards, *choices, "Home"))
    start = (THERAPIST, "Next ›", "Find a counsellor", "I agree")
    return _first(chat, (*onwards, *start, "‹ Previous", "Home", "‹ Back"))


def _first(chat: Chat, beginnings: Sequence[str]) -> str | None:
    """Return the label that begins with the first of these that any label begins with."""
    for beginning in beginnings:
        for label in chat.labels:
            if label.startswith(beginning):
                return label
    return None
