"""Strict JSON: what one peer may write, every other peer can read."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.dialects.chat.json_text import BadJsonError, decode_object, encode_object
from tests.strategies import json_objects

BAD = {
    "nothing": b"",
    "a blank": b" ",
    "half an object": b'{"a":',
    "two objects": b"{}{}",
    "a trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "a comment": b"{} // no",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "an array": b"[]",
    "a string": b'"a"',
    "a number": b"1",
    "null": b"null",
    "a repeated key": b'{"a":1,"a":1}',
    "a repeated key inside": b'{"a":{"b":1,"b":2}}',
    "a key repeated by an escape": b'{"a":1,"\\u0061":2}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "-Infinity": b'{"a":[-Infinity]}',
    "a number beyond every double": b'{"a":1e999}',
    "a negative one": b'{"a":-1e999}',
    "2^53+1": b'{"a":9007199254740993}',
    "-2^53-1": b'{"a":-9007199254740993}',
    "an integer of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "17 levels of objects": b'{"a":' * 16 + b"{}" + b"}" * 16,
    "17 levels of arrays and objects": b'{"a":' + b'[{"a":' * 8 + b"{}" + b"}]" * 8 + b"}",
    "17 levels behind a string with brackets": b'{"b":"]]\\"}}","a":' + b"[" * 16 + b"]" * 16 + b"}",
    "950 levels": b'{"a":' + b"[" * 949 + b"]" * 949 + b"}",
    "64 KiB of quotes that never end": b'{"a":' + b"[" * 15 + b'"[[' + b'\\"' * 32_000,
    "64 KiB of empty objects in an open array": b'{"a":[' + b"{}," * 20_000,
    "5000 open arrays": b'{"a":' + b"[" * 5000,
    "100000 open arrays": b"[" * 100_000,
    "100000 nested objects": b'{"a":' * 100_000,
    "100000 nested arrays": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a lone high surrogate": b'{"a":"\\ud83d"}',
    "a lone low surrogate": b'{"a":"\\ude00 x"}',
    "surrogates the wrong way round": b'{"a":"\\ude00\\ud83d"}',
    "a lone surrogate in a key": b'{"\\udfff":1}',
    "a lone surrogate deep inside": b'{"a":[{"b":["\\udfff"]}]}',
    "a raw surrogate": b'{"a":"\xed\xa0\x80"}',
    "a byte that is not UTF-8": b'{"a":"\xff"}',
    "an overlong slash": b'{"a":"\xc0\xaf"}',
    "half a character": b'{"a":"\xe2\x82"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a raw control character": b'{"a":"\x00"}',
    "a raw newline": b'{"a":"\n"}',
    "a hexadecimal number": b'{"a":0x10}',
    "a leading zero": b'{"a":01}',
}
GOOD: dict[str, tuple[bytes, dict[str, Any]]] = {
    "the empty object": (b"{}", {}),
    "blanks around": (b" \t\r\n{ } \n", {}),
    "2^53": (b'{"a":9007199254740992}', {"a": 2**53}),
    "-2^53": (b'{"a":-9007199254740992}', {"a": -(2**53)}),
    "a large double": (b'{"a":1e308}', {"a": 1e308}),
    "a pair of surrogates": (b'{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    "an escaped NUL": (b'{"a":"\\u0000"}', {"a": "\0"}),
    "the same key in two objects": (b'{"a":{"b":1},"c":{"b":1}}', {"a": {"b": 1}, "c": {"b": 1}}),
    "16 levels": (b'{"a":' * 15 + b"{}" + b"}" * 15, reduce(lambda inner, _: {"a": inner}, range(15), {})),
    "brackets in strings": (b'{"a":"' + b"[{" * 500 + b'\\"["}', {"a": "[{" * 500 + '"['}),
    "many brackets side by side": (b'{"a":[' + b"{}," * 999 + b"[]]}", {"a": [*[{}] * 999, []]}),
    "a word that is no constant": (b'{"a":"NaN"}', {"a": "NaN"}),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_bytes_are_refused_when_not_everyone_could_read_them(data: bytes) -> None:
    """Whatever some reader would choke on, or read otherwise, is bad JSON."""
    with pytest.raises(BadJsonError) as caught:
        decode_object(data)
    assert 0 < len(str(caught.value)) < 80


@pytest.mark.parametrize(("data", "value"), GOOD.values(), ids=GOOD.keys())
def test_object_is_read_when_everyone_can_read_it(data: bytes, value: dict[str, Any]) -> None:
    """Strictness refuses nothing that is fine."""
    assert decode_object(data) == value


@pytest.mark.unmeasured
@given(json_objects)
def test_object_comes_back_as_it_was_written(value: dict[str, Any]) -> None:
    """Encoding and decoding are each other's reverse, and the standard library agrees."""
    data = encode_object(value)
    assert decode_object(data) == value
    assert json.loads(data) == value
    assert b"\n" not in data, "one object is one line"


@pytest.mark.unmeasured
@given(json_objects)
def test_object_comes_back_when_somebody_else_escaped_it(value: dict[str, Any]) -> None:
    """ASCII escapes and blanks, as other programs write them, make no difference."""
    assert decode_object(json.dumps(value, ensure_ascii=True, indent=1).encode()) == value


@given(st.binary(max_size=60) | st.text('{}[]":,\\u0dDe1-.NaI ', max_size=40).map(str.encode))
def test_any_bytes_are_an_object_or_bad_json(data: bytes) -> None:
    """Nothing but an object comes out, and no other exception."""
    try:
        found = decode_object(data)
    except BadJsonError:
        return
    assert isinstance(found, dict)
    assert decode_object(encode_object(found)) == found
