"""The reference of all commands as Markdown: `python -m helpspace.cli.reference >docs/commands.md`.

It is written from the commands themselves, and a test compares it with the file.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from helpspace.cli.root import COMMANDS, common_options, leaves, load
from helpspace.cli.run import PROGRAM

INTRO = f"""\
# Commands

Written from the commands themselves by `python -m helpspace.cli.reference`; `{PROGRAM} --help` and
`{PROGRAM} COMMAND --help` show the same. `python -m helpspace` is the same as `{PROGRAM}`.

Whoever runs these commands is the team: the operating account on this machine is what the audit
trail names. What is done on somebody's behalf is written down with the reason.

## What holds for all of them

- Answers go to stdout, everything else to stderr.
- Exit code 0: done. 1: refused by a rule, or failed. 2: wrong usage. One line says why and what to
  do.
- A command that changes something has `--dry-run`: it goes through every check, says what it would
  do, and changes nothing.
- Times are UK time. Where a time is given, it is wall time in the therapist's zone, such as
  `2026-03-28T09:00`, or has an offset or Z. In JSON every time is UTC: `2026-03-28T09:00:00Z`.
- Money is written in pounds, and stands in JSON as whole pence in `*_pence`.
"""


KINDS = {"int": "NUMBER", "int range": "NUMBER", "str": "TEXT", "choice": "WORD"}
"""What stands for the value of an option, by the name of its type."""


def commands(word: str) -> Iterator[tuple[str, Any]]:
    """Give every command of a first word with its full name."""
    for path, command in leaves(load(word)):
        yield f"{PROGRAM} {word}{path}", command


def text() -> str:
    """Return the whole reference."""
    parts = [INTRO, *map(_line, common_options())]
    for word, about in COMMANDS.items():
        found = list(commands(word))
        if found[0][0] != f"{PROGRAM} {word}":
            parts += ["", f"## {PROGRAM} {word} …", "", about]
        for path, command in found:
            parts += ["", f"{'##' if path == f'{PROGRAM} {word}' else '###'} {path}", ""]
            parts += _section(command)
    return "\n".join(parts) + "\n"


def _section(command: Any) -> list[str]:
    common = [option.name for option in common_options()]
    about, _, example = inspect.cleandoc(command.help or "").partition("Example: ")
    shown = [one for one in command.params if one.name not in common and not _is_hidden(one)]
    lines = [_line(param) for param in shown]
    return [about.strip(), "", "```sh", example.strip(), "```", *(["", *lines] if lines else [])]


def _is_hidden(param: Any) -> bool:
    return bool(getattr(param, "hidden", False))


def _line(param: Any) -> str:
    extra = []
    if param.required:
        extra.append("required")
    choices = getattr(param.type, "choices", None)
    if choices:
        extra.append(", ".join(f"`{choice}`" for choice in choices))
    if param.default and not param.required and not isinstance(param.default, bool):
        extra.append(f"default {param.default:,}" if isinstance(param.default, int) else "")
    notes = "; ".join(part for part in extra if part)
    about = param.help or "how many"
    return f"- `{_said(param)}`: {about}" + (f" ({notes})" if notes else "")


def _said(param: Any) -> str:
    if param.param_type_name == "argument":
        return str(param.metavar or param.name.upper())
    names = ", ".join([*param.opts, *param.secondary_opts])
    if param.is_flag:
        return names
    return f"{names} {param.metavar or KINDS.get(param.type.name, param.type.name.upper())}"


if __name__ == "__main__":
    sys.stdout.write(text())
