# SPDX-License-Identifier: EUPL-1.2
"""What a place of one location costs: its own figure, or else the national average."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.errors import InvalidInput
from models.planning.costs import COST_ORIGINS, Basis, CostParameters, Origin
from models.planning.register.locations import Location

__all__ = ["PlaceCosts", "cost_origin", "is_dearer_than_emergency", "place_costs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCosts:
    """Costs of one place of a location; each is its own figure or the national average.

    Attributes:
        opening_eur: Bringing it into use, once [EUR/place].
        place_eur: Keeping it open, empty or not [EUR/(place·year)].
        reserve_eur: Holding it in reserve [EUR/(place·year)].
        lent_eur: Net income while it is lent [EUR/(place·year)].
        closing_eur: Closing it before its agreement ends, once [EUR/place].
    """

    opening_eur: float
    place_eur: float
    reserve_eur: float
    lent_eur: float
    closing_eur: float


_REGULAR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "opening_eur": ("open_place",),
        "place_eur": ("empty_place", "regular_standby"),
        "reserve_eur": ("empty_place",),
        "lent_eur": ("lending_income",),
        "closing_eur": ("close_place",),
    }
)
_EMERGENCY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {**_REGULAR, "place_eur": ("emergency_housing",)}
)
"""The fields of `CostParameters` that add up to the national average of each cost."""

_WEAKEST_FIRST = (Basis.ASSUMPTION, Basis.DERIVED, Basis.FACT)


def place_costs(location: Location, *, costs: CostParameters) -> PlaceCosts:
    """What a place of a location costs.

    A place in reserve whose cost is not known never counts as dearer than an open one. The
    average rent is that of one tenant: where a unit holds four asylum seekers or one tenant, a
    place earns a quarter of it.

    Args:
        location: A line of the register.
        costs: National averages, for what is not known of the location.

    Returns:
        Every cost, none of them unknown.
    """
    values = {
        field: sum(getattr(costs, part) for part in parts)
        if getattr(location, field) is None
        else getattr(location, field)
        for field, parts in _averages(location).items()
    }
    if location.reserve_eur is None:
        values["reserve_eur"] = min(values["reserve_eur"], values["place_eur"])
    if location.lent_eur is None:
        values["lent_eur"] *= location.tenants_per_unit / location.residents_per_unit
    return PlaceCosts(**values)


def is_dearer_than_emergency(location: Location, *, costs: CostParameters) -> bool:
    """Whether a person in an open place of a regular line costs more than in emergency reception.

    A plan then rather lets this line go and takes emergency places.
    """
    person = place_costs(location, costs=costs).place_eur + costs.regular_housed
    return not location.kind.is_emergency and person > costs.emergency_person


def cost_origin(location: Location, field: str) -> Origin:
    """What a cost of a location rests on; that of the national average where it has none.

    Raises:
        InvalidInput: the field is not one of `PlaceCosts`.
    """
    averages = _averages(location)
    if field not in averages:
        raise InvalidInput(f"{field!r} is not a cost of a location.")
    own = location.origin_of(field)
    if own is not None:
        return own
    parts = [COST_ORIGINS[name] for name in averages[field]]
    return Origin(
        basis=next(basis for basis in _WEAKEST_FIRST if basis in {part.basis for part in parts}),
        source=" + ".join(part.source for part in parts),
        owner=next((part.owner for part in parts if part.owner), ""),
        year=parts[0].year if len(parts) == 1 else None,
    )


def _averages(location: Location) -> Mapping[str, tuple[str, ...]]:
    return _EMERGENCY if location.kind.is_emergency else _REGULAR
