"""What the frames of the `chat` dialect are made of."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chatcore.limits import MAX_INTEGER, REQUEST_ID_CHARS

RequestId = Annotated[str, Field(max_length=REQUEST_ID_CHARS, description="Comes back in the reply.")]
Moment = Annotated[str, Field(description="RFC 3339 in UTC with milliseconds.", examples=["2026-11-21T07:08:12.918Z"])]
Seq = Annotated[int, Field(ge=0, le=MAX_INTEGER, description="Number of an entry in its log: dense, from 1.")]
Cid = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_INTEGER,
        description="The client's own number of this send: 1, 2, 3, ... over all its sends.",
    ),
]
LogName = Annotated[str, Field(description="A room's name, `@` for one's own direct messages or `*` for broadcasts.")]
Epoch = Annotated[
    str,
    Field(
        max_length=100,
        description="Of the log that the seq is of, elsewhere it is none; the present one when left out.",
    ),
]
Room = Annotated[str | None, Field(description="The room where it counts; the present one when left out.")]
Topic = Annotated[str, Field(description="What the room is about; somebody's words.")]
Role = Annotated[
    str, Field(description="In that room: `operator`, `owner`, `moderator`, `member`, `muted`, or a new one.")
]
Private = Annotated[bool, Field(description="True when only who is invited may come in.")]
Bot = Annotated[bool, Field(description="A program plays the user, and has said so when it logged in.")]
ByBot = Annotated[bool, Field(description="A bot did it: a program that has said so when it logged in.")]
Slow = Annotated[int, Field(ge=0, description="Seconds that a member has to wait between two messages.")]


class Part(BaseModel):
    """Something inside a frame. Unknown keys are ignored."""

    # Most processes meet a few of the sixty frames: each is built when the first of its kind comes.
    model_config = ConfigDict(strict=True, extra="ignore", populate_by_name=True, defer_build=True)


class Place(Part):
    """A place in a log."""

    epoch: str = Field(description="Changes whenever the log may have lost something.")
    seq: Seq
    changes: int | None = Field(
        None,
        ge=0,
        le=MAX_INTEGER,
        description="How often something has become of entries; 0 when a server leaves it out.",
    )


class RequestFrame(Part):
    """What every request may carry."""

    sent_by: ClassVar[str] = "client"
    id: RequestId | None = None


class ServerFrame(Part):
    """What every frame from the server may carry."""

    sent_by: ClassVar[str] = "server"
    id: RequestId | None = Field(None, description="Of the request that this answers.")
