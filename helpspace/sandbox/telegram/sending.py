"""The methods that put something new into a chat."""

from __future__ import annotations

from helpspace.sandbox.telegram import objects, text
from helpspace.sandbox.telegram.decode import Json
from helpspace.sandbox.telegram.errors import bad_request
from helpspace.sandbox.telegram.files import StoredFile
from helpspace.sandbox.telegram.links import check_link
from helpspace.sandbox.telegram.markup import Markup, markup
from helpspace.sandbox.telegram.world import Chat, Media, Message, Notification, World

_CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_PREVIEW_LIMIT = 100


def send_message(world: World, params: Json) -> Json:
    """A text."""
    chat = world.reachable(params["chat_id"])
    styled = text.message_text(params, editing=False)
    return _send(world, chat, params, styled, media=None)


def send_photo(world: World, params: Json) -> Json:
    """A picture, with or without a caption."""
    chat = world.reachable(params["chat_id"])
    styled = text.caption(params)
    return _send(world, chat, params, styled, photo(world, params["photo"]))


def send_document(world: World, params: Json) -> Json:
    """A file, with or without a caption."""
    chat = world.reachable(params["chat_id"])
    styled = text.caption(params)
    return _send(world, chat, params, styled, document(world, params["document"]))


def send_chat_action(world: World, params: Json) -> bool:
    """The few seconds of "typing ..." in the chat's title; counts towards the limits."""
    chat = world.reachable(params["chat_id"])
    if params["action"] not in _CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.keep_pace(chat)
    chat.actions.append(params["action"])
    return True


def photo(world: World, source: object) -> Media:
    """The picture to send, from new bytes or a file_id."""
    stored = world.files.accept("photo", source)
    return Media("photo", world.files.photo_sizes(stored), stored)


def document(world: World, source: object) -> Media:
    """The file to send, from new bytes or a file_id."""
    return described_document(world.files.accept("document", source))


def described_document(stored: StoredFile) -> Media:
    """A stored file as the content of a document message."""
    content = {**stored.described(), "file_name": stored.name, "mime_type": stored.mime}
    return Media("document", content, stored)


def preview(params: Json) -> Json | None:
    """The wished link preview, if any was wished."""
    wished: Json | None = params.get("link_preview_options")
    if wished and "url" in wished:
        check_link(wished["url"], "link preview")
    return wished


def _send(world: World, chat: Chat, params: Json, styled: text.Styled, media: Media | None) -> Json:
    found = markup(params)
    wished = preview(params)
    reply_to = _replied(chat, params)
    world.keep_pace(chat)
    message = world.post(chat, world.bot, styled)
    message.media = media
    message.preview = wished
    message.reply_to = reply_to
    message.silent = params.get("disable_notification", False)
    message.protected = params.get("protect_content", False)
    message.above = params.get("show_caption_above_media", False)
    message.spoiler = params.get("has_spoiler", False)
    message.markup = found
    _change_keys(chat, found)
    chat.popped.append(_notification(world, message))
    return objects.message(world, message)


def _change_keys(chat: Chat, found: Markup) -> None:
    if found.keys is not None:
        chat.keys = found.keys
    elif found.removes_keys:
        chat.keys = []


def _replied(chat: Chat, params: Json) -> int | None:
    """The message that is answered, which must exist unless the bot said that it need not."""
    about: Json | None = params.get("reply_parameters")
    if about is None:
        return None
    if about.get("chat_id", chat.id) != chat.id:
        raise bad_request("the stand-in answers only to messages of the same chat")
    found = chat.messages.get(about["message_id"])
    if found is None or found.deleted:
        if about.get("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return found.id


def _notification(world: World, message: Message) -> Notification:
    """What a locked screen shows: the beginning of the text, or what there is to see."""
    line = " ".join(message.styled.text.split())
    if message.media is not None:
        name = "Photo" if message.media.kind == "photo" else _file_name(message.media)
        line = f"{name}, {line}" if line else name
    title = world.profile.names.get("", world.bot.first_name)
    return Notification(message.id, message.at, title, line[:_PREVIEW_LIMIT], message.silent)


def _file_name(media: Media) -> str:
    return media.file.name if media.file else media.kind.title()
