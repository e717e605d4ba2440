"""What an operator still has to set before `serve` can do its whole job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpspace.settings import Settings


def missing(settings: Settings) -> list[tuple[str, str]]:
    """Return the names of settings that are missing, each with what it is for."""
    needed = (
        ("HELPSPACE_TELEGRAM_TOKEN", settings.telegram_token, "the bot's token, from @BotFather"),
        ("HELPSPACE_STRIPE_KEY", settings.stripe_key, "Stripe's secret key, for cards and fees"),
        ("HELPSPACE_MAIL", settings.mail, "the mail server, for confirmations and reminders"),
        ("HELPSPACE_MAIL_FROM", settings.mail_from, "the address that mails come from"),
        ("HELPSPACE_VIDEO", settings.video, "the base of the video rooms"),
        ("HELPSPACE_SUPPORT_EMAIL", settings.support_email, "where people ask for help"),
    )
    return [(name, words) for name, value, words in needed if not value]
