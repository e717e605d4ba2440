"""The processes that are killed: a warm template that forks the service and the therapists' desk.

Run as `python -m tests.soak.wire_child SETTINGS CLOCK LOG`. The template has imported everything
and opened nothing; it forks at a word on its standard input and ends, with all of its children,
when that input closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpspace.bot.app import BotService
from helpspace.core import booking, calendar
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.gateways import Outside
from helpspace.core.practice import Practice
from helpspace.jobs import chat, letters, mail, stripe, sweeps  # noqa: F401 - loaded once for all
from helpspace.jobs.telegram import TelegramChat
from helpspace.settings import Settings, settings_from
from helpspace.wiring import open_outside, open_practice
from tests.soak import dialogue_child
from tests.soak.wire_clock import FileClock, Hurry

_PR_SET_PDEATHSIG = 1

BREATH = 0.02
"""Seconds between rounds of the sweeps, so that the other side of the wire has its turn too."""


def settings_of(values: dict[str, str]) -> Settings:
    """Return settings from their names without HELPSPACE_."""
    named = {f"HELPSPACE_{name}": value for name, value in values.items()}
    return settings_from(named, Path("/nowhere/helpspace.env"))


# The service


async def _serve(practice: Practice) -> None:
    outside = await asyncio.to_thread(open_outside, practice.settings, practice)
    bot = BotService(practice, outside.stripe, pacer=Hurry().pacer())
    await bot.start()
    line = TelegramChat(bot.bot, bot.pacer, loop=asyncio.get_running_loop())
    outside.close()
    outside = replace(outside, chat=bot.chat_sender(line))
    threading.Thread(target=_sweep, args=(practice, outside), daemon=True).start()
    await bot.run_polling()


def _sweep(practice: Practice, outside: Outside) -> None:
    while True:
        sweeps.run(practice, outside)
        time.sleep(BREATH)


def serve(settings: Settings, clock: FileClock) -> None:
    """Run bot and sweeps until killed."""
    practice = open_practice(settings, clock=clock, make=True)
    asyncio.run(_serve(practice))


# The therapists' desk


def _open(practice: Practice, therapist: str, start: int) -> str:
    return calendar.open_slots(practice, Actor.therapist(therapist), therapist, start).slots[0].id


def _follow_up(practice: Practice, therapist: str, start: int, client: str) -> str:
    actor = Actor.therapist(therapist)
    return booking.book_follow_up(practice, actor, therapist, client, start).id


def _cancel(practice: Practice, therapist: str, appointment: str) -> str:
    actor = Actor.therapist(therapist)
    return booking.cancel(practice, actor, appointment, shown_owed_pence=0)[0].id


ACTS: dict[str, Callable[..., str]] = {"open": _open, "follow_up": _follow_up, "cancel": _cancel}


def keep_desk(settings: Settings, clock: FileClock, address: str) -> None:
    """Do what therapists ask for, one act after the other, and answer once the core has."""
    practice = open_practice(settings, clock=clock)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        # Two files: one for both directions forgets at a write what it has read ahead.
        with line.makefile("r") as lines, line.makefile("w") as answers:
            for text in lines:
                number, act, *arguments = json.loads(text)
                answer: list[Any]
                try:
                    answer = [number, "ok", ACTS[act](practice, *arguments)]
                except HelpspaceError as refusal:
                    answer = [number, "refused", type(refusal).__name__]
                print(json.dumps(answer), file=answers, flush=True)


# The template


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _fork(run: Callable[[], None]) -> int:
    """Fork a process that does one thing; whatever leaves it goes to the log."""
    child = os.fork()
    if child:
        return child
    try:
        _die_with_parent()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        run()
    except BaseException:
        logging.getLogger(__name__).exception("a child ended")
    finally:
        os._exit(70)


def main() -> None:
    """Fork at each word: `service`, `desk ADDRESS`, `talk PATH POINT` (the bot alone).

    `reap PID` waits for an end and tells it.
    """
    _die_with_parent()
    given, clock_path, log_path = sys.argv[1:]
    logging.basicConfig(filename=log_path, level=logging.WARNING)
    settings, clock = settings_of(json.loads(given)), FileClock(Path(clock_path))
    assert threading.active_count() == 1
    gc.freeze()
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "reap":
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(rest), signal.SIGKILL)
            told = os.waitstatus_to_exitcode(os.waitpid(int(rest), 0)[1])
        elif word == "service":
            told = _fork(lambda: serve(settings, clock))
        elif word == "talk":
            path, _, point = rest.partition(" ")
            told = _fork(
                lambda path=path, point=point: dialogue_child.talk(settings, clock, path, point)
            )
        else:
            told = _fork(lambda address=rest: keep_desk(settings, clock, address))
        print(told, flush=True)


if __name__ == "__main__":
    main()
