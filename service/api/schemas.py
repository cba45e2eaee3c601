# SPDX-License-Identifier: EUPL-1.2
"""Shapes that the resources share: camelCase outside, exact inside, nothing unknown let in."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

import numpy as np
from pydantic import (
    AfterValidator,
    AliasGenerator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel

from models.types import LEVELS
from training.store.records import canonical_json

__all__ = [
    "ArtefactId",
    "Body",
    "DataUntil",
    "Identifier",
    "Level",
    "Levels",
    "Moment",
    "Month",
    "PageQuery",
    "ProblemOut",
    "Query",
    "SeriesId",
    "SeriesIds",
    "Shape",
]


class Shape(BaseModel):
    """What we send: camelCase names, and a field without a value is left out."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        from_attributes=True,
        allow_inf_nan=False,
        frozen=True,
        protected_namespaces=(),
        # Fields with a default are always sent, and the document says so.
        json_schema_serialization_defaults_required=True,
    )


class Body(BaseModel):
    """What we are sent: nothing unknown, no NaN, no number that is really a string."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", allow_inf_nan=False, frozen=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _a_number_is_a_number(cls, value: object, asked: ValidationInfo) -> object:
        # Not strict typing: 7.0 is an integer in JSON, but "7" and true are not.
        kind = cls.model_fields[str(asked.field_name)].annotation
        if kind in {int, float} and isinstance(value, bool | str):
            raise ValueError("is not a number")
        return value

    def words(self) -> str:
        """Exactly what the client said, in one spelling."""
        return canonical_json(self.model_dump(mode="json", exclude_unset=True))


class Query(BaseModel):
    """What may stand behind the question mark; by itself: nothing."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", allow_inf_nan=False, frozen=True
    )


class PageQuery(Query):
    """Which part of a long list is asked for."""

    page: Annotated[int, Field(ge=1, le=1_000_000, description="Page, from 1.")] = 1
    page_size: Annotated[int, Field(ge=1, le=1_000, description="Items on a page.")] = 100

    @property
    def offset(self) -> int:
        """Items before this page."""
        return (self.page - 1) * self.page_size


_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # The first and last hours of the calendar have no UTC equivalent; any moment is as good.
        return moment.replace(tzinfo=UTC)


def _written_out(moment: object) -> object:
    """Only a date and time as RFC 3339 writes it: a bare number would count as seconds."""
    if not isinstance(moment, str) or not _RFC3339.fullmatch(moment):
        raise ValueError("is not a date and time with a zone, such as 2026-11-22T09:30:00Z")
    return moment


def _level(value: float) -> float:
    if not np.isclose(LEVELS, value, rtol=0, atol=1e-9).any():
        raise ValueError("is not one of the 23 published levels")
    return round(value, 4)


def _split(value: object) -> object:
    """Both `a,b` and a parameter that is repeated mean a list."""
    if isinstance(value, list):
        return [part for item in value for part in str(item).split(",")]
    return value


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_to_utc),
    Field(examples=["2026-11-22T09:30:00Z"]),
]
Month = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"),
    Field(examples=["2026-12"]),
]
Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
ArtefactId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SeriesId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Level = Annotated[
    float,
    AfterValidator(_level),
    Field(json_schema_extra={"enum": [round(float(level), 4) for level in LEVELS]}),
]
Levels = Annotated[tuple[Level, ...], Field(min_length=1, max_length=23), BeforeValidator(_split)]


SeriesIds = Annotated[
    tuple[SeriesId, ...], Field(min_length=1, max_length=50), BeforeValidator(_split)
]


class FaultOut(BaseModel):
    """One fault of a request."""

    place: Annotated[str, Field(alias="in", description="query, path, header or body.")]
    name: Annotated[str, Field(description="Which one; empty where the whole is meant.")]
    reason: str


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    status: int
    title: str
    detail: str
    errors: Annotated[list[FaultOut] | None, Field(description="Every fault.")] = None


DataUntil = Annotated[
    dict[str, date], Field(description="Last figure of every series the forecast learned from.")
]
