"""What the frames of the `chat` dialect are made of."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chatcore.limits import REQUEST_ID_CHARS

RequestId = Annotated[str, Field(max_length=REQUEST_ID_CHARS, description="Comes back in the reply.")]


class Part(BaseModel):
    """Something inside a frame. Unknown keys are ignored."""

    # Most processes meet a few of the sixty frames: each is built when the first of its kind comes.
    model_config = ConfigDict(strict=True, extra="ignore", populate_by_name=True, defer_build=True)


class RequestFrame(Part):
    """What every request may carry."""

    sent_by: ClassVar[str] = "client"
    id: RequestId | None = None


class ServerFrame(Part):
    """What every frame from the server may carry."""

    sent_by: ClassVar[str] = "server"
    id: RequestId | None = Field(None, description="Of the request that this answers.")
