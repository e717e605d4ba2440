"""Lines to choose from on a whole screen, with a sign before the chosen one."""

from __future__ import annotations

from textual.widgets import OptionList


class Rows(OptionList, inherit_bindings=False):
    """Lines to choose from; the keys are the screen's."""

    DEFAULT_CSS = """
    Rows {
        height: auto; max-height: 100%; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0 1; color: $grid-text; }
        & > .option-list--option-highlighted { background: $grid-range; color: $grid-text; }
        &:focus { border: none; background-tint: transparent; }
        &:focus > .option-list--option-highlighted {
            background: $grid-range; color: $grid-text; text-style: none;
        }
    }
    """


def cursor(*, here: bool) -> str:
    """Return the sign before the line that is chosen, so that colour is never alone."""
    return "▸ " if here else "  "
