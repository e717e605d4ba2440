"""What the parts of a widget are written as, when one file would be too long for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget as Part
else:

    class Part:
        """Becomes a widget together with the others, in the class that takes them all.

        Textual looks through every class made from its own when it is defined, which takes as long
        as loading a small module; a calendar of seven parts would do that before its first paint.
        """


__all__ = ["Part"]
