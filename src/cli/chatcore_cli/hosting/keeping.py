"""How much of what was said a store keeps: over all rooms, and in single ones by tables of the file with settings."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chatcore.aio.arguments import check_room_names
from chatcore.errors import ConfigurationError
from chatcore.limits import MAX_INTEGER
from chatcore.ports.archive import Retention
from chatcore.text.names import written_twice
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.config import settings_in
from chatcore_cli.settings.options import Number, WholeNumber, range_text

_MEBIBYTE: Final = 2**20
_DAY: Final = 24 * 3600.0
# More than any disk has.
_MOST_MIB: Final = 2.0**40


class Keeping(BaseModel):
    """What one may say of one room, or of all of them together; None of what was not said."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        validate_by_name=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    keep_messages: int | None = Field(None, ge=1, le=MAX_INTEGER)
    keep_days: float | None = Field(None, gt=0, le=MAX_INTEGER, allow_inf_nan=False)
    keep_mib: float | None = Field(None, gt=0, le=MAX_INTEGER, allow_inf_nan=False)

    def retention(self, rooms: "Mapping[str, Keeping] | None" = None) -> Retention:
        """Return it as a store takes it. `rooms`: what holds for single ones, by their names."""
        return Retention(
            messages=self.keep_messages,
            seconds=None if self.keep_days is None else self.keep_days * _DAY,
            bytes=None if self.keep_mib is None else int(min(self.keep_mib, _MOST_MIB) * _MEBIBYTE),
            rooms={name: own.retention() for name, own in (rooms or {}).items()},
        )


def rooms_from(path: str, table: str, rooms: Mapping[str, Any]) -> dict[str, Keeping]:
    """Return what the tables of single rooms say, by the rooms' names.

    Args:
        path: of the file, for people.
        table: what stands in front of the names there, `serve.rooms`.
        rooms: the tables.

    Raises:
        ConfigurationError: one of them says what it cannot say.
    """
    try:
        check_room_names(rooms)
    except ConfigurationError as problem:
        raise _invalid(path, table, problem) from None
    if twice := written_twice(rooms):
        name, other = twice
        sentence = "In {file}, {name} and {other} in [{table}] are one room."
        raise ConfigurationError(sentence, file=path, name=name, other=other, table=table)
    return {name: _of_room(path, f"{table}.{name}", said) for name, said in rooms.items()}


def _of_room(path: str, table: str, said: object) -> Keeping:
    settings = settings_in(path, table, said, [name.replace("_", "-") for name in Keeping.model_fields])
    try:
        return Keeping.model_validate(settings)
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        raise _invalid(path, f"{table}.{key}", _what_it_could_be(key, settings[key])) from error


def _invalid(path: str, key: str, problem: object) -> ConfigurationError:
    return ConfigurationError("In {file}: Invalid value for {key}: {problem}", file=path, key=key, problem=problem)


def _what_it_could_be(key: str, value: object) -> str:
    if key == "keep-messages":
        text, numbers = _("{value!r} is not a whole number {range}."), range_text(WholeNumber(1), value)
    else:
        text, numbers = _("{value!r} is not a number {range}."), range_text(Number(min_open=True), value)
    return text.format(value=value, range=numbers)
