"""How a request finds its endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from helpspace.sandbox.stripe.answers import Call
from helpspace.sandbox.stripe.params import Kind, Obj, Shape, many, text
from helpspace.sandbox.stripe.state import World

Handler = Callable[[World, Call], Obj]
EXPAND: dict[str, Kind] = {"expand": many(text(), 20)}


@dataclass(frozen=True)
class Route:
    """One endpoint: `{}` in the path stands for an id; `connected` allows Stripe-Account."""

    method: str
    path: str
    handler: Handler
    shape: Shape = field(default_factory=dict)
    connected: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression."""
        return re.compile("([^/]+)".join(map(re.escape, self.path.split("{}"))))

    @property
    def full_shape(self) -> Shape:
        """Every endpoint knows `expand`."""
        return {**self.shape, **EXPAND}
