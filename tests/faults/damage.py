"""What can happen to a file: bytes that change, an end that is cut off, nothing left, values of other types."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

WRONG: Sequence[Any] = (None, True, -1, 0.5, 10**30, 1e308, "", "x", [], {}, [[]], [None], {"a": 1})
"""Values that hardly any place of a JSON document expects."""


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes of a file after some harm."""
    kind = draw(st.sampled_from(["flip", "flip", "flip", "cut", "zero", "empty", "twice", "wrong type"]))
    place = draw(st.integers(0, max(0, len(data) - 1)))
    if kind == "wrong type" and (document := _document(data)) is not None:
        return json.dumps(draw(_spoilt(document))).encode()
    if kind == "cut":
        return data[:place]
    if kind == "zero":
        length = min(draw(st.integers(1, 64)), len(data) - place)
        return data[:place] + bytes(length) + data[place + length :]
    if kind == "empty":
        return b""
    if kind == "twice":
        return data[:place] + data
    return data[:place] + bytes([data[place] ^ draw(st.integers(1, 255))]) + data[place + 1 :]


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


@st.composite
def _spoilt(draw: st.DrawFn, document: Any) -> Any:
    """A document with one value, anywhere in it, replaced or removed."""
    if not isinstance(document, dict | list) or not document or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(WRONG))
    keys = list(document) if isinstance(document, dict) else range(len(document))
    key = draw(st.sampled_from(keys))
    copy = dict(document) if isinstance(document, dict) else list(document)
    if draw(st.integers(0, 7)) == 0:
        del copy[key]
    else:
        copy[key] = draw(_spoilt(document[key]))
    return copy
