"""What every command works at: its settings and practice, and how it speaks to person or script."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from helpspace.core.errors import HelpspaceError

if TYPE_CHECKING:
    from helpspace.core.actors import Actor, Role
    from helpspace.core.clock import Clock
    from helpspace.core.practice import Practice
    from helpspace.settings import Settings

T = TypeVar("T")
Json = dict[str, Any]
Columns = Sequence[tuple[str, Callable[[T], str]]]

UK = "Europe/London"
LONGEST = 2000
"""Characters of the longest text in a JSON document that needs cleaning."""


class Frame:
    """What a run was started with, and the options that every command takes."""

    def __init__(
        self, environment: Mapping[str, str] | None = None, clock: Clock | None = None
    ) -> None:
        self.environment = environment
        self.clock = clock
        self.as_json = False
        self.utc = False
        self.debug = False


class _UndoneError(Exception):
    """Ends a rehearsal, so that its transaction is rolled back."""


class Run(Protocol):
    """One run of a command: what it was started with, and what it does when it ends."""

    @property
    def obj(self) -> Any:
        """The frame."""

    def call_on_close(self, f: Callable[[], Any]) -> Any:
        """Call this at the end."""


class Desk:
    """One command's desk. Answers go to stdout, everything else to stderr."""

    def __init__(self, ctx: Run) -> None:
        self._ctx = ctx
        self.frame: Frame = ctx.obj if isinstance(ctx.obj, Frame) else Frame()

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run."""
        from helpspace.settings import read_settings

        return read_settings(self.frame.environment)

    @cached_property
    def practice(self) -> Practice:
        """The practice, opened when first needed and closed with the command."""
        from helpspace.wiring import open_practice

        practice = open_practice(self.settings, clock=self.frame.clock)
        self._ctx.call_on_close(practice.store.close)
        return practice

    @property
    def account(self) -> str:
        """The operating account of whoever runs the command (A2), not a name they may set."""
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid-{os.getuid()}"

    @property
    def team(self) -> Actor:
        """The team, as whom commands act."""
        from helpspace.core.actors import Actor

        return Actor.team(self.account)

    def acting_for(self, role: Role, person_id: str, why: str) -> Actor:
        """Return the team acting on somebody's behalf (A1)."""
        return self.team.on_behalf_of(role, person_id, why)

    @contextmanager
    def rehearsing(self, dry_run: bool) -> Iterator[None]:
        """Undo at the end everything that happened inside, when it was only a rehearsal."""
        if not dry_run:
            yield
            return
        with suppress(_UndoneError), self.practice.change():
            yield
            raise _UndoneError
        self.say_rehearsed()

    def say_if_test(self, shown: bool = True) -> None:
        """Say on stderr, above money that is `shown`, that none of it is real (A5)."""
        from helpspace.core.platform import TEST_MODE

        if shown and self.settings.stripe_is_test and not self.frame.as_json:
            self.say(TEST_MODE)

    def say_rehearsed(self) -> None:
        """Say that nothing was changed."""
        self.say("Nothing was changed: this was a rehearsal (--dry-run).")

    def goes_on(self, question: str, document: Json, *, dry_run: bool, yes: bool) -> bool:
        """Say whether to act now: a rehearsal gives its document instead, a person is asked."""
        if dry_run:
            self.say_rehearsed()
            if self.frame.as_json:
                self.give({**document, "dry_run": True})
            return False
        if not yes:
            self.ask(question)
        return True

    @property
    def zone(self) -> str:
        """The zone in which times are shown."""
        return "UTC" if self.frame.utc else UK

    @cached_property
    def now(self) -> int:
        """The present of this command."""
        return self.practice.now()

    def at(self, instant: int | None) -> str:
        """Return an instant as a person reads it, or an empty text."""
        from helpspace.core.moments import show

        return "" if instant is None else show(instant, self.zone, reference=self.now)

    def session(self, start: int, end: int) -> str:
        """Return "Sat 28 Mar 09:00–09:50" in the zone of this desk."""
        from helpspace.core.moments import show_time

        return f"{self.at(start)}–{show_time(end, self.zone)}"

    def say(self, text: str) -> None:
        """Tell a person something; never on stdout."""
        from helpspace.core.plain import plain

        sys.stderr.write(plain(text, 1000) + "\n")

    def ask(self, question: str) -> None:
        """Go on only when the person agrees; whoever is not there has to say --yes."""
        sys.stderr.write(f"{question} [y/n] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            sys.stderr.write("\n")
            raise HelpspaceError("Nobody answered", "Add --yes to do it without being asked.")
        if answer.strip().lower() not in ("y", "yes"):
            raise HelpspaceError("Left as it was", "Nothing was changed.")

    def give(self, document: Json | list[Json]) -> None:
        """Write a JSON document to stdout; foreign text in it is cleaned once more (A3)."""
        import json

        from helpspace.core.plain import plain

        def harmless(part: Any) -> Any:
            if isinstance(part, dict):
                return {name: harmless(value) for name, value in part.items()}
            if isinstance(part, list):
                return [harmless(value) for value in part]
            if isinstance(part, str) and not part.isprintable():
                return plain(part, LONGEST)
            return part

        coding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
        indent = 2 if sys.stdout.isatty() else None
        text = json.dumps(harmless(document), ensure_ascii=coding != "utf8", indent=indent)
        sys.stdout.write(text + "\n")

    def write(self, *lines: str) -> None:
        """Write lines for a person to stdout."""
        sys.stdout.write("".join(f"{line}\n" for line in lines))

    def show_list(
        self,
        things: Sequence[T],
        shape: Callable[[T], Json],
        columns: Columns[T],
        *,
        nothing: str,
        limit: int | None = None,
    ) -> None:
        """Show things as a JSON array or as a table; an empty list says the next step."""
        if self.frame.as_json:
            self.give([shape(thing) for thing in things])
        elif things:
            from helpspace.cli.tables import table

            rows = [[cell(thing) for _, cell in columns] for thing in things]
            self.write(*table([name for name, _ in columns], rows, width=self.width))
        else:
            self.say(nothing)
        if limit is not None:
            self.say_if_cut(len(things), limit)

    def say_if_cut(self, found: int, limit: int) -> None:
        """Say that a list may be longer than what was shown."""
        if found >= limit:
            self.say(f"Only the first {limit:,} were looked at; ask for more with --limit.")

    def show_one(self, document: Json, pairs: Sequence[tuple[str, str]], heading: str = "") -> None:
        """Show one thing as a JSON object or as a list of facts under a heading."""
        if self.frame.as_json:
            self.give(document)
            return
        from helpspace.cli.tables import facts
        from helpspace.core.plain import plain

        self.write(*([plain(heading, 200)] if heading else []), *facts(pairs))

    @property
    def at_terminal(self) -> bool:
        """Whether a person sits at both ends of this command."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def width(self) -> int | None:
        """The columns to keep to, or None where nobody looks at the output."""
        if not sys.stdout.isatty():
            return None
        return max(40, shutil.get_terminal_size().columns)
