"""Strict JSON: what one peer may write, every other peer can read (RFC 8259, RFC 7493)."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from chatcore.limits import MAX_INTEGER

_LONGEST_INTEGER = 17  # digits of 2^53, and a sign


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
    try:
        text = data.decode("utf-8")
        found = _decode(text)
        if "\\u" in text:
            # An escaped lone surrogate decodes, and would then break the encoding for every receiver.
            _encode(found).encode("utf-8")
    except UnicodeError:
        raise BadJsonError("this is not UTF-8") from None
    except RecursionError:
        raise BadJsonError("this is nested too deeply") from None
    except ValueError:
        raise BadJsonError("this is not JSON") from None
    if not isinstance(found, dict):
        raise BadJsonError("this is not an object")
    return found


def without_none(frame: dict[str, Any]) -> dict[str, Any]:
    """Return `frame` without the keys that have nothing to say."""
    return {key: value for key, value in frame.items() if value is not None}


def encode_object(frame: dict[str, Any]) -> bytes:
    """Return `frame` as the shortest JSON in UTF-8."""
    return _encode(frame).encode("utf-8")
