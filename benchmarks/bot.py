"""The bot against an echo bot: both by python-telegram-bot on the sandbox, at the same pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from benchmarks import filling
from benchmarks.harness import Bench, per, percentile, said
from benchmarks.stores import Stores
from helpspace.bot import codec
from helpspace.bot.app import BotService
from helpspace.core.pacing import OVERALL, Pacer
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, Phone, TelegramSandbox
from helpspace.sandbox.telegram.api import Answer
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.transport import SandboxRequest
from tests.makers import NOW

TITLE = "Taps answered by the bot against an echo bot at the same pace"
PROMISED = ("bot", "tap")

PEOPLE = 50
LATENCY = 0.04
"""Seconds that the sandbox's Telegram takes for a call."""

PACED, UNPACED, AT_ONE_INSTANT = 4, 12, 21
"""Rounds in which everybody taps once."""

AT_ONCE = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again")]])


class Watched(TelegramSandbox):
    """A Telegram that notes when each tap was answered."""

    answered: dict[str, float]

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        uploads: Mapping[str, Upload] | None = None,
    ) -> Answer:
        if method == "answerCallbackQuery":
            query = str(params["callback_query_id"])
            self.answered.setdefault(query, time.perf_counter())
        return await super().call(method, params, uploads)


@dataclass
class Side:
    """One bot with its Telegram and the phones of its people."""

    sandbox: TelegramSandbox
    phones: list[Phone]
    labels: tuple[str, ...]
    turn: int = 0
    buttons: tuple[str, ...] = ()
    """What some buttons carry that everybody may tap at any time."""

    async def round(self) -> tuple[float, float]:
        """Let everybody tap at once; return seconds and processor seconds until all see it."""
        label = self.labels[self.turn % len(self.labels)]
        self.turn += 1

        def tap(phone: Phone) -> None:
            phone.tap(lambda button: button.label.startswith(label))

        began, spent = time.perf_counter(), time.process_time()
        await self.at_once(tap)
        return time.perf_counter() - began, time.process_time() - spent

    async def at_once(self, act: Callable[[Phone], object]) -> None:
        """Let everybody do something at once, and wait until all see what comes of it."""
        before = [phone.last.text for phone in self.phones]
        for phone in self.phones:
            act(phone)
        await _until(
            lambda: all(
                phone.last.text != text for phone, text in zip(self.phones, before, strict=True)
            )
        )


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
        " A tap's answer is timed from the tap to the call that ends the waiting circle."
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
    await _taps(bench)


async def _taps(bench: Bench) -> None:
    """Time from each tap until Telegram is asked to end its waiting circle; none may be missed."""
    report = bench.report
    waits: list[float] = []
    async with _ours(bench.stores, Pacer(sleep=_at_once)) as side:
        assert isinstance(side.sandbox, Watched)
        answered = side.sandbox.answered
        for turn in range(AT_ONE_INSTANT):
            tapped: dict[str, float] = {}
            data = side.buttons[turn % len(side.buttons)]

            def tap(phone: Phone, data: str = data, tapped: dict[str, float] = tapped) -> None:
                at = time.perf_counter()
                tapped[phone.press(data)] = at

            await side.at_once(tap)
            await _until(lambda: tapped.keys() <= answered.keys())  # noqa: B023 - awaited here
            waits += [answered[query] - at for query, at in tapped.items()]
        unanswered = len(side.sandbox.unanswered())
    if unanswered:
        report.fail(f"{unanswered} taps were never answered")
    beside = f"median {said(median(waits) * 1000, 'ms')}, {len(waits):,} taps, all answered"
    report.check("tap", percentile(waits, 0.99) * 1000, f"p99, {PEOPLE} at one instant", beside)


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def _ours(stores: Stores, pacer: Pacer) -> AsyncIterator[Side]:
    """Run our bot; everybody has agreed and is at home."""
    url, clock = stores.new("sqlite"), MovableClock(NOW)
    sandbox = Watched(clock, pace=None)
    sandbox.answered = {}
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
            with practice.reading() as view:
                therapist = view.sql("SELECT min(id) FROM therapist")[0][0]
            data = codec.data("who", therapist), codec.data("home"), codec.data("mine", 0)
            yield Side(sandbox, phones, ("Help", "Home"), buttons=data)
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
