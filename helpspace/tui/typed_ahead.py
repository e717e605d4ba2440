"""Keys that come before a form is there are kept for it: over a slow line they come in bursts."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.message import Message


class Early:
    """The keys that came before a screen was there."""

    def __init__(self) -> None:
        self._kept: list[events.Key] | None = []
        """None once the screen is there."""
        self._since = Message().time

    def takes(self, app: App[None], key: events.Key) -> bool:
        """Take a key that came before the screen was there; False for every other one.

        Those count, too, that the screen below has had and made nothing of: their bindings are
        looked up at the end of their way, when this screen stands over it already.
        """
        again = events.Key(key.key, key.character)
        if self._kept is not None:
            self._kept.append(again)
        elif key.is_forwarded and key.time <= self._since:
            app.post_message(again)
        else:
            return False
        return True

    def there(self, app: App[None]) -> None:
        """Send what was kept, in its order, now that the screen is there."""
        kept, self._kept = self._kept or [], None
        for key in kept:
            app.post_message(key)
