# SPDX-License-Identifier: EUPL-1.2
"""What came before the champion gate, and what came of it: records that are only added."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Row, Select, select

from models.gate import GateVerdict
from training.store.records import canonical_json
from training.store.tables import gate_records

__all__ = ["Duel", "GateOutcome", "GateRecord", "ScoresFrom"]


class GateOutcome(StrEnum):
    """What came of a model that was trained."""

    FIRST = "first"
    """Published without an opponent: there was none that this version can run."""
    REFRESH = "refresh"
    """Published: the champion's own recipe, learned anew."""
    REPLACED = "replaced"
    """Published: better than the champion."""
    KEPT = "kept"
    """Not published: the champion stays."""
    ACCEPTED = "accepted"
    """Published for a reason that was given, though it was not found better."""


class ScoresFrom(StrEnum):
    """Where the champion's forecasts of a duel come from."""

    STORED = "stored"
    """An earlier duel of the same recipe, from the same figures at the same cutoffs."""
    RERUN = "rerun"
    """Its recipe, run again by the code of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """How champion and challenger were compared.

    Attributes:
        differences: In what their recipes differ: method, members, constants, pool, targets;
            need_method, need_constants, chain.
        seen_until: Last month that either was tuned on or had seen, YYYY-MM.
        cutoffs: Last known months that both forecast from, YYYY-MM.
        champion_scores: Where the champion's forecasts come from; None without any cutoff.
        champion_forecasts: Artefact of the champion's forecasts at the cutoffs.
        challenger_forecasts: The same of the challenger.
        verdict: What was found of the inflow.
        need: What was found of the need; None in records from before it was judged.
        judged: Of which of the two the recipes differ, so that the challenger had to be better in
            it: inflow, need, or both. In the other it may not be worse.
    """

    differences: tuple[str, ...]
    seen_until: str
    cutoffs: tuple[str, ...]
    champion_scores: ScoresFrom | None
    champion_forecasts: str | None
    challenger_forecasts: str | None
    verdict: GateVerdict
    need: GateVerdict | None = None
    judged: tuple[str, ...] = ("inflow",)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from what `dataclasses.asdict` made of it."""
        facts = dict(value)
        source, need = facts["champion_scores"], facts.get("need")
        return cls(
            **{
                **facts,
                "differences": tuple(facts["differences"]),
                "cutoffs": tuple(facts["cutoffs"]),
                "champion_scores": None if source is None else ScoresFrom(source),
                "verdict": GateVerdict.from_json(facts["verdict"]),
                "need": None if need is None else GateVerdict.from_json(need),
                "judged": tuple(facts.get("judged", ("inflow",))),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """One model before the gate.

    Attributes:
        kind: Kind that it is, or would be, the champion of.
        challenger_id: Artefact of the model.
        champion_id: Artefact of the champion of that moment; None if there was none.
        outcome: first, refresh, replaced, kept or accepted.
        reason: Why it was accepted all the same; empty otherwise.
        duel: How they were compared; None for the first and a refresh.
        recorded_at: When, aware UTC.
    """

    kind: str
    challenger_id: str
    champion_id: str | None
    outcome: GateOutcome
    reason: str = ""
    duel: Duel | None = None
    recorded_at: datetime

    @property
    def published(self) -> bool:
        """Whether the model became the champion."""
        return self.outcome is not GateOutcome.KEPT


def row_of(record: GateRecord) -> dict[str, object]:
    """As a row of the table."""
    return {
        "kind": record.kind,
        "challenger_id": record.challenger_id,
        "champion_id": record.champion_id,
        "outcome": record.outcome.value,
        "reason": record.reason,
        "duel": None if record.duel is None else canonical_json(asdict(record.duel)),
        "recorded_at": record.recorded_at,
    }


def records_of(kind: str | None) -> Select[*tuple[Any, ...]]:
    """The rows of a kind, or all of them, in their order."""
    columns = [column for column in gate_records.c if column.name != "seq"]
    query = select(*columns).order_by(gate_records.c.seq)
    return query if kind is None else query.where(gate_records.c.kind == kind)


def record_from(row: Row[*tuple[Any, ...]]) -> GateRecord:
    """Back from a row of the table."""
    facts = dict(row._mapping)  # its public name, by SQLAlchemy's convention
    duel = facts.pop("duel")
    facts["outcome"] = GateOutcome(facts["outcome"])
    return GateRecord(**facts, duel=None if duel is None else Duel.from_json(json.loads(duel)))
