"""A stand-in for Telegram: stateful, as strict as the Bot API, in process or over loopback.

`TelegramSandbox` is the service, `Phone` a person's side of it. `transport` puts it under the real
library without a socket, `http` behind an address; neither is imported from here, so that looking
at a phone needs no web framework and no Telegram library.
"""

from __future__ import annotations

from helpspace.sandbox.telegram.api import Answer, Call
from helpspace.sandbox.telegram.bubbles import Attachment, Bubble, Button, Entity, Run, runs
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.errors import ApiError, ConnectionLostError
from helpspace.sandbox.telegram.faults import Fault, Faults
from helpspace.sandbox.telegram.groups import Group
from helpspace.sandbox.telegram.phone import Phone, Tap
from helpspace.sandbox.telegram.sandbox import SANDBOX_KEY, TelegramSandbox
from helpspace.sandbox.telegram.screen import NotOnScreenError
from helpspace.sandbox.telegram.webhook import SECRET_HEADER, WebhookRequest
from helpspace.sandbox.telegram.world import Notification, Toast

__all__ = [
    "SANDBOX_KEY",
    "SECRET_HEADER",
    "Answer",
    "ApiError",
    "Attachment",
    "Bubble",
    "Button",
    "Call",
    "ConnectionLostError",
    "Entity",
    "Fault",
    "Faults",
    "Group",
    "NotOnScreenError",
    "Notification",
    "Phone",
    "Run",
    "Tap",
    "TelegramSandbox",
    "Toast",
    "Upload",
    "WebhookRequest",
    "runs",
]
