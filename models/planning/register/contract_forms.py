# SPDX-License-Identifier: EUPL-1.2
"""Contract forms of dual use: to whom, for how long, and whether the place comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.errors import InvalidInput
from models.planning.costs import COST_ORIGINS, Basis, Origin
from models.planning.register.kinds import ContractForm, DualUseGroup

__all__ = [
    "CONTRACT_FORMS",
    "LENT_MONTHS_UNTIL_BACK",
    "LENT_NOTICE_MONTHS",
    "LENT_TERM_MONTHS",
    "RENT_ORIGINS",
    "ContractTerms",
]

LENT_TERM_MONTHS = 6
"""Shortest term of a place lent under the Vacancy Act (Leegstandwet, art. 16) [months]."""

LENT_NOTICE_MONTHS = 3
"""Shortest notice for a place lent under the Vacancy Act (Leegstandwet, art. 16) [months]."""

LENT_MONTHS_UNTIL_BACK = LENT_TERM_MONTHS + LENT_NOTICE_MONTHS
"""From lending under the Vacancy Act to the first night back [months]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTerms:
    """What the law says of one form in which a place may be lent; not legal advice.

    Attributes:
        form: Which form.
        groups: Who may live there under it.
        shortest_months: Shortest term [months]; 0 where the law sets none.
        longest_months: Longest term [months]; None where the law sets none.
        notice_months: Notice at which the place comes back for reception before its end date
            [months]; None where that cannot be done.
        returns: Whether the place comes back for reception at all.
        law: Act and article.
        source: Where we read it.
    """

    form: ContractForm
    groups: tuple[DualUseGroup, ...]
    shortest_months: int
    longest_months: int | None
    notice_months: int | None
    returns: bool
    law: str
    source: str

    def __post_init__(self) -> None:
        if self.longest_months is not None and self.longest_months < self.shortest_months:
            raise InvalidInput(f"{self.form}: the longest term is shorter than the shortest.")
        if (self.notice_months is not None) is not self.form.recallable:
            raise InvalidInput(f"{self.form}: a notice belongs to a form that can be recalled.")
        if self.form.recallable and not self.returns:
            raise InvalidInput(f"{self.form}: what can be recalled comes back.")

    @property
    def months_until_back(self) -> int | None:
        """From lending to the first night back by notice [months]; None without such notice."""
        return None if self.notice_months is None else self.shortest_months + self.notice_months


_GUIDE = "zaltbommel.nl and westlandutrechtbank.nl (term, notice)"

CONTRACT_FORMS: Mapping[ContractForm, ContractTerms] = MappingProxyType(
    {
        terms.form: terms
        for terms in (
            ContractTerms(
                form=ContractForm.VACANCY_ACT,
                groups=tuple(DualUseGroup),
                shortest_months=LENT_TERM_MONTHS,
                # The permit for a building that houses groups; for a dwelling it is shorter.
                longest_months=120,
                notice_months=LENT_NOTICE_MONTHS,
                returns=True,
                law="Leegstandwet, art. 15-16",
                source=f"{_GUIDE}; heerlen.nl and harderwijk.nl (permit of at most ten years)",
            ),
            ContractTerms(
                form=ContractForm.TEMPORARY_RENT,
                groups=(
                    DualUseGroup.STUDENTS,
                    DualUseGroup.URGENT_SEEKERS,
                    DualUseGroup.PERMIT_HOLDERS,
                ),
                shortest_months=0,
                longest_months=24,
                notice_months=None,
                returns=True,
                law="Burgerlijk Wetboek, art. 7:271; Besluit specifieke groepen (Stb. 2024, 152)",
                source="zoek.officielebekendmakingen.nl/stb-2024-152.html",
            ),
            ContractTerms(
                form=ContractForm.YOUTH_CONTRACT,
                groups=(DualUseGroup.YOUNG_PEOPLE,),
                shortest_months=60,
                longest_months=84,
                notice_months=None,
                returns=False,
                law="Burgerlijk Wetboek, art. 7:274c",
                source="huurgeschil.nl (text of the article)",
            ),
            ContractTerms(
                form=ContractForm.CAMPUS_CONTRACT,
                groups=(DualUseGroup.STUDENTS,),
                shortest_months=0,
                longest_months=None,
                notice_months=None,
                returns=False,
                law="Burgerlijk Wetboek, art. 7:274d",
                source="tijdelijke-huur.info (text of the article)",
            ),
        )
    }
)
"""Every form but none; short stay is not among them, as no rules for it were found."""

_RENT = COST_ORIGINS["lending_income"]

RENT_ORIGINS: Mapping[DualUseGroup, Origin] = MappingProxyType(
    {
        DualUseGroup.STUDENTS: _RENT,
        DualUseGroup.URGENT_SEEKERS: Origin(
            basis=Basis.ASSUMPTION,
            source="No rent published; taken like that of students",
            owner=_RENT.owner,
        ),
        DualUseGroup.PERMIT_HOLDERS: Origin(
            basis=Basis.ASSUMPTION,
            source=(
                "No rent published; taken like that of students. The 60 EUR per person and day of "
                "Stcrt. 2025, 11378 goes to the municipality, for running a site without COA"
            ),
            owner=_RENT.owner,
        ),
        DualUseGroup.YOUNG_PEOPLE: Origin(
            basis=Basis.ASSUMPTION,
            source=(
                "Rooms of 380-447 EUR a month, service included (Startblok Riekerhaven, "
                "platform31.nl); the net rent is not published, taken like that of students"
            ),
            owner=_RENT.owner,
            year=2016,
        ),
    }
)
"""What `CostParameters.lending_income`, one rent per tenant for every group, rests on for each."""
