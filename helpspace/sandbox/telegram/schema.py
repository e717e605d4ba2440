"""The parameters and objects that the stand-in knows, as tables of names and types.

A type is `str`, `int`, `bool`, `chat` (a number or a public @name), `upload` (a file part),
`file` (one, or a string), the name of an object or a union below, or one of these in `[ ]`;
`!` marks what is required. Tests compare the tables with the published description where that
is at hand.
"""

from __future__ import annotations

from typing import Final

Fields = dict[str, str]

_WHERE: Final[Fields] = {
    "business_connection_id": "str",
    "chat_id": "chat!",
    "message_thread_id": "int",
    "direct_messages_topic_id": "int",
}
_HOW: Final[Fields] = {
    "disable_notification": "bool",
    "protect_content": "bool",
    "allow_paid_broadcast": "bool",
    "message_effect_id": "str",
    "suggested_post_parameters": "SuggestedPostParameters",
    "reply_parameters": "ReplyParameters",
    "reply_markup": "ReplyMarkup",
}
_CAPTION: Final[Fields] = {
    "caption": "str",
    "parse_mode": "str",
    "caption_entities": "[MessageEntity]",
}
_EDIT: Final[Fields] = {
    "business_connection_id": "str",
    "chat_id": "chat",
    "message_id": "int",
    "inline_message_id": "str",
    "reply_markup": "InlineKeyboardMarkup",
}
_IN_LANGUAGE: Final[Fields] = {"language_code": "str"}
_COMMANDS_OF: Final[Fields] = {"scope": "BotCommandScope", **_IN_LANGUAGE}

METHODS: Final[dict[str, Fields]] = {
    "getMe": {},
    "getUpdates": {
        "offset": "int",
        "limit": "int",
        "timeout": "int",
        "allowed_updates": "[str]",
    },
    "setWebhook": {
        "url": "str!",
        "certificate": "upload",
        "ip_address": "str",
        "max_connections": "int",
        "allowed_updates": "[str]",
        "drop_pending_updates": "bool",
        "secret_token": "str",
    },
    "deleteWebhook": {"drop_pending_updates": "bool"},
    "getWebhookInfo": {},
    "sendMessage": {
        **_WHERE,
        **_HOW,
        "text": "str!",
        "parse_mode": "str",
        "entities": "[MessageEntity]",
        "link_preview_options": "LinkPreviewOptions",
    },
    "sendPhoto": {
        **_WHERE,
        **_HOW,
        **_CAPTION,
        "photo": "file!",
        "show_caption_above_media": "bool",
        "has_spoiler": "bool",
    },
    "sendDocument": {
        **_WHERE,
        **_HOW,
        **_CAPTION,
        "document": "file!",
        "thumbnail": "file",
        "disable_content_type_detection": "bool",
    },
    "sendChatAction": {
        "business_connection_id": "str",
        "chat_id": "chat!",
        "message_thread_id": "int",
        "action": "str!",
    },
    "editMessageText": {
        **_EDIT,
        "text": "str",
        "parse_mode": "str",
        "entities": "[MessageEntity]",
        "link_preview_options": "LinkPreviewOptions",
        "rich_message": "InputRichMessage",
    },
    "editMessageCaption": {**_EDIT, **_CAPTION, "show_caption_above_media": "bool"},
    "editMessageMedia": {**_EDIT, "media": "InputMedia!"},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": "chat!", "message_id": "int!"},
    "answerCallbackQuery": {
        "callback_query_id": "str!",
        "text": "str",
        "show_alert": "bool",
        "url": "str",
        "cache_time": "int",
    },
    "setMyCommands": {"commands": "[BotCommand]!", **_COMMANDS_OF},
    "getMyCommands": _COMMANDS_OF,
    "deleteMyCommands": _COMMANDS_OF,
    "setMyName": {"name": "str", **_IN_LANGUAGE},
    "getMyName": _IN_LANGUAGE,
    "setMyDescription": {"description": "str", **_IN_LANGUAGE},
    "getMyDescription": _IN_LANGUAGE,
    "setMyShortDescription": {"short_description": "str", **_IN_LANGUAGE},
    "getMyShortDescription": _IN_LANGUAGE,
    "setChatMenuButton": {"chat_id": "int", "menu_button": "MenuButton"},
    "getChatMenuButton": {"chat_id": "int"},
    "getChat": {"chat_id": "chat!"},
    "getFile": {"file_id": "str!"},
    "leaveChat": {"chat_id": "chat!"},
}

OBJECTS: Final[dict[str, Fields]] = {
    "InlineKeyboardMarkup": {"inline_keyboard": "[[InlineKeyboardButton]]!"},
    "InlineKeyboardButton": {
        "text": "str!",
        "icon_custom_emoji_id": "str",
        "style": "str",
        "url": "str",
        "callback_data": "str",
        "web_app": "WebAppInfo",
        "login_url": "LoginUrl",
        "switch_inline_query": "str",
        "switch_inline_query_current_chat": "str",
        "switch_inline_query_chosen_chat": "SwitchInlineQueryChosenChat",
        "copy_text": "CopyTextButton",
        "callback_game": "CallbackGame",
        "pay": "bool",
    },
    "CopyTextButton": {"text": "str!"},
    "ReplyKeyboardMarkup": {
        "keyboard": "[[KeyboardButton]]!",
        "is_persistent": "bool",
        "resize_keyboard": "bool",
        "one_time_keyboard": "bool",
        "input_field_placeholder": "str",
        "selective": "bool",
    },
    "KeyboardButton": {
        "text": "str!",
        "icon_custom_emoji_id": "str",
        "style": "str",
        "request_users": "KeyboardButtonRequestUsers",
        "request_chat": "KeyboardButtonRequestChat",
        "request_managed_bot": "KeyboardButtonRequestManagedBot",
        "request_contact": "bool",
        "request_location": "bool",
        "request_poll": "KeyboardButtonPollType",
        "web_app": "WebAppInfo",
    },
    "ReplyKeyboardRemove": {"remove_keyboard": "bool!", "selective": "bool"},
    "ForceReply": {
        "force_reply": "bool!",
        "input_field_placeholder": "str",
        "selective": "bool",
    },
    "MessageEntity": {
        "type": "str!",
        "offset": "int!",
        "length": "int!",
        "url": "str",
        "user": "User",
        "language": "str",
        "custom_emoji_id": "str",
        "unix_time": "int",
        "date_time_format": "str",
    },
    "LinkPreviewOptions": {
        "is_disabled": "bool",
        "url": "str",
        "prefer_small_media": "bool",
        "prefer_large_media": "bool",
        "show_above_text": "bool",
    },
    "ReplyParameters": {
        "message_id": "int!",
        "chat_id": "chat",
        "allow_sending_without_reply": "bool",
        "quote": "str",
        "quote_parse_mode": "str",
        "quote_entities": "[MessageEntity]",
        "quote_position": "int",
        "checklist_task_id": "int",
        "poll_option_id": "str",
    },
    "InputMediaPhoto": {
        "type": "str!",
        "media": "str!",
        **_CAPTION,
        "show_caption_above_media": "bool",
        "has_spoiler": "bool",
    },
    "InputMediaDocument": {
        "type": "str!",
        "media": "str!",
        "thumbnail": "str",
        **_CAPTION,
        "disable_content_type_detection": "bool",
    },
    "BotCommand": {"command": "str!", "description": "str!"},
    "BotCommandScopeDefault": {"type": "str!"},
    "BotCommandScopeAllPrivateChats": {"type": "str!"},
    "BotCommandScopeAllGroupChats": {"type": "str!"},
    "BotCommandScopeAllChatAdministrators": {"type": "str!"},
    "BotCommandScopeChat": {"type": "str!", "chat_id": "chat!"},
    "BotCommandScopeChatAdministrators": {"type": "str!", "chat_id": "chat!"},
    "BotCommandScopeChatMember": {"type": "str!", "chat_id": "chat!", "user_id": "int!"},
    "MenuButtonCommands": {"type": "str!"},
    "MenuButtonDefault": {"type": "str!"},
}

# A union picks its member by the value of `type`.
TAGGED: Final[dict[str, dict[str, str]]] = {
    "InputMedia": {"photo": "InputMediaPhoto", "document": "InputMediaDocument"},
    "BotCommandScope": {
        "default": "BotCommandScopeDefault",
        "all_private_chats": "BotCommandScopeAllPrivateChats",
        "all_group_chats": "BotCommandScopeAllGroupChats",
        "all_chat_administrators": "BotCommandScopeAllChatAdministrators",
        "chat": "BotCommandScopeChat",
        "chat_administrators": "BotCommandScopeChatAdministrators",
        "chat_member": "BotCommandScopeChatMember",
    },
    "MenuButton": {"commands": "MenuButtonCommands", "default": "MenuButtonDefault"},
}

# Keyboards carry no `type`; the field that each of them must have tells which one it is.
REPLY_MARKUP: Final[dict[str, str]] = {
    "inline_keyboard": "InlineKeyboardMarkup",
    "keyboard": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove",
    "force_reply": "ForceReply",
}

# Real, but not acted out here: refused by name, since accepting in silence would be a lie.
UNSIMULATED: Final[frozenset[str]] = frozenset(
    {
        "allow_paid_broadcast",
        "business_connection_id",
        "callback_game",
        "certificate",
        "checklist_task_id",
        "direct_messages_topic_id",
        "icon_custom_emoji_id",
        "inline_message_id",
        "ip_address",
        "login_url",
        "message_effect_id",
        "message_thread_id",
        "pay",
        "poll_option_id",
        "quote",
        "quote_entities",
        "quote_parse_mode",
        "quote_position",
        "request_chat",
        "request_contact",
        "request_location",
        "request_managed_bot",
        "request_poll",
        "request_users",
        "rich_message",
        "suggested_post_parameters",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "thumbnail",
        "user",
        "web_app",
    }
)
