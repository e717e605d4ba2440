"""The demo: a whole practice on this machine, its therapist's calendar beside a client's phone."""

from __future__ import annotations

from helpspace import collecting


def run(*, story: bool) -> int:
    """Play the demo in the terminal, or its story as text; return the exit code."""
    import asyncio  # noqa: PLC0415 - only what is shown is loaded
    import sys  # noqa: PLC0415 - slow to load

    if story:
        from helpspace.sandbox.demo.story import play  # noqa: PLC0415 - slow to load

        return 1 if asyncio.run(play(sys.stdout)) else 0
    from helpspace.sandbox.demo.app import DemoApp  # noqa: PLC0415 - slow to load

    app = DemoApp()
    collecting.steadily()
    app.run()
    return 0
