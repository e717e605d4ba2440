"""What `doctor` looks at: each check gives findings, none takes longer than a few seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from helpspace.core.errors import HelpspaceError

if TYPE_CHECKING:
    from helpspace.core.actors import Actor
    from helpspace.core.practice import Practice
    from helpspace.core.store.upkeep import Trouble
    from helpspace.settings import Settings

PATIENCE = 5
"""Seconds in which the other side has to answer."""

SILENT = 600
"""Seconds after which the jobs should have run again."""

SKEW = 300
"""Seconds of difference between Stripe's clock and ours from which on nothing is charged (D4)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `note` is worth knowing and no fault."""

    name: str
    state: Literal["ok", "note", "failed"]
    words: str


def fine(name: str, words: str) -> Finding:
    """Return that all is well."""
    return Finding(name, "ok", words)


def note(name: str, words: str) -> Finding:
    """Return something worth knowing."""
    return Finding(name, "note", words)


def failed(name: str, words: str) -> Finding:
    """Return what is wrong and what to do."""
    return Finding(name, "failed", words)


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Look at the settings that need no one else to answer."""
    there = settings.config_file.exists()
    where = f"{settings.config_file}{'' if there else ' (not there: the environment alone)'}"
    yield fine("settings", where)
    if settings.video is None:
        yield failed("video", "no room for sessions: set HELPSPACE_VIDEO")
    else:
        yield fine("video", f"rooms under {settings.video}")
    if settings.public_url is None:
        yield note("public address", "none: links lead back to the chat, events are polled")
    else:
        yield fine("public address", f"{settings.public_url}, listening on {settings.bind}")
    yield _of_events(settings)
    if settings.support_email is None:
        yield note("support", "no address for questions: set HELPSPACE_SUPPORT_EMAIL")


def _of_events(settings: Settings) -> Finding:
    """Say how Stripe's events come; of the secrets only how many there are (A5)."""
    name, count = "events", len(settings.stripe_webhook_secrets)
    if not count:
        return note(name, "Stripe's are polled: no HELPSPACE_STRIPE_WEBHOOK_SECRET is set")
    if settings.public_url is None:
        return note(name, "there is a webhook secret, but no HELPSPACE_PUBLIC_URL to call")
    words = f"Stripe's come to {settings.public_url}/stripe/webhook, {count} secret"
    if count > 1:
        return fine(name, f"{words}s")
    more = "add that of the endpoint for connected accounts, with a comma"
    return note(name, f"{words}; {more}")


def of_store(practice: Practice, actor: Actor) -> Iterator[Finding]:
    """Look at the store, its guards, its key and its clock."""
    from helpspace.core.store import upkeep

    for one in upkeep.quick_check(practice, actor):
        tell = note if one.note else fine
        yield (tell if one.ok else failed)(f"store {one.name}", one.words)


def of_jobs(practice: Practice) -> Iterator[Finding]:
    """Look at when the jobs last ran, and how that ended."""
    from helpspace.core.heartbeat import beats
    from helpspace.core.plain import plain

    found = beats(practice)
    if not found:
        yield note("jobs", "none has run yet: start helpspace serve")
        return
    last = max(one.began_at for one in found)
    silent = practice.now() - last
    if silent > SILENT:
        yield failed("jobs", f"none has run for {silent // 60} min: is helpspace serve running?")
    else:
        yield fine("jobs", f"the last ran {max(0, silent)} s ago")
    yield from _of_settling(practice)
    for one in found:
        if one.error is not None:
            yield failed(f"job {one.job}", f"ended with {plain(one.error)}: helpspace jobs list")


def of_trouble(practice: Practice, actor: Actor) -> Iterator[Finding]:
    """Look for what waits for the team, and for messages that nobody handles."""
    from helpspace.core.store import upkeep

    found = upkeep.trouble(practice, actor)
    if found.notices:
        again = "helpspace notices list --state failed, then notices resend --all-failed"
        yield failed("notices", f"{found.notices} failed: {again}")
    else:
        yield fine("notices", "none has failed")
    if found.refunds:
        ask = "ask Stripe, and give it back another way: helpspace refunds list --state failed"
        yield failed("refunds", f"{found.refunds} failed: {ask}")
    else:
        yield fine("refunds", "none has failed")
    yield from _of_money(found)
    since = found.waiting_since
    if since is not None and practice.now() - since > SILENT:
        minutes = (practice.now() - since) // 60
        yield failed(
            "messages", f"one of a client waits for {minutes} min: is helpspace serve running?"
        )
    else:
        yield fine("messages", "none waits for long")


def _of_money(found: Trouble) -> Iterator[Finding]:
    """Say what of the money waits for somebody: refunds on their way, debts, disputes."""
    from helpspace.core.moments import LONDON, pounds, show

    if found.pending_refunds:
        words = f"{found.pending_refunds} on the way: if for long, top up the balance at Stripe"
        yield note("refunds pending", words)
    if found.owed_pence:
        owed = pounds(found.owed_pence)
        yield note("debts", f"{owed} owed by accounts, taken back by itself: refunds list")
    if found.disputes:
        until = "" if found.answer_by is None else f" by {show(found.answer_by, LONDON)}"
        yield failed("disputes", f"{found.disputes} open: answer at Stripe{until}")
    if found.stopped:
        go_on = "when it is settled, helpspace clients resume-charges ID"
        yield note("charges stopped", f"of {found.stopped} clients since a dispute: {go_on}")
    if found.unsure:
        ask = "charges retry ID if the session stands, else appointments waive ID"
        yield failed("after the restore", f"{found.unsure} fees wait for you: {ask}")
    if found.absences:
        since = "" if found.absent_since is None else show(found.absent_since, LONDON)
        words = f"{found.absences} undecided, the oldest of {since}"
        yield note("absences", f"{words}: helpspace appointments absences --undecided")


def _of_settling(practice: Practice) -> Iterator[Finding]:
    """Say which process settles now, and whether Stripe answers the jobs."""
    from helpspace.core import lease, outages
    from helpspace.core.moments import LONDON, show
    from helpspace.core.plain import plain

    who = lease.holder(practice)
    if who is None:
        yield fine("settling", "no process settles just now")
    else:
        since = show(who.since, LONDON, reference=practice.now())
        yield fine("settling", f"process {plain(who.holder)} settles since {since}")
    state = outages.stripe_state(practice)
    if state.down and state.since is not None:
        yield failed("Stripe to the jobs", f"{state.words}: see https://status.stripe.com")


def of_stripe(settings: Settings, practice: Practice) -> Iterator[Finding]:
    """Ask Stripe for nothing in particular, and compare clocks."""
    from helpspace.wiring import open_outside

    yield note("Stripe's fee", "falls on the platform, not on the therapist, also after a refund")
    yield _of_commission(settings)
    if settings.stripe_key is None:
        yield failed("Stripe", "no key: set HELPSPACE_STRIPE_KEY")
        return
    import stripe

    http = stripe.RequestsClient(timeout=PATIENCE)
    gateway = open_outside(settings, practice, stripe_http=http).stripe
    seen = None if gateway is None else gateway.check()
    if gateway is None or seen is None or seen.trouble is not None:
        code = "no_gateway" if seen is None else seen.trouble
        yield failed("Stripe", f"{settings.stripe_api} says {code}: check HELPSPACE_STRIPE_KEY")
        return
    if seen.live:
        yield fine("Stripe", f"{settings.stripe_api} answers, live mode")
    else:
        yield note("Stripe", f"{settings.stripe_api} answers, test mode: no real money moves")
    yield _of_account(gateway.platform(), practice)
    ahead = gateway.clock_ahead() or 0
    if abs(ahead) > SKEW:
        yield failed("clock", f"Stripe's differs by {ahead} s: nothing is charged; set this one")
    else:
        yield fine("clock", f"{abs(ahead)} s from Stripe's")


def _of_commission(settings: Settings) -> Finding:
    """Say what the platform keeps of each fee (M7)."""
    from helpspace.core.moments import pounds

    percent, pence = settings.commission_hundredths, settings.commission_pence
    if not percent and not pence:
        return note("commission", "none: the whole fee goes to the therapist")
    parts = [f"{percent / 100:g} %"] if percent else []
    parts += [pounds(pence)] if pence else []
    return fine("commission", f"{' and '.join(parts)} of each fee stays with the platform")


def _of_account(account: str, practice: Practice) -> Finding:
    """Compare the account behind the key with the store's (A5); nothing is recorded by looking."""
    from helpspace.core import platform
    from helpspace.core.plain import plain

    name, shown = "Stripe account", plain(account, 60)
    with practice.reading() as view:
        known = platform.account_of(view)
    if known is None:
        return note(name, f"{shown}: the store belongs to it from the first sweep on")
    if known == account:
        return fine(name, f"{shown}, to which this store belongs")
    again = "set the key of that account, or use another store"
    return failed(name, f"the key is of {shown}, this store of {plain(known, 60)}: {again}")


def of_telegram(settings: Settings) -> Iterator[Finding]:
    """Ask Telegram who the bot is."""
    if settings.telegram_token is None:
        yield failed("Telegram", "no token: set HELPSPACE_TELEGRAM_TOKEN")
        return
    import asyncio

    from telegram.error import TelegramError
    from telegram.request import HTTPXRequest

    from helpspace.core.plain import plain
    from helpspace.jobs.telegram import make_bot

    line = HTTPXRequest(read_timeout=PATIENCE, connect_timeout=PATIENCE)
    bot = make_bot(settings.telegram_token, settings.telegram_api, line)

    async def name() -> str:
        async with bot:
            return bot.username

    try:
        yield fine("Telegram", f"@{plain(asyncio.run(name()))} at {settings.telegram_api}")
    except TelegramError as error:
        # Its own words may hold the address with the token in it.
        code = type(error).__name__
        yield failed("Telegram", f"{settings.telegram_api} says {code}: check the token")


def of_mail(settings: Settings) -> Iterator[Finding]:
    """Greet the mail server, or look at the folder that stands in for one."""
    if settings.mail is None:
        yield failed("mail", "no server: set HELPSPACE_MAIL")
        return
    if settings.mail_from is None:
        yield failed("mail", "no sender: set HELPSPACE_MAIL_FROM")
        return
    from helpspace.core.gateways import NotNow
    from helpspace.jobs.mail import SmtpMailer, open_mailer

    mailer = open_mailer(settings.mail)
    if not isinstance(mailer, SmtpMailer):
        yield note("mail", f"written into a folder only: {settings.mail}")
        return
    greeted = mailer.greet()
    if isinstance(greeted, NotNow):
        yield failed("mail", f"the server says {greeted.code}: check HELPSPACE_MAIL")
    else:
        yield fine("mail", f"the server answers; mails come from {settings.mail_from}")


def at_once(checks: dict[str, Callable[[], Iterator[Finding]]]) -> list[Finding]:
    """Run checks side by side; one that does not end in time has failed."""
    answers: dict[str, list[Finding]] = {}

    def run(name: str) -> None:
        try:
            answers[name] = list(checks[name]())
        except HelpspaceError as error:
            answers[name] = [failed(name, f"{error.title}. {error.hint}")]
        except Exception as error:  # noqa: BLE001 - one bad answer must not hide the others
            answers[name] = [failed(name, f"failed with {type(error).__name__}")]

    threads = {
        name: threading.Thread(target=run, args=(name,), name=name, daemon=True) for name in checks
    }
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(PATIENCE + 1)
    silent = f"no answer within {PATIENCE} s: check address and network"
    return [found for name in threads for found in answers.get(name, [failed(name, silent)])]
