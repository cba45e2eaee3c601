# SPDX-License-Identifier: EUPL-1.2
"""What may be asked of a buffer advice: window, norm, costs, tiers and promises."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from models.errors import InvalidInput
from models.planning.buffer.advice import BOARD_LEVELS, Promises
from models.planning.buffer.tiers import BufferTier, TierName, check_tiers, usual_tiers
from models.planning.costs import CostParameters
from service.api.advice_shapes import CostsIn
from service.api.schemas import Body, Identifier, Month
from service.usecases.advices import BufferRequest

__all__ = ["BufferAdviceIn", "ladder_of"]


def _other(kind: type[int] | type[float], most: float, description: str) -> Any:
    """A number that may be left out."""
    return Field(default_factory=kind, ge=0, le=most, description=description)


class WindowIn(Body):
    """The months to decide for, first and last included."""

    first: Month
    last: Month


def _not_open(name: TierName) -> TierName:
    if name is TierName.REGULAR:
        raise ValueError("is no tier to call up: regular places are open already")
    return name


class TierIn(Body):
    """What differs of a tier; what is left out stays as it is."""

    name: Annotated[
        TierName,
        AfterValidator(_not_open),
        Field(json_schema_extra={"enum": [name for name in TierName if name != "regular"]}),
    ]
    activation_months: int = _other(int, 60, "From calling up to the first night [months].")
    most_places: int = _other(int, 1_000_000, "Places of it that there can be [places].")
    holding_eur: float = _other(float, 1e6, "A place held, not called up [EUR/(place·year)].")
    person_eur: float = _other(float, 1e6, "A person in it, all included [EUR/(person·year)].")
    activation_eur: float = _other(float, 1e6, "Calling up one place, once [EUR/place].")
    earliest_months: int = _other(int, 60, "Until it may first be called up [months].")


Chance = Annotated[float, Field(gt=0, le=1)]


class PromisesIn(Body):
    """What the board may want to hold to, besides the least cost."""

    service_levels: Annotated[tuple[Chance, ...], Field(max_length=10)] = Field(
        default=BOARD_LEVELS, description="Chances that nobody ever misses a place [-]."
    )
    most_missing: float = _other(
        float, 1e9, "Persons expected to miss a place at most [person·months]."
    )
    most_missing_at_worst: float = _other(
        float, 1e9, "The same, on average in the worst futures [person·months]."
    )
    worst_share: Chance = Field(default=0.05, description="Share of futures called the worst [-].")

    def promises(self) -> Promises:
        """What was asked, as the models take it."""
        asked = self.model_dump(include=self.model_fields_set)
        rising = tuple(sorted(set(self.service_levels)))
        return Promises(**{**asked, "service_levels": rising})


class BufferAdviceIn(Body):
    """What to advise on; what is left out is chosen by us and said in the answer."""

    forecast_id: Identifier = Field(default_factory=str, description="The latest if left out.")
    window: WindowIn = Field(
        default_factory=WindowIn.model_construct,
        description="The first two half-years after the data if left out.",
    )
    occupancy_norm: float = Field(
        default_factory=int, ge=0.1, le=1, description="Share of places that may be slept in [-]."
    )
    costs: CostsIn = Field(default_factory=CostsIn, description="Published ones if left out.")
    tiers: Annotated[tuple[TierIn, ...], Field(max_length=5)] = Field(
        default=(), description="Tiers that differ from the usual ones, each named once."
    )
    promises: PromisesIn = Field(
        default_factory=PromisesIn, description="The usual service levels if left out."
    )


def ladder_of(
    changes: Sequence[TierIn], *, usual: BufferRequest, costs: CostParameters
) -> tuple[BufferTier, ...]:
    """The usual tiers at the costs that were given, with what differs.

    Raises:
        InvalidInput: together they make no ladder, or a tier is named twice.
    """
    most_lent = {tier.name: tier.most_places for tier in usual.tiers}
    asked = {tier.name: tier.model_dump(include=tier.model_fields_set) for tier in changes}
    if len(asked) < len(changes):
        raise InvalidInput("A tier is named twice.")
    ladder = usual_tiers(costs, most_lent=most_lent[TierName.RECALLABLE_DUAL_USE])
    changed = tuple(replace(tier, **asked.get(tier.name, {})) for tier in ladder)
    check_tiers(changed, costs=costs)
    return changed
