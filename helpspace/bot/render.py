"""From a screen to what Telegram takes: text, emphasis by offset, and a keyboard (A3).

No parse mode is ever used, so that foreign text cannot become formatting.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from helpspace.bot.screens.base import Button, Screen

LONGEST = 4096
"""UTF-16 units in a message."""

LABEL = 64
"""UTF-16 units on a button: more than any phone shows."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a send or an edit of a screen takes."""

    text: str
    entities: list[MessageEntity]
    keyboard: InlineKeyboardMarkup | None


def units(text: str) -> int:
    """Return the length of a text as Telegram counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """Return text shortened to at most so many UTF-16 units, never inside a character."""
    if units(text) <= longest:
        return text
    raw = text.encode("utf-16-le", "surrogatepass")[: (longest - 1) * 2]
    return raw.decode("utf-16-le", "ignore").rstrip() + "…"


def render(screen: Screen) -> Rendered:
    """Return a screen as Telegram takes it, its title in bold."""
    before = f"{screen.note}\n\n" if screen.note else ""
    after = f"\n\n{screen.body}" if screen.body else ""
    text = cut(f"{before}{screen.title}{after}", LONGEST)
    bold = MessageEntity(MessageEntity.BOLD, units(before), units(screen.title))
    fits = bold.offset + bold.length <= units(text)
    rows = [[_button(button) for button in row] for row in screen.rows if row]
    keyboard = InlineKeyboardMarkup(rows) if rows else None
    return Rendered(text, [bold] if fits and screen.title else [], keyboard)


def _button(button: Button) -> InlineKeyboardButton:
    label = cut(button.label, LABEL) or "—"
    if button.url:
        return InlineKeyboardButton(label, url=button.url)
    style = "danger" if button.danger else None
    return InlineKeyboardButton(label, callback_data=button.data, style=style)
