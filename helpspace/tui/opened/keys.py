"""The actions on an opened session that turn its pages, move it, and lead to its client."""

from __future__ import annotations

from types import MappingProxyType

from helpspace.tui.action import Action, Place, Under

_LIVE = (Under.SESSION, Under.OVER)


def _on(word: str, *unders: Under) -> MappingProxyType[Under, str]:
    """The word in the key bar for what is opened."""
    return MappingProxyType(dict.fromkeys(unders, word))


OPENED = tuple(
    Action(
        f"opened.{name}", keys, f"session: {verb}", sentence, Place.SESSION, run, shown,
        palette=name not in ("up", "down"),
    )
    for name, keys, verb, run, shown, sentence in (
        ("code", "Q", "code of the video link", "code", _on("code", *_LIVE),
         "Show the link of the video room as a QR code, for a phone."),
        ("move", "m", "move", "move", _on("move", Under.SESSION),
         "Move the session; asks who wishes it, and shows the money first."),
        ("refuse_move", "r", "refuse to move", "refuse_move", _on("it stays", Under.SESSION),
         "Tell the client, who asked for another time, that the session stays where it is."),
        ("client", "p", "its client", "client", _on("client", *_LIVE),
         "Open the page of the session's client."),
        ("next_page", "tab,right,l", "next page", "page(1)", _on("next page", *_LIVE),
         "Turn to the next page: what happened, the money, a first session."),
        ("previous_page", "shift+tab,left,h", "page before", "page(-1)", _on("", ),
         "Turn to the page before."),
        ("down", "down,j,pagedown,space", "scroll down", "scroll(1)", _on("", ),
         "Scroll the page downwards."),
        ("up", "up,k,pageup", "scroll up", "scroll(-1)", _on("", ),
         "Scroll the page upwards."),
        ("help", "question_mark", "help", "help", _on("help", *_LIVE, Under.OPEN, Under.HELD),
         "Show what can be done with what is open."),
    )
)  # fmt: skip
