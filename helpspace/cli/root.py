"""The tree of commands, of which a run loads only the branch that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from helpspace.cli.desk import Frame
from helpspace.cli.run import PROGRAM, REFUSED, NotRunError

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter, Parameter

ABOUT = (
    "Helpspace: a practice tool for online counsellors in the UK.\n\n"
    "Settings come from the environment or a config file; `helpspace init` writes one."
)

COMMANDS = {
    "demo": "Play with a whole practice; no accounts needed, nothing leaves this machine.",
    "init": "Make or upgrade the store, and say what is still missing.",
    "doctor": "Check settings, store, Telegram, Stripe, mail, clock and jobs, a line each.",
    "serve": "Run the bot, the jobs and the web endpoints in one process.",
    "tui": "Open a therapist's calendar in this terminal.",
    "join": "Begin a counsellor's application, or go on with it, in this terminal.",
    "upload": "Hand in a file of an application through standard input.",
    "applications": "Counsellors' applications, and the team's review of them.",
    "therapists": "The therapists of this practice, and whether clients see them.",
    "clients": "The clients of this practice.",
    "slots": "Bookable times for initial sessions, and time off: list, open, close.",
    "appointments": "Booked sessions: list, show, book, move, cancel, waive, what came of them.",
    "charges": "Where the money of each session stands: list, explain, try again.",
    "refunds": "Money given back.",
    "reconcile": "Compare the ledger with Stripe and print every difference.",
    "payouts": "What went to the therapists' banks, with the sessions in it.",
    "report": "Reports for the books: the income of a tax year.",
    "notices": "Messages owed to people, and those that failed.",
    "jobs": "The sweeps that do what is due: list them, run them once.",
    "store": "The store itself: check it, back it up, restore it, move it.",
    "audit": "The trail: who did what, when and from where.",
    "populate": "Fill a store with sample people, for trying things and for benchmarks.",
    "sandbox": "Stand-ins for Telegram, Stripe and mail on this machine.",
}
"""Every first word with its line of help; each is a module of this package."""


def new_app() -> typer.Typer:
    """Return an app that keeps to plain help and lets errors through to the one renderer."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def noun() -> typer.Typer:
    """Return the app of a noun, which stays a group also with a single command."""
    app = new_app()
    app.callback()(_nothing)
    return app


def _nothing() -> None:
    """Do nothing before a command: its options say all."""


class Root(TyperGroup):
    """The first word: a table of names, of which one module is imported."""

    def list_commands(self, _ctx: Context) -> list[str]:
        """Return every first word."""
        return list(COMMANDS)

    def get_command(self, _ctx: Context, cmd_name: str) -> Command | None:
        """Return the command or group of a first word, importing its module now."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = load(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the command of the arguments, with a suggestion where there is none."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"There is no command “{args[0]}”" + (f"; is it {near[0]}?" if near else "."))
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: Context, formatter: HelpFormatter) -> None:
        """Write the table of first words without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@cache
def load(name: str) -> Command:
    """Import a first word's module and return its command with the options common to all.

    Made once a process: to read the signatures of a noun's commands takes up to 20 ms.
    """
    command = get_command(import_module(f"helpspace.cli.{name}").app)
    command.name = name
    if isinstance(command, TyperGroup):
        command.help = COMMANDS[name]
    for _, leaf in leaves(command):
        leaf.params += common_options()
    return command


def leaves(command: Command, path: str = "") -> Iterator[tuple[str, Command]]:
    """Give the commands of a group, also those of groups in it, with the words that lead there."""
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    for name, one in command.commands.items():
        yield from leaves(one, f"{path} {name}")


def common_options() -> list[Parameter]:
    """Return the options that every command takes, before and after its name."""
    return [
        _flag("--json", "as_json", "One JSON document on stdout, nothing else there."),
        _flag("--utc", "utc", "Show times in UTC instead of UK time."),
        _flag("--debug", "debug", "Show the stack trace of an error."),
    ]


def _flag(name: str, attribute: str, about: str) -> TyperOption:
    return TyperOption(
        param_decls=[name],
        is_flag=True,
        default=False,
        expose_value=False,
        is_eager=True,
        callback=_noted(attribute),
        help=about,
    )


def _noted(attribute: str) -> Callable[[Context, Parameter, Any], None]:
    def note(ctx: Context, _option: Parameter, value: Any) -> None:
        frame = ctx.obj
        if value and isinstance(frame, Frame):
            setattr(frame, attribute, True)

    return note


def root() -> Root:
    """Return the whole command line."""
    group = Root(name=PROGRAM, help=ABOUT, rich_markup_mode=None)
    group.params += [*common_options(), _version_option()]
    return group


def run_command(frame: Frame, argv: list[str]) -> int:
    """Run the command that the arguments name and return its exit code.

    Raises NotRunError where they name none, or not as it takes them.
    """
    try:
        code = root().main(argv or ["--help"], PROGRAM, standalone_mode=False, obj=frame)
    except typer.TyperException as error:
        ctx = getattr(error, "ctx", None)
        path = PROGRAM if ctx is None else ctx.command_path
        words = error.format_message().strip().rstrip(".")
        if words == "Missing command" and ctx is not None:
            words = f"Say which: {', '.join(ctx.command.list_commands(ctx))}"
        raise NotRunError(words, f"See: {path} --help") from error
    except typer.Abort:
        raise NotRunError("Stopped", "Nothing more was done.", REFUSED) from None
    return code if isinstance(code, int) else 0


def _version_option() -> TyperOption:
    def show(ctx: Context, _option: Parameter, value: Any) -> None:
        if value and not ctx.resilient_parsing:
            from helpspace import __version__

            typer.echo(f"{PROGRAM} {__version__}")
            ctx.exit()

    return TyperOption(
        param_decls=["--version"],
        is_flag=True,
        default=False,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version.",
    )
