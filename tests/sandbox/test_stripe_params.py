"""Form encoding: what the SDK encodes comes out again, and nonsense is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from helpspace.sandbox.stripe.errors import ApiError
from helpspace.sandbox.stripe.params import decode, labels, merged, read_params, span, within

names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
words = st.text(max_size=12)
nested = st.recursive(
    words,
    lambda below: st.one_of(
        st.lists(below, min_size=1, max_size=3), st.dictionaries(names, below, min_size=1)
    ),
    max_leaves=12,
)


@given(st.dictionaries(names, nested, max_size=5))
def test_what_the_sdk_encodes_is_decoded(asked: dict[str, Any]) -> None:
    if depth(asked) <= 8:
        assert decode(urlencode(list(_api_encode(asked)))) == asked


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(below) for below in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(below) for below in value), default=0)
    return 0


def test_the_three_spellings() -> None:
    assert decode("a[b][c]=1&l[]=x&l[]=y&n[1][k]=2&n[0][k]=1&e=") == {
        "a": {"b": {"c": "1"}},
        "l": ["x", "y"],
        "n": [{"k": "1"}, {"k": "2"}],
        "e": "",
    }


@pytest.mark.parametrize(
    "encoded",
    ["a=1&a[b]=2", "a[b]=1&a=2", "a[=1", "[a]=1", "a[][b]=1", "a" + "[b]" * 9 + "=1", "a=%ff"],
)
def test_nonsense_is_refused(encoded: str) -> None:
    with pytest.raises(ApiError) as refused:
        decode(encoded)
    assert refused.value.status == 400


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(ApiError):
        decode("&".join(f"a{n}=1" for n in range(1001)))


def test_metadata_is_merged_and_names_taken_away() -> None:
    shape = {"metadata": labels()}
    assert read_params({"metadata": ""}, shape) == {"metadata": None}
    assert merged({"a": "1"}, None) == {}
    assert merged({"a": "1", "b": "2"}, {"a": "", "c": "3"}) == {"b": "2", "c": "3"}


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        ("5", [5]),
        ({"gt": "4", "lt": "6"}, [5]),
        ({"gte": "4", "lte": "6"}, [4, 5, 6]),
        ({"gt": "5"}, [6, 7]),
    ],
)
def test_spans(asked: object, inside: list[int]) -> None:
    wanted = span().read(asked, "created")
    assert [n for n in range(3, 8) if within(n, wanted)] == inside
