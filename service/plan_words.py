# SPDX-License-Identifier: EUPL-1.2
"""What a location plan says, in sentences: reasons, and demands that exclude each other."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from models.errors import Demanded
from models.planning.capacity_plan import PlanLine, ReasonCode
from service.language import Language, Wording, wording_of

__all__ = ["conflict_sentence", "in_both", "why"]

_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "maximum_spread_deviation": "tenths",
        "maximum_half_year_eur": "euros",
        "maximum_cost_eur": "euros",
    }
)
"""How the value of a demand is written where it is not a plain number."""


def why(wording: Wording, line: PlanLine) -> str:
    """The reason of an action as a sentence."""
    facts = dict(line.facts)
    if line.reason is ReasonCode.DEMANDED:
        facts["demand"] = wording.say(f"demand.{facts['demand']}")
    return wording.say(f"why.{line.reason.value}", **facts)


def conflict_sentence(wording: Wording, *, demanded: Demanded) -> str:
    """What is asked by one demand of a conflict, and what could be met beside the others."""
    form = _FORMS.get(demanded.name, "number")
    asked = "" if demanded.asked is None else wording.spell(demanded.asked, form)
    told = wording.say(f"conflict.{demanded.name}", asked=asked)
    if demanded.possible is None:
        return told
    possible = wording.spell(demanded.possible, form)
    return f"{told} {wording.say('conflict.possible', possible=possible)}"


def in_both(say: Callable[[Wording], str]) -> dict[str, str]:
    """A sentence in every language, by the name of the language."""
    return {language.value: say(wording_of(language)) for language in Language}
