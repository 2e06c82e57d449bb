"""The protocol in machine-readable form (JSON Schema 2020-12, AsyncAPI 3.0), made from the code's own models."""

from __future__ import annotations

import inspect
import json
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chatcore.dialects.chat.frames import REQUESTS, SERVER_FRAMES
from chatcore.errors import ErrorCode
from chatcore.limits import OBJECT_BYTES

_VERSION: Final = "1"
_SCHEMA_FILE: Final = "chat.schema.json"
_PURPOSE: Final = (
    "Chat rooms. Over WebSocket one JSON object per text message; over a byte stream one object per line. "
    f"UTF-8, at most {OBJECT_BYTES} bytes per object. Unknown keys are ignored."
)


def documents() -> dict[str, str]:
    """Return the generated documents: their texts by their file names."""
    return {
        _SCHEMA_FILE: _json(json_schema()),
        "asyncapi.json": _json(asyncapi()),
    }


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema (2020-12) with a definition per frame and a choice per direction."""
    frames = [*REQUESTS, *SERVER_FRAMES]
    # A server writes every key that has a default too, a client need not: what a peer may send is described.
    _, found = models_json_schema([(frame, "validation") for frame in frames], ref_template="#/$defs/{model}")
    for frame in frames:
        # The models give each type as a default; on the wire it has to be there.
        definition = found["$defs"][frame.__name__]
        definition["required"] = ["type", *definition.get("required", [])]
        definition["properties"]["type"].pop("default", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:chatcore:chat:1",
        "title": "chatcore native protocol, version " + _VERSION,
        "description": _PURPOSE,
        "anyOf": [{"$ref": "#/$defs/ClientFrame"}, {"$ref": "#/$defs/ServerFrame"}],
        "$defs": found["$defs"]
        | {
            "ClientFrame": _choice(frame.__name__ for frame in REQUESTS),
            "ServerFrame": _choice([*(frame.__name__ for frame in SERVER_FRAMES), *_both()]),
            "ErrorCode": {"enum": [code.value for code in ErrorCode]},
        },
    }


def asyncapi() -> dict[str, Any]:
    """Return an AsyncAPI 3.0 document: the messages, and which side sends them."""
    messages = {frame.__name__: _message(frame) for frame in (*REQUESTS, *SERVER_FRAMES)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "chatcore", "version": _VERSION, "description": _PURPOSE},
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:8765", "protocol": "ws"}},
        "channels": {
            "chat": {
                "address": "/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "fromClient": _operation("receive", [frame.__name__ for frame in REQUESTS]),
            "fromServer": _operation("send", [*(frame.__name__ for frame in SERVER_FRAMES), *_both()]),
        },
        "components": {"messages": messages},
    }


def _both() -> list[str]:
    return [frame.__name__ for frame in REQUESTS if frame.sent_by == "both"]


def _choice(names: Any) -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in names]}


def _message(frame: type[BaseModel]) -> dict[str, Any]:
    return {
        "name": frame.model_fields["type"].default,
        "summary": inspect.getdoc(frame),
        "payload": {"$ref": f"{_SCHEMA_FILE}#/$defs/{frame.__name__}"},
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/chat"},
        "messages": [{"$ref": f"#/channels/chat/messages/{name}"} for name in names],
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
