"""Opening a session's video room from a terminal, which may have no browser of its own."""

from __future__ import annotations

import os
import webbrowser
from typing import Any

from textual.app import App


def launch(app: App[Any], url: str) -> bool:
    """Open an address in the browser; where there is none, copy it. Return whether it was opened.

    Over SSH a browser would open on the other machine, and a text browser would take this terminal.
    Finding a browser may start a process, so this belongs in a thread.
    """
    if os.environ.get("SSH_CONNECTION") or not _has_window():
        app.call_from_thread(app.copy_to_clipboard, url)
        return False
    app.open_url(url)
    return True


def _has_window() -> bool:
    """Whether the default browser has a window of its own."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    in_terminal = isinstance(browser, webbrowser.GenericBrowser)
    return not in_terminal or isinstance(browser, webbrowser.BackgroundBrowser)
