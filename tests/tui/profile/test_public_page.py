"""What the editor previews of the public page is what the page says (P1)."""

from __future__ import annotations

import html
import re

from helpspace.core import profile_words, profiles
from helpspace.core.joining import profile
from helpspace.core.practice import Practice
from helpspace.web import pages, rendering
from tests import makers
from tests.tui.scenes import Scene


def test_every_line_of_the_preview_is_on_the_page(told: Practice, scene: Scene) -> None:
    for hour in range(4):
        makers.open_slot(told, scene.therapist, makers.SOON + (24 + hour) * 3600)
    seen = pages.look(told, "zoe-obrien")
    markup = bytes(rendering.page("card", "page", **pages.words(seen)).body).decode()
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
    draft = profile.profile_draft(told, scene.therapist, scene.therapist.id)
    who, _ = profiles.profile_by_handle(told, "zoe-obrien")
    assert draft.preview(draft.texts) == who
    for section in profile_words.page(who, draft.starts, draft.now, chat=True):
        assert section.heading in text
        for line in section.lines:
            label, _, words = line.rpartition(": ")
            assert label in text
            for part in words.split(", "):
                assert part in text, line
