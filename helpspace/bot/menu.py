"""What the bot says about itself in Telegram's own places: commands, description, profile."""

from __future__ import annotations

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

log = logging.getLogger(__name__)

COMMANDS = (
    BotCommand("start", "Home"),
    BotCommand("sessions", "My sessions"),
    BotCommand("find", "Free times"),
    BotCommand("soon", "The soonest free times"),
    BotCommand("card", "My card"),
    BotCommand("me", "Me: notices, data, leaving"),
    BotCommand("mydata", "What is held about me"),
    BotCommand("forget", "Forget me"),
    BotCommand("help", "Help and urgent lines"),
    BotCommand("privacy", "What is kept"),
    BotCommand("stop", "Leave what I am doing"),
)

DESCRIPTION = (
    "Find a counsellor in the UK, book a first session, and look after your sessions."
    " Looking costs nothing; what is kept is told first.\n\n"
    "This is not an emergency service. In danger call 999. Urgent help at any hour: NHS 111."
    " Samaritans: 116 123, free, day and night. Or text SHOUT to 85258."
)

SHORT = "Appointments, privately arranged. Not an emergency service: call 999."


async def introduce(bot: Bot) -> None:
    """Set commands and descriptions; failures are noted and tried again at the next start."""
    try:
        await bot.set_my_commands(COMMANDS, scope=BotCommandScopeAllPrivateChats())
        # Groups are left anyway; what another program set for them must not stay there.
        for elsewhere in (BotCommandScopeAllGroupChats(), BotCommandScopeDefault()):
            await bot.delete_my_commands(scope=elsewhere)
        await bot.set_my_description(DESCRIPTION)
        await bot.set_my_short_description(SHORT)
    except TelegramError as error:
        log.warning("the bot's own words were not set: %s", type(error).__name__)
