# SPDX-License-Identifier: EUPL-1.2
"""/v1/models: champion, challengers and former champions, and how they were compared."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.api.paging import cut, link
from service.api.route import Route
from service.api.schemas import ArtefactId, DataUntil, PageQuery, Query, Shape
from service.api.shapes import GateRecordOut
from service.deps import DeskDep
from service.storage.desk import Desk
from service.usecases.forecasts import model_ids
from training.store.records import ArtefactManifest

router = APIRouter(route_class=Route, tags=["models"])


class Standing(StrEnum):
    """Where a model stands."""

    CHAMPION = "champion"
    """Forecasts are made with it."""
    FORMER = "former"
    """It was the champion once."""
    CHALLENGER = "challenger"
    """It never was."""


class ModelSummaryOut(Shape):
    """A model: what it is and what it learned from."""

    model_id: Annotated[str, Field(description="Hash of everything the model is.")]
    kind: str
    champion: Annotated[bool, Field(description="Whether it is the one in use.")]
    standing: Annotated[
        Standing, Field(description="The one in use, one that was, or one that never was.")
    ]
    snapshot_sha256: Annotated[str, Field(description="Hash of the data it learned from.")]
    code_version: str
    seed: int
    data_until: DataUntil


class ModelOut(ModelSummaryOut):
    """A model with everything that was set, learned and measured."""

    parameters: Annotated[Mapping[str, Any], Field(description="Members, weights and settings.")]
    scores: Annotated[Mapping[str, Any], Field(description="Backtest scores by member.")]
    comparisons: Annotated[
        tuple[GateRecordOut, ...],
        Field(description="Every time it came before the champion gate, or was held against."),
    ]


class ModelListOut(Shape):
    """A page of models, that of the latest forecast first and never published ones last."""

    total: int
    items: tuple[ModelSummaryOut, ...]


@router.get("/models", operation_id="listModels")
def list_models(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> ModelListOut:
    """Every model: that of the latest forecast first, those that never issued one last."""
    found = model_ids(desk)
    link(request, response, ask, total=len(found))
    items = tuple(
        ModelSummaryOut(**_summary(desk, model_id, desk.store.artefacts.manifest(model_id)))
        for model_id in cut(found, ask)
    )
    return ModelListOut(total=len(found), items=items)


@router.get("/models/{modelId}", operation_id="readModel")
def read_model(
    model_id: Annotated[ArtefactId, Path(alias="modelId")],
    _: Annotated[Query, QueryParameters()],
    desk: DeskDep,
) -> ModelOut:
    """A model: members, weights and recipe, backtest scores, and how it was compared."""
    manifest = desk.store.artefacts.manifest(model_id)
    return ModelOut(
        **_summary(desk, model_id, manifest),
        parameters=manifest.parameters,
        scores=manifest.scores,
        comparisons=tuple(
            record
            for record in desk.store.models.gate_records()
            if model_id in {record.challenger_id, record.champion_id}
        ),
    )


def _summary(desk: Desk, model_id: str, manifest: ArtefactManifest) -> dict[str, Any]:
    published = [entry.artefact_id for entry in desk.store.models.history(manifest.kind)]
    standing = Standing.FORMER if model_id in published else Standing.CHALLENGER
    if published and published[-1] == model_id:
        standing = Standing.CHAMPION
    return {
        "model_id": model_id,
        "kind": manifest.kind,
        "champion": standing is Standing.CHAMPION,
        "standing": standing,
        "snapshot_sha256": manifest.snapshot_sha256,
        "code_version": manifest.code_version,
        "seed": manifest.seed,
        "data_until": dict(sorted(manifest.data_until.items())),
    }
