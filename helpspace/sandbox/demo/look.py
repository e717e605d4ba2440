"""How the demo lays out its two sides, and what opens over them, in the room there is."""

from __future__ import annotations

WIDE = 110
"""Columns from which on both sides are shown; below, one at a time."""

TALL = 30
"""Lines from which on the forms stand below the bar; a short screen they need for themselves."""

CSS = """
#both { height: 1fr; }
#both PhonePane { width: 48; }
#opening { width: 1fr; height: 1fr; content-align: center middle; }
.-narrow #both PhonePane { width: 1fr; }
.-narrow.-phone CalendarPane { display: none; }
.-narrow.-calendar PhonePane { display: none; }
Panel, CardPage, LinkPage, MailScreen { background: $background 40%; }
CardPage > Vertical, LinkPage > Vertical, MailScreen > Vertical { margin: 3 0 0 0; }
Panel.-wide > .panel { margin: 0 48 0 0; }
Panel.-wide.-tall > .panel { margin: 3 48 0 0; }
CardPage.-wide { align: right middle; }
"""
