"""Foreign text is data wherever it is shown, and people's names come through unharmed (A3, A3a)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core.plain import initials, plain, plain_lines

UNHARMED = [
    "Zoë", "O'Brien", "محمد", "李", "Nguyễn Thị Ánh", "José-María", "Þórunn", "И́горь", "ก้อง",
    "می\u200cخواهم", "क्\u200dष", "👩\u200d👩\u200d👧", "[/b]", "<b>", "=1+1", "_*`[x](y)`*_",
    "[@click=app.quit]x[/]", "d'Artagnan & Söhne",
]  # fmt: skip


@pytest.mark.parametrize("name", UNHARMED)
def test_a3a_names_come_through_unharmed(name: str) -> None:
    assert plain(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]52;c;aGk=\x07Sam", "]52;c;aGk=Sam"),
        ("Sam\x1b[31m", "Sam[31m"),
        ("a\u202eb\u2066c\u2069", "abc"),  # direction overrides
        ("\ufeffSam\u200b", "Sam"),
        ("a\ud800b", "ab"),  # half of a pair
        ("\ue000x\U000f0000", "x"),  # private use
        ("x\U000e0041", "x"),  # invisible tags
        ("one\r\ntwo\tthree\u2028four\u00a0five", "one two three four five"),
        ("Subject\nBcc: all@example.org", "Subject Bcc: all@example.org"),
        ("  spaced   out  ", "spaced out"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),  # what stood between has gone
        ("\x00", ""),
        ("", ""),
    ],
)
def test_a3_what_could_do_harm_goes(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a3_a_length_is_kept() -> None:
    assert plain("x" * 100, 60) == "x" * 60
    assert plain("x" * 59 + " y", 60) == "x" * 59


@given(st.text(), st.integers(1, 100))
def test_a3_the_result_is_one_harmless_line(text: str, limit: int) -> None:
    clean = plain(text, limit)
    assert len(clean) <= limit
    assert clean == clean.strip()
    assert unicodedata.is_normalized("NFC", clean)
    kinds = {unicodedata.category(c) for c in clean if c not in "\u200c\u200d"}
    assert not {kind for kind in kinds if kind[0] == "C"}
    assert kinds & {"Zl", "Zp"} == set()
    assert len(clean.splitlines()) <= 1


@given(st.text(alphabet=st.characters(codec=None), max_size=60), st.integers(1, 60))
def test_a3_cleaning_again_changes_nothing(text: str, limit: int) -> None:
    clean = plain(text, limit)
    assert plain(clean, limit) == clean


@given(st.text(max_size=300))
def test_a3_lines_stay_lines(text: str) -> None:
    clean = plain_lines(text, 100)
    assert len(clean) <= 100
    assert all(line == plain(line, 100) for line in clean.split("\n"))
    assert plain_lines(clean, 100) == clean


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Zoë O'Brien", "Z. O."), ("محمد", "م."), ("", ""), ("a b c d", "a. b. c.")],
)
def test_n6_initials(name: str, expected: str) -> None:
    assert initials(name) == expected
