"""A mail server on loopback that delivers nothing: it keeps every mail, and can misbehave."""

from __future__ import annotations

from helpspace.sandbox.mail.inbox import Mail, Mailbox, MailFault, MailFaultKind, Part
from helpspace.sandbox.mail.server import MailServer

__all__ = ["Mail", "MailFault", "MailFaultKind", "MailServer", "Mailbox", "Part"]
