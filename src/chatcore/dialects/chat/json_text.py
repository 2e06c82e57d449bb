"""Strict JSON: what one peer may write, every other peer can read (RFC 8259, RFC 7493)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from chatcore.limits import JSON_DEPTH, MAX_INTEGER

_LONGEST_INTEGER = 17  # digits of 2^53, and a sign

# One that does not end goes to the end of all: to look for another beginning in it would take the square of its length.
STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS: Final = bytes.maketrans(b"{}[]", b"()()")
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")


class BadJsonError(Exception):
    """The bytes are not a JSON object that everyone can read; the text says why, for the peer."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJsonError("a key is repeated")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER or abs(int(digits)) > MAX_INTEGER:
        raise BadJsonError("an integer is beyond 2^53")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJsonError("a number is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise BadJsonError(f"{name} is not JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
).decode
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode


def decode_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in `data`. Raises `BadJsonError`."""
    if data.count(b"{") + data.count(b"[") > JSON_DEPTH and _is_too_deep(data):
        raise BadJsonError("this is nested too deeply")
    try:
        text = data.decode("utf-8")
        found = _decode(text)
        if "\\u" in text:
            # An escaped lone surrogate decodes, and would then break the encoding for every receiver.
            _encode(found).encode("utf-8")
    except UnicodeError:
        raise BadJsonError("this is not UTF-8") from None
    except ValueError:
        raise BadJsonError("this is not JSON") from None
    if not isinstance(found, dict):
        raise BadJsonError("this is not an object")
    return found


def _is_too_deep(data: bytes) -> bool:
    """Tell whether something is left when the innermost brackets are taken away as often as there may be levels."""
    brackets = STRING.sub(b"", data).translate(_BRACKETS, _NO_BRACKETS)
    for _ in range(JSON_DEPTH):
        brackets = brackets.replace(b"()", b"")
    # Brackets without a partner are for the parser to judge, which gets as deep as there are any.
    return b"()" in brackets or brackets.count(b"(") > JSON_DEPTH


def without_none(frame: dict[str, Any]) -> dict[str, Any]:
    """Return `frame` without the keys that have nothing to say."""
    return {key: value for key, value in frame.items() if value is not None}


def encode_object(frame: dict[str, Any]) -> bytes:
    """Return `frame` as the shortest JSON in UTF-8."""
    return _encode(frame).encode("utf-8")
