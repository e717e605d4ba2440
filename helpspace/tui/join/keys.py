"""The actions of the joining app, for the table of all actions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from helpspace.tui.action import Action, Place, Under

# Keys that turn pages or change the field have priority: what is typed right after them then
# goes where it belongs, however fast it comes.


def _bar(word: str) -> Mapping[Under, str]:
    """The word in the key bar; none leaves the action out of it."""
    return MappingProxyType({Under.FREE: word} if word else {})


_STEPS = tuple(
    Action(f"steps.{run}", keys, f"joining: {verb}", sentence, Place.JOINING, run, _bar(word))
    for run, keys, verb, word, sentence in (
        ("open", "enter", "open", "open", "Open what the marked line is about."),
        ("up", "up,k", "line above", "", "Go to the line above."),
        ("down", "down,j", "line below", "", "Go to the line below."),
        ("hand_in", "s", "hand in", "hand in", "Hand the application in, once it is complete."),
        ("application", "a", "application", "application",
         "Open the application at the first page that lacks something."),
        ("payments", "p", "payments", "payments", "Enable payments at Stripe."),
        ("learn", "l", "learn", "learn", "Open the course."),
        ("profile", "e", "profile", "profile", "Edit what clients see of you."),
        ("proofs", "n", "new proof", "new proof",
         "Hand in a new insurance certificate or registration after the approval."),
        ("calendar", "c", "calendar", "calendar",
         "Open the calendar: the first slot in it publishes the profile."),
        ("again", "r", "look again", "", "Read everything afresh."),
        ("help", "question_mark", "help", "help", "Show every key and what it does."),
    )
)  # fmt: skip

_BEGINNING = (
    Action(
        "begin.do", "enter", "beginning: begin", "Begin the application.",
        Place.BEGINNING, "do", _bar("begin"),
    ),
    Action(
        "begin.next", "tab", "beginning: next field", "Go to the next field.",
        Place.BEGINNING, "app.focus_next", _bar("next field"), priority=True,
    ),
    Action(
        "begin.previous", "shift+tab", "beginning: field before", "Go to the field before.",
        Place.BEGINNING, "app.focus_previous", priority=True,
    ),
    Action(
        "begin.leave", "escape", "beginning: leave", "Leave Helpspace; nothing is kept.",
        Place.BEGINNING, "app.quit", _bar("leave"),
    ),
)  # fmt: skip

_PAGE = (
    Action(
        "page.next", "ctrl+n,pagedown", "application: next page", "Go to the next page.",
        Place.APPLICATION, "next", _bar("next page"), priority=True,
    ),
    Action(
        "page.back", "ctrl+b,pageup", "application: page before", "Go to the page before.",
        Place.APPLICATION, "back", _bar("back"), priority=True,
    ),
    Action(
        "page.next_field", "tab", "application: next field",
        "Go to the next field; in a field of one line Enter does so too.",
        Place.APPLICATION, "app.focus_next", _bar("next field"), priority=True,
    ),
    Action(
        "page.previous_field", "shift+tab", "application: field before",
        "Go to the field before.", Place.APPLICATION, "app.focus_previous", priority=True,
    ),
    Action(
        "page.choose", "ctrl+o", "application: choose a file",
        "Choose a file of this page from a list.", Place.APPLICATION, "choose",
        _bar("choose file"),
    ),
    Action(
        "page.again", "ctrl+r", "application: read again",
        "Read the page again after somebody else changed it; what you typed stays.",
        Place.APPLICATION, "again", _bar("read again"), priority=True,
    ),
    Action(
        "page.steps", "escape", "application: all steps",
        "Go back to the three steps; everything typed is kept.",
        Place.APPLICATION, "steps", _bar("all steps"),
    ),
)  # fmt: skip

_CHOICES = tuple(
    Action(f"choices.{run}", keys, f"choices: {verb}", sentence, Place.CHOICES, run, priority=True)
    for run, keys, verb, sentence in (
        ("choose", "space,enter", "choose", "Choose what is marked, or leave it out again."),
        ("later", "right", "next", "Go to the next choice."),
        ("earlier", "left", "before", "Go to the choice before."),
        ("below", "down", "line below", "Go a line down."),
        ("above", "up", "line above", "Go a line up."),
    )
)

_FILES = (
    Action(
        "file.hand_in", "enter", "file: hand in",
        "Hand in the file whose path is typed, pasted or dropped into the field.",
        Place.FILE, "hand_in",
    ),
    Action(
        "document.take_away", "x,delete", "file: take away",
        "Take the file out of the application.",
        Place.DOCUMENT, "take_away", _bar("take away"),
    ),
)  # fmt: skip

_FOLDER = tuple(
    Action(f"folder.{run}", keys, f"folder: {verb}", sentence, Place.FOLDER, run, _bar(word),
           priority=True)
    for run, keys, verb, word, sentence in (
        ("choose", "enter,right", "choose", "choose", "Choose the file, or open the folder."),
        ("up", "left,backspace", "folder above", "folder above", "Go to the folder above."),
        ("leave", "escape", "leave", "leave", "Leave without choosing a file."),
    )
)  # fmt: skip

_PAYMENTS = tuple(
    Action(f"payments.{run}", keys, f"payments: {verb}", sentence, Place.PAYMENTS, run, _bar(word))
    for run, keys, verb, word, sentence in (
        ("link", "enter,g", "get the link", "get the link",
         "Have Stripe make a link: to its form, or later to your dashboard there."),
        ("browser", "o", "open in the browser", "open in browser",
         "Open the link in the browser; over SSH, copy it."),
        ("copy", "c", "copy the link", "copy", "Copy the link."),
        ("again", "r", "look again", "look again", "Ask Stripe now how things stand."),
        ("back", "escape", "back", "all steps", "Go back to the three steps."),
    )
)  # fmt: skip

_AWAY = (
    Action(
        "away.back", "b", "calendar: back to the steps", "Go back to the three steps of joining.",
        Place.AWAY, "back", _bar("back to the steps"),
    ),
)  # fmt: skip

JOINING: tuple[Action, ...] = (
    *_STEPS, *_BEGINNING, *_PAGE, *_CHOICES, *_FILES, *_FOLDER, *_PAYMENTS, *_AWAY,
)  # fmt: skip
