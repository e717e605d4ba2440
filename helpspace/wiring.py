"""The one place that composes store, clock, vault and gateways into what a process needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from helpspace.core.clock import Clock, SystemClock
from helpspace.core.errors import SettingsFault
from helpspace.core.ids import Ids
from helpspace.core.practice import Practice
from helpspace.core.store import init, migrate, open_store, standing
from helpspace.core.store.database import told
from helpspace.core.vault import Vault, read_or_make_key
from helpspace.settings import Settings

if TYPE_CHECKING:
    from stripe import HTTPClient
    from telegram.request import BaseRequest

    from helpspace.core.gateways import ChatSender, Mailer, Outside, StripeGateway
    from helpspace.core.store import Store


_MODE = "stripe_mode"
"""The fact that says whose keys a store has known: live or test."""


def open_practice(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    make: bool = False,
    even_moved: bool = False,
) -> Practice:
    """Open the practice of these settings; with `make`, make or upgrade its store and key first.

    A store that has moved away is refused unless `even_moved` says that this is known. Raises
    StoreFault or SettingsFault, each one line with the next step.
    """
    store = open_store(settings.database, make=make)
    try:
        return _opened(store, settings, clock, ids or Ids(), make=make, even_moved=even_moved)
    except BaseException:
        store.close()
        raise


def _opened(
    store: Store,
    settings: Settings,
    clock: Clock | None,
    ids: Ids,
    *,
    make: bool,
    even_moved: bool,
) -> Practice:
    if make:
        with told():
            is_there = bool(migrate.applied(store))
        if is_there:
            standing.refuse_unfit(store)
        migrate.upgrade(store)
    else:
        migrate.check(store)
        if not (even_moved and standing.is_moved(store)):
            standing.refuse_unfit(store)
    key = read_or_make_key(settings.key_file, make=make and not init.has_key(store))
    practice = Practice(store, settings, Vault(key, ids), clock or SystemClock(), ids)
    if make:
        init.make_ready(practice)
    init.check_key(practice)
    return practice


def without_store(settings: Settings, *, clock: Clock | None = None) -> Practice:
    """Return a practice whose store is not there yet, to restore one with its key.

    Raises SettingsFault.
    """
    ids = Ids()
    key = read_or_make_key(settings.key_file, make=False)
    nothing = open_store("sqlite:///:memory:")
    return Practice(nothing, settings, Vault(key, ids), clock or SystemClock(), ids)


def open_outside(
    settings: Settings,
    practice: Practice,
    *,
    stripe_http: HTTPClient | None = None,
    telegram_request: BaseRequest | None = None,
    mail: Mailer | None = None,
    chat: ChatSender | None = None,
    bot_name: str | None = None,
) -> Outside:
    """Open the gateways that the settings name; what is not set is None.

    `stripe_http` and `telegram_request` stand in for the network. `chat` is the bot's own sender
    where the bot runs in this process, so that both share one pace (N7); `bot_name` its public
    name, which is kept for the links in mails.
    """
    from helpspace.core.gateways import Outside
    from helpspace.core.links import remember_bot

    remember_bot(practice, bot_name)
    close: Callable[[], None] = _nothing
    if chat is None and settings.telegram_token is not None:
        chat, close = _open_chat(settings, telegram_request)
    return Outside(
        stripe=_open_stripe(settings, practice, stripe_http),
        mail=mail or _open_mail(settings),
        chat=chat,
        close=close,
    )


def remember_mode(practice: Practice) -> None:
    """Bind the store to its first key's mode: live and test never mix (A5)."""
    if practice.settings.stripe_key is None:
        return
    with practice.change() as tx:
        if tx.fact(_MODE) is None:
            tx.set_fact(_MODE, _mode(practice.settings))
    _check_mode(practice)


def _check_mode(practice: Practice) -> None:
    """Refuse a key of the other mode than the store has known."""
    mode = _mode(practice.settings)
    with practice.reading() as view:
        known = view.fact(_MODE)
    if known not in (None, mode):
        raise SettingsFault(
            f"This store belongs to a Stripe {known} key, and HELPSPACE_STRIPE_KEY is {mode}",
            "Use another store for it: set HELPSPACE_DATABASE.",
        )


def _mode(settings: Settings) -> str:
    return "live" if settings.stripe_is_live else "test"


def _nothing() -> None:
    """Nothing is held open."""


def _open_stripe(
    settings: Settings, practice: Practice, http: HTTPClient | None
) -> StripeGateway | None:
    if settings.stripe_key is None:
        return None
    _check_mode(practice)
    from helpspace.core import platform
    from helpspace.core.links import bot_name
    from helpspace.jobs.stripe import Stripe

    return Stripe(
        settings.stripe_key,
        api=settings.stripe_api,
        rate=settings.stripe_rate,
        clock=practice.clock,
        shared=True,
        ours=lambda account: platform.is_ours(practice, account),
        public_url=settings.public_url,
        bot=lambda: bot_name(practice),
        http_client=http,
    )


def _open_mail(settings: Settings) -> Mailer | None:
    if settings.mail is None:
        return None
    from helpspace.jobs.mail import open_mailer

    return open_mailer(settings.mail)


def _open_chat(
    settings: Settings, request: BaseRequest | None
) -> tuple[ChatSender, Callable[[], None]]:
    from helpspace.core.pacing import Pacer
    from helpspace.jobs.telegram import TelegramChat, make_bot

    bot = make_bot(settings.telegram_token or "", settings.telegram_api, request)
    chat = TelegramChat(bot, Pacer())
    return chat, chat.close
