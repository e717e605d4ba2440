"""Words that sound like a crisis: a short list of whole phrases, wide rather than narrow (K3)."""

from __future__ import annotations

import re
import unicodedata

PHRASES = (
    "suicide", "suicidal", "kill myself", "killing myself", "kill my self", "end my life",
    "ending my life", "end it all", "take my life", "take my own life", "taking my own life",
    "want to die", "wanna die", "wish i was dead", "wish i were dead", "better off dead",
    "do not want to live", "dont want to live", "don t want to live", "no reason to live",
    "not want to be here anymore", "cannot go on", "cant go on", "can t go on", "self harm",
    "selfharm", "self harming", "harm myself", "harming myself", "hurt myself", "hurting myself",
    "cut myself", "cutting myself", "overdose", "overdosed", "hang myself", "hanging myself",
    "not want to be here any more", "dont want to be here", "do not want to be here",
    "dont want to be alive", "do not want to be alive", "want to be dead", "wish to die",
    "want it all to end", "ending it all", "unalive", "sucide", "sucidal", "self harmed",
    "self injury", "too many pills", "too many tablets", "jump off a bridge", "kill him",
    "kill her", "kill them", "kill someone", "being abused", "he hits me", "she hits me",
    "he beats me", "she beats me", "raped", "sexually assaulted", "afraid for my life",
    "hes going to kill me", "going to kill me",
)  # fmt: skip
"""Lower case, without apostrophes and hyphens; negation does not matter."""

_WORDS = re.compile(r"[^\w]+|_")
_ANY = re.compile("|".join(rf"\b{phrase}\b" for phrase in PHRASES))


def sounds_like_crisis(text: str) -> bool:
    """Say whether a text has one of the phrases, however it is spaced, cased or hyphenated."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    return _ANY.search(" ".join(_WORDS.sub(" ", folded).split())) is not None
