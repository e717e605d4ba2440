"""The first screens: what is kept and whether that is all right, and home."""

from __future__ import annotations

from helpspace.bot.screens.base import Screen, button, lines, paragraphs, prose
from helpspace.bot.screens.words import moment
from helpspace.core.accounts import CONSENT_VERSION
from helpspace.core.appointments import AppointmentView

KEPT = prose("""
Here you find a counsellor in the UK, book a first session, and look after your sessions. Looking
costs nothing.

If you agree, we keep your chat number, encrypted. When you book, we also keep your name, e-mail
address and sessions. That you are here says something about your health, so we ask for your
explicit agreement (UK GDPR). You can take it back at any time. You are never asked to write what
brings you here; what you look for is chosen by buttons, and forgotten after a day unless you book.

This is not an emergency service. In danger call 999. Samaritans: 116 123, free, day and night.
""")


def consent(payload: str = "") -> Screen:
    """Ask for consent before anything is stored (K3a); a deep link survives in the button."""
    rows = (
        (button("I agree, go on", "agree", CONSENT_VERSION, payload),),
        (button("What exactly is kept", "privacy", payload),),
        (button("Urgent help", "help", payload),),
    )
    return Screen("Welcome to Helpspace", KEPT, rows)


def home(
    upcoming: AppointmentView | None,
    zone: str,
    now: int,
    *,
    hold: tuple[str, str, str] | None = None,
    hold_until: str = "",
) -> Screen:
    """Return where everything starts, with the next session and a time that is being held."""
    ahead = ""
    if upcoming is not None:
        at = moment(upcoming.start, upcoming.end, zone, now)
        ahead = lines("Your next session:", at, f"with {upcoming.other_name}")
    held = f"A time is held for you until {hold_until}." if hold else ""
    mine = (button("My sessions", "mine", 0),)
    finding = (
        (button("Find a counsellor", "find", 0),),
        (button("Who could see me soon?", "soon", 2, 0, 0),),
    )
    # First what most likely brings somebody here: their next session, else looking for one.
    ways = (mine, *finding) if upcoming is not None else (*finding, mine)
    rows = (
        (button("Finish my booking", "hold", *hold),) if hold else (),
        *ways,
        (button("My card", "card"), button("Me", "me")),
        (button("Help", "help", ""), button("Privacy", "privacy", "")),
    )
    return Screen("Home", paragraphs(held, ahead) or "What would you like to do?", rows)
