"""Help, privacy and calm words for what nobody expected; none of it needs a store (D8)."""

from __future__ import annotations

from helpspace.bot.screens.base import HOME, Button, Screen, button, paragraphs, prose

URGENT = """Helpspace is not an emergency service, and nobody reads this chat.

In immediate danger: call 999 or go to A&E.
Urgent help with how you feel, at any hour: call NHS 111 and choose the mental health option.
To talk to somebody, free, day and night: Samaritans 116 123.
To text instead: send SHOUT to 85258.
Under 19: Childline 0800 1111. Under 35: Papyrus 0800 068 4141.
Northern Ireland: Lifeline 0808 808 8000."""
"""UK help in plain digits, so that phones make them tappable (K3)."""

HOW = prose("""
You choose by buttons; you only type your name and your e-mail address, when you are asked.

/start brings you home from anywhere, /sessions shows your sessions, /stop leaves what you are
doing. Neither /stop nor /cancel cancels a session by itself.
""")

PRIVACY = prose("""
Who: the team that runs this Helpspace. Your counsellor is responsible for their own notes, which
are not here.

What is kept: your chat number, your agreement, and once you book: name, e-mail address, sessions,
what was paid, and which card (brand, last four digits, expiry). The card itself is only at Stripe.
Your chat number, name and address are encrypted, with the key kept apart.

What you look for, such as a concern or a time of day, is chosen by buttons. It is kept
encrypted until a day after you last used the chat; once you book, it stays with your session,
encrypted. Nobody but you sees it.

What is not kept: what you write when nobody asked, and whom you looked at. You are never asked to
write why you come.

Why: to arrange your sessions. That you use this service says something about your health, so it
is kept only with your explicit agreement (UK GDPR, Article 9). You can take it back at any time.

Who gets it: your counsellor (name, e-mail address, sessions), Stripe (payments), the mail service
and Telegram (messages). Chats with bots are not end-to-end encrypted. Nobody else; no advertising.

How long: sessions and payments for the six years that tax law asks for, without your name once
you have asked for erasure; everything else until you ask for erasure.

Your rights: to see, correct, take along and erase your data, and to complain to the ICO
(ico.org.uk, 0303 123 1113).
""")


def urgent(*, support: str | None = None, payload: str = "") -> Screen:
    """Return the help screen, the same for everybody who asks and for whom it is offered (K3)."""
    contact = f"Questions about Helpspace: {support}" if support else ""
    rows = ((_on(payload),), (button("Privacy", "privacy", payload),), (HOME,))
    return Screen("Urgent help", paragraphs(URGENT, HOW, contact), rows)


def at_once() -> Screen:
    """Return the help lines for words that sound like a crisis; the message stays as it is (K3)."""
    return Screen("Urgent help", URGENT, ((Button("Carry on", "on"),),))


def privacy(*, support: str | None = None, payload: str = "") -> Screen:
    """Return what is kept and why; it answers always, also before consent (D8)."""
    contact = f"Write to: {support}" if support else ""
    return Screen("Privacy", paragraphs(PRIVACY, contact), ((_on(payload),), (HOME,)))


def _on(payload: str) -> Button:
    """Return the button that takes up an unfinished step, or a deep link before consent."""
    return button("Carry on", "welcome", payload) if payload else button("Carry on", "on")


def only_private() -> Screen:
    """Return what a group or channel is told before the bot leaves it."""
    return Screen(
        "Helpspace", "I only work in a private chat, to protect the people in it. Goodbye."
    )


def no_store() -> Screen:
    """Return what people are told while nothing can be written down."""
    body = (
        "Helpspace cannot reach its records just now. Nothing was booked, cancelled or charged."
        " What you sent is looked at as soon as it works again.\n\n" + URGENT
    )
    return Screen("One moment, please", body)


def held_up() -> Screen:
    """Return what people are told whose message is safe, but cannot be looked at for a while."""
    body = (
        "Helpspace cannot get at its records just now. What you sent is kept, with the time it"
        " came, and is answered as soon as that works again; you need not send it twice.\n\n"
    )
    return Screen("One moment, please", body + URGENT)


def trouble() -> Screen:
    """Return the one calm sentence after a failure on our side."""
    body = "Something went wrong on our side. Please look at your sessions before you try again."
    return Screen("That did not work", body, ((button("My sessions", "mine", 0),), (HOME,)))


STALE = "That button is from an older message. Here is a fresh screen."
"""The toast for a button that does not, or no longer, leads anywhere (A1)."""

NOT_READ = (
    "I only read text when I ask for it. Please use the buttons; if you need help now, tap /urgent."
)

NO_FILES = "I cannot take pictures, voice messages or files. Please use the buttons."

UNKNOWN_COMMAND = "I do not know that command. Here is where you were."
