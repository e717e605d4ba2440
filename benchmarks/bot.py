"""The bot against an echo bot: both by python-telegram-bot on the sandbox, at the same pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks import filling
from benchmarks.harness import Bench, per, percentile, said
from benchmarks.stores import Stores
from helpspace.bot.app import BotService
from helpspace.core.pacing import OVERALL, Pacer
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, Phone, TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest
from tests.makers import NOW

TITLE = "Taps answered by the bot against an echo bot at the same pace"
PROMISED = ("bot",)

PEOPLE = 50
LATENCY = 0.04
"""Seconds that the sandbox's Telegram takes for a call."""

PACED, UNPACED = 4, 12
"""Rounds in which everybody taps once."""

AT_ONCE = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again")]])


@dataclass
class Side:
    """One bot with its Telegram and the phones of its people."""

    sandbox: TelegramSandbox
    phones: list[Phone]
    labels: tuple[str, ...]
    turn: int = 0

    async def round(self) -> tuple[float, float]:
        """Let everybody tap at once; return seconds and processor seconds until all see it."""
        label = self.labels[self.turn % len(self.labels)]
        self.turn += 1
        before = [phone.last.text for phone in self.phones]
        began, spent = time.perf_counter(), time.process_time()
        for phone in self.phones:
            phone.tap(lambda button: button.label.startswith(label))
        await _until(
            lambda: all(
                phone.last.text != text for phone, text in zip(self.phones, before, strict=True)
            )
        )
        return time.perf_counter() - began, time.process_time() - spent


async def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("not everybody was answered")
        await asyncio.sleep(0.005)


def measure(bench: Bench) -> None:
    """Tap on all phones at once, by turns at our bot and at the echo bot."""
    asyncio.run(_measure(bench))
    bench.report.note(
        f"{PEOPLE} people tap at once; Telegram takes {LATENCY * 1000:.0f} ms a call. Each tap is"
        f" answered and its message edited. The pace is ours on both sides: {OVERALL:.0f} messages"
        " a second. The echo bot keeps nothing; ours stores every update before it is confirmed,"
        " looks up the person and stores where they are. Processor time includes the sandbox's."
    )


async def _measure(bench: Bench) -> None:
    report = bench.report
    for words, make_pacer, rounds in (
        ("at the pace", Pacer, PACED),
        ("without any pace", lambda: Pacer(sleep=_at_once), UNPACED),
    ):
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(_ours(bench.stores, make_pacer()))
            echo = await stack.enter_async_context(_echo(make_pacer()))
            await ours.round()
            await ours.round()
            await echo.round()
            found = [(await ours.round(), await echo.round()) for _ in range(rounds)]
        times = [[turn[side][0] for turn in found] for side in (0, 1)]
        spent = [[turn[side][1] for turn in found] for side in (0, 1)]
        rates = [said(PEOPLE / median(side), "/s") for side in times]
        ratio = per(times[1], times[0])
        report.check("bot", ratio, f"updates a second {words}", f"{rates[0]} / {rates[1]}")
        each = [said(median(side) / PEOPLE * 1000, "ms") for side in spent]
        report.say(f"processor time of an update {words}", f"{each[0]} / {each[1]}")
    report.say("slowest round at once", said(percentile(times[0], 1) * 1000, "ms"))


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def _ours(stores: Stores, pacer: Pacer) -> AsyncIterator[Side]:
    """Run our bot; everybody has agreed and is at home."""
    url, clock = stores.new("sqlite"), MovableClock(NOW)
    sandbox = TelegramSandbox(clock, pace=None)
    with stores.practice(url, clock=clock, TELEGRAM_TOKEN=SANDBOX_KEY) as practice:
        filling.therapists(practice, 10)
        requests = SandboxRequest(sandbox), SandboxRequest(sandbox)
        service = BotService(
            practice, request=requests[0], get_updates_request=requests[1], pacer=pacer
        )
        await service.start()
        running = asyncio.create_task(service.run_polling())
        try:
            phones = [sandbox.phone(1000 + at) for at in range(PEOPLE)]
            for phone in phones:
                phone.start()
            await _until(lambda: all("I agree, go on" in phone.labels for phone in phones))
            for phone in phones:
                phone.tap("I agree, go on")
            await _until(lambda: all("Help" in phone.labels for phone in phones))
            sandbox.latency = LATENCY
            yield Side(sandbox, phones, ("Help", "Home"))
        finally:
            await service.stop()
            await running


@asynccontextmanager
async def _echo(pacer: Pacer) -> AsyncIterator[Side]:
    """Run an echo bot, as the library's documentation would have it, at the same pace."""
    sandbox = TelegramSandbox(MovableClock(NOW), pace=None)
    count = 0

    async def greet(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.effective_chat is not None:
            await pacer.turn(update.effective_chat.id, answer=True)
            await update.effective_chat.send_message("Hello", reply_markup=AT_ONCE)

    async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        nonlocal count
        count += 1
        query = update.callback_query
        if query is not None and update.effective_chat is not None:
            await query.answer()
            await pacer.turn(update.effective_chat.id, answer=True)
            await query.edit_message_text(f"Tap {count}", reply_markup=AT_ONCE)

    app = (
        Application.builder()
        .token(SANDBOX_KEY)
        .request(SandboxRequest(sandbox))
        .get_updates_request(SandboxRequest(sandbox))
        .concurrent_updates(16)
        .build()
    )
    app.add_handler(MessageHandler(filters.ALL, greet))
    app.add_handler(CallbackQueryHandler(echo))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling()
        try:
            phones = [sandbox.phone(1000 + at) for at in range(PEOPLE)]
            for phone in phones:
                phone.start()
            await _until(lambda: all("Again" in phone.labels for phone in phones))
            sandbox.latency = LATENCY
            yield Side(sandbox, phones, ("Again",))
        finally:
            await app.updater.stop()
            await app.stop()
