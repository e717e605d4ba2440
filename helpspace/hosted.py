"""The terminal on a shared host: what the key's line starts, and a second wall behind it (A2).

Whoever signs in by a key there has one command forced on them. The line that `therapists ssh-key
add` writes empties the environment; should somebody write a line by hand, this module does it
again before anything of the terminal is loaded. Nothing that comes over the connection is ever
run: of what was asked for, one verb is known, and everything else is refused in one line.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpspace.core.errors import HelpspaceError, Invalid, SettingsFault

if TYPE_CHECKING:
    from helpspace.core.practice import Practice
    from helpspace.settings import Settings

PATH = "/usr/local/bin:/usr/bin:/bin"
LANG = "C.UTF-8"

PASSED_ON = ("TERM", "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND")
"""All that is taken from a connection, each checked before it is used."""

EVERY = 3.0
"""Seconds between two looks whether the key still counts."""

GRACE = 15.0
"""Seconds that a terminal has to leave calmly before it is ended."""

_TERMS = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,63}")
_TERMINFO = ("/etc/terminfo", "/lib/terminfo", "/usr/lib/terminfo", "/usr/share/terminfo")
_USUAL_TERM = "xterm-256color"
_ADDRESSES = re.compile(r"[0-9A-Fa-f.:%a-z ]{1,200}")
_VERB = re.compile(r"upload ([a-z]{1,20})(?: (?<=insurance )([0-9]{4}-[0-9]{2}-[0-9]{2}))?")


class NotOffered(HelpspaceError):
    """Something was asked of the host that is not given over SSH."""

    title = "Over SSH there is only the terminal"
    hint = "Run ssh -t without a command, or: ssh HOST upload insurance < insurance.pdf"


def is_hosted(environment: Mapping[str, str], therapist: str | None, key: str | None) -> bool:
    """Say whether a terminal is on a shared host: it came in by a key, or by SSH as somebody."""
    return key is not None or (therapist is not None and bool(environment.get("SSH_CONNECTION")))


def home() -> str:
    """Return the folder of the operating account, whatever the environment says."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return "/"


def known_term(name: str) -> str:
    """Return the kind of terminal where this host knows it, else the most usual one."""
    if _TERMS.fullmatch(name):
        places = (f"{name[0]}/{name}", f"{ord(name[0]):x}/{name}")
        if any(Path(folder, place).is_file() for folder in _TERMINFO for place in places):
            return name
    return _USUAL_TERM


def rebuilt(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment made from a list: nothing else of the old one is left."""
    address = environment.get("SSH_CONNECTION", "")
    return {
        "PATH": PATH,
        "LANG": LANG,
        "HOME": home(),
        "TERM": known_term(environment.get("TERM", "")),
        "SSH_CONNECTION": address if _ADDRESSES.fullmatch(address) else "hosted",
        "SSH_ORIGINAL_COMMAND": environment.get("SSH_ORIGINAL_COMMAND", "")[:1000],
    }


def wall_off(argv: Sequence[str]) -> None:
    """Leave the connection's environment behind, in a new interpreter where that has read it.

    Python and the loader look at their variables when they start; so where this interpreter was
    not started apart (`-I`), another one is, with the same arguments.
    """
    for number in (signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    clean = rebuilt(os.environ)
    if not sys.flags.isolated:
        sys.stdout.flush()
        os.execve(sys.executable, [*_python(), *argv], clean)  # noqa: S606 - no shell, by design
    os.environ.clear()
    os.environ.update(clean)


def _python() -> list[str]:
    return [sys.executable, "-I", "-m", "helpspace"]


def asked_for(command: str) -> str | None:
    """Return the kind of document that is to be uploaded, or None for the terminal.

    Raises NotOffered for anything else; the text itself is never shown or run.
    """
    from helpspace.core.joining.topics import DOCUMENTS  # noqa: PLC0415 - for this verb alone

    if not command:
        return None
    found = _VERB.fullmatch(command)
    if found is None or found[1] not in {kind.name for kind in DOCUMENTS}:
        raise NotOffered
    return found[1]


def until_asked(command: str) -> str:
    """Return the date until which a new certificate is valid, where one was given, else ""."""
    found = _VERB.fullmatch(command)
    return (found[2] or "") if found else ""


def check_key(practice: Practice, therapist_id: str, key_id: str | None) -> None:
    """Refuse a key that does not let this therapist in (any more)."""
    from helpspace.core.joining import keys  # noqa: PLC0415 - only on a shared host

    if key_id is not None and not keys.lets_in(practice, therapist_id, key_id):
        raise HelpspaceError("This key does not let you in any more", "Write to the team.")


@contextlib.contextmanager
def watched(
    practice: Practice,
    therapist_id: str,
    key_id: str | None,
    *,
    every: float = EVERY,
    grace: float = GRACE,
) -> Iterator[None]:
    """End this process within seconds once its key is revoked, calmly where it still answers."""
    if key_id is None:
        yield
        return
    left = threading.Event()
    looks = (practice, therapist_id, key_id, left, every, grace)
    threading.Thread(target=_look, args=looks, name="key", daemon=True).start()
    try:
        yield
    finally:
        left.set()


def _look(
    practice: Practice,
    therapist_id: str,
    key_id: str,
    left: threading.Event,
    every: float,
    grace: float,
) -> None:
    from helpspace.core.joining.keys import lets_in  # noqa: PLC0415 - only on a shared host

    try:
        while not left.wait(every):
            # A store that does not answer for a moment says nothing about the key.
            with contextlib.suppress(HelpspaceError):
                if not lets_in(practice, therapist_id, key_id):
                    break
    finally:
        practice.store.close()
    if not left.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
        if not left.wait(grace):
            # A terminal that nobody reads from cannot draw its end.
            os._exit(1)


def must_be_set_for_all(settings: Settings, environment: Mapping[str, str]) -> None:
    """Refuse settings that a terminal over SSH would not have: it reads the config file alone."""
    from helpspace.settings import read_settings  # noqa: PLC0415 - only on a shared host

    here = _places(settings, Path.cwd())
    with contextlib.chdir(home()):
        there = read_settings({"HELPSPACE_CONFIG": str(Path(settings.config_file))})
    for name, one in _places(there, Path(home())).items():
        if one != here[name] and environment.get(name) is not None:
            raise SettingsFault(
                f"A terminal over SSH would not find {name}",
                f"Write it into {settings.config_file}; the environment does not reach there.",
            )


def _places(settings: Settings, folder: Path) -> dict[str, str]:
    database = settings.database
    file = database.removeprefix("sqlite:///")
    return {
        "HELPSPACE_DATABASE": str(folder / file) if file != database else database,
        "HELPSPACE_KEY_FILE": str(folder / settings.key_file),
        "HELPSPACE_FILES": str(folder / settings.files),
    }


def _check_start() -> None:
    """Refuse to name a program in a key's line that would not start."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [*_python(), "--version"], env={"PATH": PATH}, cwd="/", capture_output=True, check=False
    )
    if done.returncode:
        raise Invalid(
            "This Helpspace runs only from its folder", "Install it, and run it from there."
        )


def line_for(settings: Settings, therapist_id: str, public: str, key_id: str) -> str:
    """Return the line of an authorised_keys file by which a key opens a therapist's terminal."""
    from helpspace.core.files.authorized import line, quoted  # noqa: PLC0415 - only on a shared host

    _check_start()
    words = ["/usr/bin/env", "-i", f"PATH={PATH}", f"LANG={LANG}", quoted(f"HOME={home()}")]
    words += [f'{name}="${name}"' for name in PASSED_ON]
    config = str(settings.config_file.absolute())
    options = ["--config", config, "--therapist", therapist_id, "--key", key_id]
    words += [quoted(word) for word in (*_python(), "tui", *options)]
    return line(words, public, key_id)
