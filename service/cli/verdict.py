# SPDX-License-Identifier: EUPL-1.2
"""What came of a trained model at the champion gate, in one plain sentence."""

from models.gate import FEWEST, CoverageCheck, GateVerdict, Ruling, ScoreCheck
from training.store.gate_records import Duel, GateOutcome, GateRecord, ScoresFrom

__all__ = ["sentence_of"]

SHOWN = 12
"""Digits of an id that tell it apart."""

GIVEN = {"pool", "targets", "need_method", "chain"}
"""What a model brings with it, so that the code of today runs it as it was."""


def sentence_of(artefact_id: str, record: GateRecord | None) -> str:
    """What happened to a model, and why.

    Args:
        artefact_id: The model.
        record: What came of it; None if it is the champion itself.
    """
    name = artefact_id[:SHOWN]
    if record is None:
        return f"Model {name} already is the champion: nothing has changed."
    duel = "" if record.duel is None else _of_duel(record.duel)
    champion = (record.champion_id or "")[:SHOWN]
    alone = f"this version cannot run {champion}" if champion else "there was none before it"
    sentences = {
        GateOutcome.FIRST: f"Published model {name}: {alone}.",
        GateOutcome.REFRESH: (
            f"Published model {name}: the recipe of {champion}, learned anew from what is known."
        ),
        GateOutcome.REPLACED: f"Published model {name} in place of {champion}: {duel}.",
        GateOutcome.KEPT: (
            f"The champion stays {champion}, and model {name} is kept beside it: {duel}."
        ),
        GateOutcome.ACCEPTED: (
            f"Published model {name} in place of {champion} because {record.reason!r}, "
            f"although {duel}."
        ),
    }
    return sentences[record.outcome]


def _of_duel(duel: Duel) -> str:
    """Why the ruling is what it is, without a full stop."""
    verdicts = {"inflow": duel.verdict, "need": duel.need}
    found = []
    for name, verdict in verdicts.items():
        if verdict is None:
            continue
        if name in duel.judged and verdict.ruling is Ruling.TOO_FEW:
            return (
                f"after {duel.seen_until}, the last month that either has seen, there are "
                f"{verdict.independent:.1f} independent outcomes of the {name} and {FEWEST} are "
                "needed"
            )
        if name in duel.judged:
            found.append(f"the {name} has {_of_verdict(verdict)}")
        elif not verdict.no_worse:
            found.append(f"the {name} has become worse by it")
    note = ""
    if duel.champion_scores is ScoresFrom.RERUN and set(duel.differences) - GIVEN:
        note = "; the champion was run by the code of today, since its own is gone"
    return f"on {len(duel.cutoffs)} cutoffs {'; '.join(found)}{note}"


def _of_verdict(verdict: GateVerdict) -> str:
    """The three checks of one verdict."""
    checks = [
        _of_score("CRPS", verdict.crps),
        _of_score("upper tail", verdict.upper_tail),
        _of_coverage(verdict.coverage),
    ]
    return ", ".join(part for part in checks if part)


def _of_score(name: str, check: ScoreCheck | None) -> str:
    if check is None:
        return ""
    worth = "better" if check.better else "not better"
    interval = "" if check.low is None else f" ({check.low:.2f} to {check.high:.2f})"
    return f"{name} {check.ratio:.3f} of the champion's{interval}, {worth}"


def _of_coverage(check: CoverageCheck | None) -> str:
    if check is None:
        return ""
    worth = "no worse" if check.better else "worse"
    return (
        f"intervals {check.challenger_miss:.1%} from their promise against "
        f"{check.champion_miss:.1%}, {worth}"
    )
