"""What the visitor of the demo sees, as the guide needs to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from helpspace.core.moments import DAY
from helpspace.sandbox.demo.bubble import KeyButton
from helpspace.sandbox.demo.guide import Chat, Side, Sight
from helpspace.sandbox.demo.mails import MailScreen
from helpspace.sandbox.demo.pages import CardPage
from helpspace.tui.actions import Under

if TYPE_CHECKING:
    from helpspace.sandbox.demo.phone import PhonePane
    from helpspace.tui.widgets.calendar_pane import CalendarPane


def sight(screen: Screen[Any], calendar: CalendarPane, phone: PhonePane, now: int) -> Sight:
    """Return what is in front of the visitor on a screen, at an instant of the demo's clock."""
    view = calendar.view
    entry = calendar.entry
    focused = phone.screen.focused
    return Sight(
        side=_side(screen, phone),
        now=now,
        cursor=view.cursor if entry is None else entry.start,
        free=entry is None and calendar.under is Under.FREE,
        week=view.span if view.span[0] else (now, now + 7 * DAY),
        chats=tuple(Chat(one.text, tuple(one.labels())) for one in phone.with_buttons),
        on=focused.key.label if isinstance(focused, KeyButton) else "",
        typed=phone.line.value,
    )


def _side(screen: Screen[Any], phone: PhonePane) -> Side:
    if isinstance(screen, MailScreen):
        return Side.MAILS
    if isinstance(screen, CardPage):
        return Side.CARD_PAGE
    if screen is not phone.screen:
        return Side.PANEL
    return Side.PHONE if phone.has_focus_within else Side.CALENDAR
