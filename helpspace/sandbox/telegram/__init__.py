"""A stand-in for Telegram: stateful, as strict as the Bot API, in process or over loopback.

`TelegramSandbox` is the service, `Phone` a person's side of it. `transport` puts it under the real
library without a socket, `http` behind an address; neither is imported from here, so that looking
at a phone needs no web framework and no Telegram library.
"""

from __future__ import annotations

from .api import Answer, Call
from .bubbles import Attachment, Bubble, Button, Entity, Run, runs
from .decode import Upload
from .errors import ApiError, ConnectionLostError
from .faults import Fault, Faults
from .groups import Group
from .phone import Phone, Tap
from .sandbox import SANDBOX_KEY, TelegramSandbox
from .screen import NotOnScreenError
from .webhook import SECRET_HEADER, WebhookRequest
from .world import Notification, Toast

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
