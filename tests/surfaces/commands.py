"""Every command as the program itself knows it."""

from __future__ import annotations

from functools import cache
from typing import Any

from helpspace.cli import reference
from helpspace.cli.root import COMMANDS, common_options


@cache
def all_commands() -> dict[str, Any]:
    """Return every command by its words, such as "slots open"."""
    found = [pair for word in COMMANDS for pair in reference.commands(word)]
    return {path.removeprefix("helpspace "): command for path, command in found}


def params_of(command: Any) -> list[Any]:
    """Return the arguments and options of a command that take a value."""
    common = {option.name for option in common_options()}
    return [
        one
        for one in command.params
        if one.name not in common and not getattr(one, "is_flag", False)
    ]
