"""The actions on clients, invitations and the calendar's file, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, rows_of

_CLIENTS = rows_of(
    Place.CLIENTS, "clients",
    ("show", "enter", "open the marked one", "open", "Open the marked client's page."),
    ("find", "slash", "find", "find", "Find a client by a part of the name."),
    ("follow_up", "f", "book a follow-up", "follow-up", "Book a follow-up for the marked client."),
    ("invite", "i", "invite", "invite",
     "Invite somebody who is your client already, with a link for them alone."),
    ("invitations", "I", "invitations", "invitations",
     "Show the invitations: which wait, which were accepted, taken back or ran out."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "", "Go to the line below."),
    ("back", "escape,q", "back", "back", "Leave the search, or go back to the calendar."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_CLIENT = rows_of(
    Place.CLIENT, "client",
    ("show", "enter", "open the marked session", "open",
     "Open the marked session, with all that can be done about it."),
    ("follow_up", "f", "book a follow-up", "follow-up",
     "Book a follow-up: a week after their latest session."),
    ("go", "g", "to the session in the calendar", "calendar",
     "Go to the marked session in the calendar."),
    ("waive", "w", "waive", "waive", "Waive the marked session's fee; its meaning is shown first."),
    ("copy", "c", "copy the e-mail address", "copy e-mail", "Copy the client's e-mail address."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "", "Go to the line below."),
    ("back", "escape,q", "back", "back", "Go back to where it was opened."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_INVITATIONS = rows_of(
    Place.INVITATIONS, "invitations",
    ("invite", "i", "invite", "invite", "Make another invitation."),
    ("take_back", "x", "take back", "take back", "Take the marked invitation back."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "", "Go to the line below."),
    ("back", "escape,q,enter", "back", "back", "Go back to the clients."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_CODE = rows_of(
    Place.CODE, "code",
    ("copy", "c", "copy the link", "copy link", "Copy the link."),
    ("back", "escape,q,enter,Q", "back", "back", "Go back."),
)  # fmt: skip

CLIENTS: tuple[Action, ...] = (*_CLIENTS, *_CLIENT, *_INVITATIONS, *_CODE)
