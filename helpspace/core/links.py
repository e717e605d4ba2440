"""Addresses that lead a person from a mail or a page into the chat with the bot."""

from __future__ import annotations

import re

from helpspace.core.practice import Practice, View

BOT = "bot_name"

_NAME = re.compile(r"[A-Za-z0-9_]{3,32}")


def remember_bot(practice: Practice, username: str | None) -> None:
    """Store the bot's public name, which only Telegram knows, for the links in mails."""
    if username is None or not _NAME.fullmatch(username) or bot_name(practice) == username:
        return
    with practice.change() as tx:
        tx.set_fact(BOT, username)


def bot_name(practice: Practice) -> str | None:
    """Return the bot's public name, or None before the bot has run once."""
    with practice.reading() as view:
        return view.fact(BOT)


def chat_link(view: View, start: str = "") -> str | None:
    """Return the address that opens the chat; `start` is what the bot is told (64 characters)."""
    name = view.fact(BOT)
    if name is None:
        return None
    return f"https://t.me/{name}?start={start}" if start else f"https://t.me/{name}"


def payment_return(view: View, appointment_id: str) -> str:
    """Return where the bank's page leads back to: our own page, or the chat at that session."""
    public = view.practice.settings.public_url
    if public is not None:
        return f"{public}/payments/done"
    return chat_link(view, f"paid_{appointment_id}") or "https://t.me"


def profile_link(bot: str, handle: str) -> str:
    """Return the address that opens the chat at a therapist's profile."""
    return f"https://t.me/{bot}?start=t_{handle}"


def return_address(bot: str | None) -> str:
    """Return where a card page leads back to when there is no public address."""
    return "https://t.me" if bot is None else f"https://t.me/{bot}?start=card"


def bot_address(bot: str | None) -> str:
    """Return the bot's own address, where Stripe's onboarding leads back to without our pages."""
    return "https://t.me" if bot is None else f"https://t.me/{bot}"
