"""The words inside a block: cleaned, measured in cells, and cropped to the room there is."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from helpspace.tui.layout import Block, Status
from helpspace.tui.week import Week

_JOINERS = frozenset("\u200c\u200d")
_NO_NAMES = frozenset({Status.OPEN, Status.TIME_OFF})
KINDS = {"initial": "initial session", "follow_up": "follow-up"}


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """One line without control, format, private or unassigned characters; joiners stay (A3).

    The core has cleaned what it stored; a terminal obeys what gets through, so it is done again.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in {"Zl", "Zp"} or character in "\t\n\r":
            kept.append(" ")
        elif category[0] != "C" or character in _JOINERS:
            kept.append(character)
    return "".join(kept)


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded with spaces, or cropped on the right with an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if width < 1:
        return ""
    return set_cell_size(text, width - 1) + "…"


def blurred(text: str) -> str:
    """As many dots as there are characters, words kept apart, for sharing a screen."""
    return "".join(" " if character.isspace() else "•" for character in clean(text))


def title_of(block: Block, *, blur: bool) -> str:
    """The block's title; dots where it may be a name and names are hidden."""
    if blur and block.status not in _NO_NAMES:
        return blurred(block.title)
    return clean(block.title)


def detail_of(block: Block, *, blur: bool) -> str:
    """The block's detail; nothing where it may speak of a person and names are hidden."""
    if blur and block.status not in _NO_NAMES:
        return ""
    return clean(block.detail)


def block_lines(
    block: Block, week: Week, width: int, rows: int, *, starts: bool, more: int, blur: bool
) -> list[str]:
    """What a block says on each of its lines, most useful first, each exactly `width` cells."""
    status = block.status
    title = title_of(block, blur=blur)
    detail = detail_of(block, blur=blur)
    begin = week.clock(block.start)
    if cell_len(begin) > width:
        begin = begin[:5]
    if status is Status.TIME_OFF:
        head, rest = f"{status.glyph} {status.word}", [title, detail]
    else:
        time = begin if starts else f"↑{begin}"
        head, rest = _head(f"{time} {status.glyph}", status.word, [title, detail], width, rows)
    if more:
        head = fit(head, max(0, width - 3)) + f"+{more}"
    lines = [head, *(text for text in rest if text)]
    return [fit(text, width) for text in lines[:rows]]


def _head(time: str, word: str, rest: list[str], width: int, rows: int) -> tuple[str, list[str]]:
    """Put the name beside the time where there is one line, else the status in words."""
    if rows == 1:
        name = next((text for text in rest if text), word)
        return f"{time} {name}", []
    if len(time) + 1 + len(word) <= width:
        return f"{time} {word}", rest
    return time, [rest[0], word, *rest[1:]]


def spoken(block: Block, week: Week, *, blur: bool) -> str:
    """Everything about a block in a few lines, for the tooltip."""
    begin, end = week.local(block.start), week.local(block.end)
    until = week.clock(block.end)
    if begin.date() != end.date():
        until = f"{end:%a} {end.day} {until}"
    when = f"{begin:%a} {begin.day} {begin:%b}  {week.clock(block.start)}–{until}"
    status = f"{block.status.glyph} {block.status.word}"
    kind = KINDS.get(block.kind)
    lines = [
        when,
        f"{status} · {kind}" if kind else status,
        title_of(block, blur=blur),
        detail_of(block, blur=blur),
    ]
    return "\n".join(line for line in lines if line)
