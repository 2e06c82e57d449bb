"""The protocol in machine-readable form is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatcore.dialects.chat.frames import REQUESTS, SERVER_FRAMES
from chatcore.dialects.chat.schema import documents


def references(part: Any) -> Iterator[str]:
    """Yield where a document points to."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_reference_of_the_documents_leads_somewhere() -> None:
    """Within a document and from one to the other."""
    found = {name: json.loads(text) for name, text in documents().items() if name.endswith(".json")}
    assert len(found) == 2
    for name, document in found.items():
        for reference in references(document):
            file, _, path = reference.partition("#/")
            target = found[file or name]
            for key in path.split("/"):
                target = target[key]


def test_every_frame_is_described_with_its_type() -> None:
    """In both documents, and each may be sent by one side at least."""
    found = {name: json.loads(text) for name, text in documents().items() if name.endswith(".json")}
    schema, asyncapi = found["chat.schema.json"], found["asyncapi.json"]
    choices = set(references([schema["$defs"]["ClientFrame"], schema["$defs"]["ServerFrame"]]))
    for frame in (*REQUESTS, *SERVER_FRAMES):
        definition = schema["$defs"][frame.__name__]
        assert definition["description"]
        assert "type" in definition["required"]
        assert definition["properties"]["type"]["const"] == frame.model_fields["type"].default
        assert f"#/$defs/{frame.__name__}" in choices
        assert asyncapi["components"]["messages"][frame.__name__]["summary"] == definition["description"]
