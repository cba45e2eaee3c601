# SPDX-License-Identifier: EUPL-1.2
"""What a location plan says, in sentences: reasons, and demands that exclude each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from types import MappingProxyType

from models.errors import Demanded
from models.planning.portfolio.bindings import Binding
from models.planning.portfolio.capacity_plan import PlanLine, ReasonCode
from service.language import Language, Wording, wording_of

__all__ = [
    "ExplainedLine",
    "Message",
    "bound",
    "carried",
    "conflict_sentence",
    "explain",
    "explained",
    "in_both",
    "price",
    "why",
]

_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "maximum_spread_deviation": "tenths",
        "maximum_half_year_eur": "euros",
        "maximum_cost_eur": "euros",
    }
)
"""How the value of a demand is written where it is not a plain number."""


_SAYS_WHAT_BINDS = {
    ReasonCode.FIXED_CORE,
    ReasonCode.AGREEMENT_BINDS,
    ReasonCode.TOO_SMALL,
    ReasonCode.BEYOND_HORIZON,
    ReasonCode.DEMANDED,
}

_NEXT_TO_NOTHING_EUR = 1_000.0
"""What is too little to tell from nothing, within the gap of a plan [EUR]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The same in both languages.

    Attributes:
        nl: In Dutch.
        en: In English.
    """

    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLine(PlanLine):
    """One action on one line of the register, with its reason in words.

    Attributes:
        message: Why, what binds it and what the opposite would cost, in words.
    """

    message: Message


def explained(line: PlanLine) -> ExplainedLine:
    """A line with its reason in words."""
    values = {field.name: getattr(line, field.name) for field in fields(line)}
    return ExplainedLine(**values, message=Message(**in_both(partial(explain, line=line))))


def explain(wording: Wording, *, line: PlanLine) -> str:
    """Everything that is said of an action: reason, criteria, constraint, price of the opposite."""
    said = (why(wording, line), carried(wording, line), bound(wording, line), price(wording, line))
    return " ".join(sentence for sentence in said if sentence)


def carried(wording: Wording, line: PlanLine) -> str:
    """Which criteria speak most for an action; empty where none does."""
    if not line.criteria:
        return ""
    names = [wording.say(f"criterion.{criterion.value}") for criterion in line.criteria]
    return wording.say("plan.carried", criteria=wording.say("plan.and").join(names))


def bound(wording: Wording, line: PlanLine) -> str:
    """Which constraint binds an action; empty where none does, or the reason says it already."""
    if line.binding is Binding.NONE or line.reason in _SAYS_WHAT_BINDS:
        return ""
    return wording.say(f"binding.{line.binding.value}")


def price(wording: Wording, line: PlanLine) -> str:
    """What deciding otherwise would cost; empty where nothing needs to be decided now."""
    if line.otherwise_use is None or line.otherwise_eur is None:
        return ""
    use = wording.say(f"otherwise.{line.otherwise_use.value}")
    if line.otherwise_eur < _NEXT_TO_NOTHING_EUR:
        return wording.say("plan.otherwise_even", use=use)
    return wording.say("plan.otherwise", use=use, extra=line.otherwise_eur)


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
