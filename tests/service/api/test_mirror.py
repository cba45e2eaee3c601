# SPDX-License-Identifier: EUPL-1.2
"""Shapes made from dataclasses: same fields, same meaning, nothing said twice."""

from dataclasses import dataclass, fields

import pytest

from models.planning.buffer.advice import BufferAdvice
from models.planning.portfolio.capacity_plan import CapacityPlan
from models.planning.register.locations import Location
from service.api.mirror import mirror
from service.usecases.dual_use import LocatedOffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """One of several.

    Attributes:
        place_count: How many [places].
    """

    place_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """A thing that holds others.

    Attributes:
        parts: What it holds, which takes
            two lines to say.
        last_word: What comes after, if anything does.
    """

    parts: tuple[Inner, ...]
    last_word: str | None = None


class TestAMirror:
    schema = mirror(Outer).model_json_schema(mode="serialization")

    def test_says_what_the_docstrings_say(self):
        properties = self.schema["properties"]

        assert properties["parts"]["description"] == "What it holds, which takes two lines to say."
        assert self.schema["description"] == "A thing that holds others."
        inner = self.schema["$defs"]["Inner"]["properties"]
        assert inner["placeCount"]["description"] == "How many [places]."

    def test_shows_a_value_in_camel_case_without_what_is_not_there(self):
        shown = mirror(Outer).model_validate(Outer(parts=(Inner(place_count=3),)))

        assert shown.model_dump_json(by_alias=True, exclude_none=True) == (
            '{"parts":[{"placeCount":3}]}'
        )

    def test_is_the_same_shape_every_time(self):
        assert mirror(Outer) is mirror(Outer)

    @pytest.mark.parametrize("kind", [BufferAdvice, CapacityPlan, Location, LocatedOffer])
    def test_of_our_own_nouns_explains_every_field(self, kind: type):
        properties = mirror(kind).model_json_schema(mode="serialization")["properties"]

        assert len(properties) == len(fields(kind))
        assert [name for name, schema in properties.items() if not schema.get("description")] == []
