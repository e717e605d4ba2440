"""A path as people hand it over: typed, pasted with quotes, or dropped into the terminal. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from helpspace.core.errors import Invalid

_QUOTES = "\"'"
_BACKSLASH = re.compile(r"\\(.)")
LONGEST = 4096


def read_path(text: str) -> Path:
    """Return the path that was typed; takes quotes, `~`, file:// and backslashes of a shell."""
    said = text.strip()
    if len(said) > 1 and said[0] in _QUOTES and said[-1] == said[0]:
        said = said[1:-1]
    elif not said.lower().startswith("file:") and "\\" in said:
        said = _BACKSLASH.sub(r"\1", said)
    if said.lower().startswith("file:"):
        said = _from_address(said)
    if not said or said.isspace():
        raise Invalid("There is no path yet", "Type it, or choose the file with Ctrl+O.")
    if len(said) > LONGEST or "\0" in said:
        raise Invalid("That is no path of a file", "Choose the file with Ctrl+O.")
    try:
        return Path(said).expanduser()
    except (RuntimeError, ValueError):
        raise Invalid("There is no such folder", "Choose the file with Ctrl+O.") from None


def _from_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.netloc not in ("", "localhost"):
        raise Invalid("That file is on another machine", "Choose one of this machine.")
    # What urlsplit takes for a query or a fragment is part of a file's name.
    return unquote(text[text.index(parts.path) :]) if parts.path else ""


def shown_size(size: int) -> str:
    """Return a size as people read it: "812 kB", "1.2 MB"."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f} MB"
