"""A process's outside from its settings alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpspace.core import links
from helpspace.core.practice import Practice
from helpspace.jobs.mail import MaildirMailer
from helpspace.jobs.telegram import TelegramChat
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest
from helpspace.wiring import open_outside
from tests import makers


def test_what_is_not_set_is_not_there(practice: Practice, store_url: str) -> None:
    bare = makers.settings_for(store_url)
    outside = open_outside(bare, practice)
    assert (outside.stripe, outside.mail, outside.chat) == (None, None, None)
    outside.close()


def test_what_is_set_is_opened_on_the_transports_given(
    practice: Practice, store_url: str, clock: MovableClock, tmp_path: object
) -> None:
    settings = makers.settings_for(
        store_url,
        STRIPE_KEY="sk_test_x",
        STRIPE_API="https://sandbox.invalid",
        TELEGRAM_TOKEN=SANDBOX_KEY,
        MAIL=f"maildir://{tmp_path}/mail",
    )
    telegram = TelegramSandbox(clock)
    telegram.phone(7001).start()
    outside = open_outside(
        settings,
        practice,
        stripe_http=SandboxHTTPClient(StripeSandbox(clock)),
        telegram_request=SandboxRequest(telegram),
        bot_name="AnotherBot",
    )
    assert outside.stripe is not None
    assert outside.stripe.check().trouble is None
    assert isinstance(outside.mail, MaildirMailer)
    assert isinstance(outside.chat, TelegramChat)
    outside.chat.send(7001, "Hello", ())
    assert telegram.phone(7001).last.text == "Hello"
    assert links.bot_name(practice) == "AnotherBot"
    outside.close()


@pytest.mark.parametrize("name", ["no spaces", "x", "a/b", None])
def test_a_bot_name_that_is_none_is_not_kept(practice: Practice, name: str | None) -> None:
    before = links.bot_name(practice)
    links.remember_bot(practice, name)
    assert links.bot_name(practice) == before


@pytest.mark.parametrize(
    "module", ["helpspace.wiring", "helpspace.jobs.sweeps", "helpspace.core.letters"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    """House: stripe, telegram, jinja2, icalendar and apscheduler only where they are used."""
    heavy = ["stripe", "telegram", "jinja2", "icalendar", "apscheduler", "smtplib"]
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
