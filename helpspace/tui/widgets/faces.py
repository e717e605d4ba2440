"""The views that are loaded when they are first wanted."""

from __future__ import annotations

from helpspace.tui.widgets.face import Face


def make(form: str, zone: str) -> Face:
    """Make the month or the agenda."""
    if form == "month":
        from helpspace.tui.widgets.month_view import MonthView  # noqa: PLC0415 - when first wanted

        return MonthView(zone, name=form)
    from helpspace.tui.widgets.agenda_view import AgendaView  # noqa: PLC0415 - when first wanted

    return AgendaView(zone, name=form)
