# SPDX-License-Identifier: EUPL-1.2
"""A line of the register: the places of one kind in one municipality, and their terms."""

from dataclasses import dataclass

from models.errors import InvalidInput
from models.planning.costs import Basis, Origin
from models.planning.register.faults import location_faults
from models.planning.register.kinds import (
    PROVINCES,
    ContractForm,
    DualUseGroup,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
    parse_month,
)

__all__ = [
    "PROVINCES",
    "ContractForm",
    "DualUseGroup",
    "Location",
    "LocationKind",
    "LocationStatus",
    "ReceptionGroup",
    "parse_month",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Places of one kind in one municipality; the unit that a plan decides on.

    Every field is a fact from `source`, unless `assumed` names it: then `owner` answers for it.
    Where a field may be None, None means that it is not known (for `agreement_end`: that the
    agreement has no end). A cost or chance that is not known counts at the national average.

    Attributes:
        location_id: Code in the register, for instance GM0358-regular.
        name: What people call it.
        municipality: Name of the municipality.
        municipality_code: Its code, GM and four digits.
        province: One of `PROVINCES`.
        kind: Kind of reception.
        status: Open, candidate, in reserve or lent.
        group: Who may live there.
        places: Places there now; 0 for a candidate [places].
        technical_places: Places that building and ground can hold [places].
        contractual_places: Places that the agreement allows [places].
        fixed_core: Whether it belongs to the fixed core, which no plan closes or lends.
        agreement_start: First month of the agreement, YYYY-MM.
        agreement_end: Last month of the agreement, YYYY-MM; None where it has no end.
        extension_months: Term that an extension, or a new agreement, binds for [months].
        notice_months: Notice for closing before the agreement ends [months].
        lead_time_months: From decision to first night, for a candidate [months].
        expansion_months: From decision to first night of more places within the agreement
            [months].
        recall_months: From calling up a place in reserve to its first night [months].
        minimum_term_months: What is opened, or agreed anew, stays at least so long [months].
        opening_eur: Bringing one place into use, once [EUR/place].
        place_eur: One open place, empty or not [EUR/(place·year)].
        reserve_eur: One place held in reserve [EUR/(place·year)].
        lent_eur: Net income of one place that is lent [EUR/(place·year)].
        closing_eur: Closing one place before its agreement ends, once [EUR/place].
        dual_use: Contract form in which it may be lent, or none.
        lent_to: Groups to which it may be lent.
        residents_per_unit: Asylum seekers that one unit holds [persons].
        tenants_per_unit: Tenants that one unit holds when it is lent [persons].
        late_chance: Chance that its opening comes late [-].
        failure_chance: Chance that it never opens [-].
        spread_score: Proportional spread, 0 to 10 as the other scores [-].
        chain_score: Interest of the asylum chain [-].
        flexibility_score: Flexibility [-].
        quality_score: Quality and sustainability [-].
        finance_score: Finance [-].
        labour_score: Labour-market potential [-].
        school_children: Children of school age who live there [persons].
        school_places: Free places in schools nearby [places].
        population: Inhabitants of the municipality [persons].
        indicative_places: Indicative task of the municipality, Dispersal Act [places].
        source: Publication that the facts come from.
        assumed: Names of the fields that are assumptions.
        owner: Who answers for the assumptions; empty where there are none.
    """

    location_id: str
    name: str
    municipality: str
    municipality_code: str
    province: str
    kind: LocationKind
    status: LocationStatus
    group: ReceptionGroup = ReceptionGroup.EVERYONE
    places: int
    technical_places: int
    contractual_places: int
    fixed_core: bool = False
    agreement_start: str | None = None
    agreement_end: str | None = None
    extension_months: int = 0
    notice_months: int = 0
    lead_time_months: int = 0
    expansion_months: int = 0
    recall_months: int = 0
    minimum_term_months: int = 0
    opening_eur: float | None = None
    place_eur: float | None = None
    reserve_eur: float | None = None
    lent_eur: float | None = None
    closing_eur: float | None = None
    dual_use: ContractForm = ContractForm.NONE
    lent_to: tuple[DualUseGroup, ...] = ()
    residents_per_unit: int = 1
    tenants_per_unit: int = 1
    late_chance: float | None = None
    failure_chance: float | None = None
    spread_score: float | None = None
    chain_score: float | None = None
    flexibility_score: float | None = None
    quality_score: float | None = None
    finance_score: float | None = None
    labour_score: float | None = None
    school_children: int | None = None
    school_places: int | None = None
    population: int = 0
    indicative_places: int = 0
    source: str
    assumed: tuple[str, ...] = ()
    owner: str = ""

    def __post_init__(self) -> None:
        values = {name: getattr(self, name) for name in self.__slots__}
        faults = [f"{field} {reason}" for field, reason in location_faults(values)]
        if faults:
            raise InvalidInput(f"{self.location_id}: {'; '.join(faults)}.")

    @property
    def places_possible(self) -> int:
        """Places it can have, by building and by agreement [places]."""
        return min(self.technical_places, self.contractual_places)

    def origin_of(self, field: str) -> Origin | None:
        """Whether one field is a fact or an assumption, and whose; None if it is not known."""
        if getattr(self, field) is None and field != "agreement_end":
            return None
        if field in self.assumed:
            return Origin(basis=Basis.ASSUMPTION, source=self.source, owner=self.owner)
        return Origin(basis=Basis.FACT, source=self.source)
