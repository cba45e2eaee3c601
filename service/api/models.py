# SPDX-License-Identifier: EUPL-1.2
"""/v1/models: the models that forecasts were made with, their members, weights and scores."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi import Query as QueryParameters
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.api.paging import cut, link
from service.api.route import Route
from service.api.schemas import ArtefactId, DataUntil, PageQuery, Query, Shape
from service.deps import DeskDep
from service.storage.desk import Desk
from service.usecases.forecasts import model_ids
from training.store.records import ArtefactManifest

router = APIRouter(route_class=Route, tags=["models"])


class ModelSummaryOut(Shape):
    """A model: what it is and what it learned from."""

    model_id: Annotated[str, Field(description="Hash of everything the model is.")]
    kind: str
    champion: Annotated[bool, Field(description="Whether it is the one in use.")]
    snapshot_sha256: Annotated[str, Field(description="Hash of the data it learned from.")]
    code_version: str
    seed: int
    data_until: DataUntil


class ModelOut(ModelSummaryOut):
    """A model with everything that was set, learned and measured."""

    parameters: Annotated[Mapping[str, Any], Field(description="Members, weights and settings.")]
    scores: Annotated[Mapping[str, Any], Field(description="Backtest scores by member.")]


class ModelListOut(Shape):
    """A page of models, that of the latest forecast first."""

    total: int
    items: tuple[ModelSummaryOut, ...]


@router.get("/models", operation_id="listModels")
def list_models(
    request: Request,
    response: Response,
    ask: Annotated[PageQuery, QueryParameters()],
    desk: DeskDep,
) -> ModelListOut:
    """Every model that a forecast was issued with, that of the latest first."""
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
    """A model: members and weights among its parameters, and its scores in backtests."""
    manifest = desk.store.artefacts.manifest(model_id)
    return ModelOut(
        **_summary(desk, model_id, manifest),
        parameters=manifest.parameters,
        scores=manifest.scores,
    )


def _summary(desk: Desk, model_id: str, manifest: ArtefactManifest) -> dict[str, Any]:
    return {
        "model_id": model_id,
        "kind": manifest.kind,
        "champion": desk.store.models.champion(manifest.kind) == model_id,
        "snapshot_sha256": manifest.snapshot_sha256,
        "code_version": manifest.code_version,
        "seed": manifest.seed,
        "data_until": dict(sorted(manifest.data_until.items())),
    }
