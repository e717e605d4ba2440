"""The methods about the bot itself and about chats: profile, commands, files, leaving."""

from __future__ import annotations

import json
import re

from helpspace.sandbox.telegram import objects
from helpspace.sandbox.telegram.decode import Json
from helpspace.sandbox.telegram.errors import bad_request, forbidden
from helpspace.sandbox.telegram.files import DOWNLOAD_LIMIT
from helpspace.sandbox.telegram.text import units
from helpspace.sandbox.telegram.world import Chat, World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_COMMAND_LIMIT = 100
_LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, _params: Json) -> Json:
    """Who the bot is."""
    return objects.myself(world.bot)


def set_commands(world: World, params: Json) -> bool:
    """The menu of commands for a scope and a language."""
    commands: list[Json] = params["commands"]
    if len(commands) > _COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for entry in commands:
        if not _COMMAND.fullmatch(entry["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= units(entry["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    key = _scope(world, params)
    if commands:
        world.profile.commands[key] = commands
    else:
        world.profile.commands.pop(key, None)
    return True


def get_commands(world: World, params: Json) -> list[Json]:
    """The commands set for exactly this scope and language."""
    return world.profile.commands.get(_scope(world, params), [])


def delete_commands(world: World, params: Json) -> bool:
    """No commands of this scope and language any more."""
    world.profile.commands.pop(_scope(world, params), None)
    return True


def scope_key(scope: Json) -> str:
    """A scope as the key under which its commands are kept."""
    return json.dumps(scope, sort_keys=True)


def _scope(world: World, params: Json) -> tuple[str, str]:
    scope: Json = params.get("scope", {"type": "default"})
    if "chat_id" in scope:
        world.chat(scope["chat_id"])
    return scope_key(scope), _language(params)


def _language(params: Json) -> str:
    code = str(params.get("language_code", ""))
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("LANG_CODE_INVALID")
    return code


def _set_words(store: dict[str, str], params: Json, name: str) -> bool:
    words = str(params.get(name, ""))
    if units(words) > _LIMITS[name]:
        raise bad_request(f"the bot's {name.replace('_', ' ')} is too long")
    code = _language(params)
    if words:
        store[code] = words
    else:
        store.pop(code, None)
    return True


def _get_words(store: dict[str, str], params: Json, name: str) -> Json:
    return {name: store.get(_language(params), store.get("", ""))}


def set_name(world: World, params: Json) -> bool:
    """The bot's name in the list of chats."""
    return _set_words(world.profile.names, params, "name")


def get_name(world: World, params: Json) -> Json:
    """The name for a language."""
    found = _get_words(world.profile.names, params, "name")
    return found if found["name"] else {"name": world.bot.first_name}


def set_description(world: World, params: Json) -> bool:
    """What an empty chat shows before Start is pressed."""
    return _set_words(world.profile.descriptions, params, "description")


def get_description(world: World, params: Json) -> Json:
    """The description for a language."""
    return _get_words(world.profile.descriptions, params, "description")


def set_short_description(world: World, params: Json) -> bool:
    """What the bot's profile page shows."""
    return _set_words(world.profile.short_descriptions, params, "short_description")


def get_short_description(world: World, params: Json) -> Json:
    """The short description for a language."""
    return _get_words(world.profile.short_descriptions, params, "short_description")


def set_menu_button(world: World, params: Json) -> bool:
    """What stands beside the field for typing, in one private chat or in all."""
    kind = str(params.get("menu_button", {"type": "default"})["type"])
    if "chat_id" in params:
        _private(world, params).menu_button = kind
    else:
        world.profile.menu_button = kind
    return True


def get_menu_button(world: World, params: Json) -> Json:
    """The menu button of one private chat, or the one of all."""
    if "chat_id" in params:
        return {"type": _private(world, params).menu_button}
    return {"type": world.profile.menu_button}


def _private(world: World, params: Json) -> Chat:
    chat = world.chat(params["chat_id"])
    if not chat.is_private:
        raise bad_request("chat not found")
    return chat


def get_chat(world: World, params: Json) -> Json:
    """What is known about a chat that the bot has met."""
    chat = world.chat(params["chat_id"])
    if not chat.open:
        raise bad_request("chat not found")
    return objects.full_chat(chat)


def leave_chat(world: World, params: Json) -> bool:
    """Leave a group or channel; a private chat cannot be left."""
    chat = world.chat(params["chat_id"])
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    if not chat.open:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    chat.open = False
    world.changed.add(chat.id)
    world.updates.add(
        "my_chat_member",
        chat.id,
        objects.membership(world, chat, world.bot, "member", "left"),
    )
    return True


def get_file(world: World, params: Json) -> Json:
    """Where a file can be downloaded."""
    stored = world.files.by_id(params["file_id"])
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {**stored.described(), "file_path": stored.path}
