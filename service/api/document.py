# SPDX-License-Identifier: EUPL-1.2
"""The OpenAPI document: what the framework knows, completed to what clients really get."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api import API_VERSION
from service.api.schemas import ProblemOut

__all__ = ["install"]

_DESCRIPTION = """\
Forecasts how many people will need a place in asylum reception in the Netherlands, advises how
many places to hold, and plans what to do with every location. Counts of people and places only;
nothing about any person.

Every answer that rests on a forecast says how far it may be relied on (`quality`), to which
month the data run (`dataUntil`), how often its intervals held when tested (`coverage`), and
which model, seed and data it came from.
"""

_TAGS = (
    ("status", "Where things stand."),
    ("series", "What is counted."),
    ("observations", "What is known, and when it became known."),
    ("forecasts", "What is expected, and how sure that is."),
    ("official forecasts", "What the ministry expected."),
    ("scenarios", "What a change of policy or circumstance would do."),
    ("locations", "The register of locations."),
    ("buffer advices", "How many places to hold."),
    ("capacity plans", "What to do with every location."),
    ("tasks", "Work that was asked for."),
    ("models", "What the forecasts were made with."),
)

_ERRORS = {
    "400": "The request is invalid; every fault is listed.",
    "404": "There is nothing under this name.",
    "406": "No acceptable form is on offer.",
    "409": "Choices that exclude each other, or a key used for another request.",
    "413": "The request body is too large.",
    "415": "The request body is not in the form that is read here.",
    "500": "Something went wrong on our side.",
    "503": "Too busy, or something is out of reach; try again later.",
}

_NULL = {"type": "null"}
_ONLY_FOR = {"409": {"post"}, "413": {"post", "put"}, "415": {"post", "put"}}
_SUCCESS_HEADERS = {"get": ("ETag",), "post": ("Location", "Retry-After"), "put": ()}
_ERROR_HEADERS = {"503": ("Retry-After",)}

_CONTACT = {
    "name": "Getij contributors",
    "url": "https://example.org/getij",
    "email": "getij@example.org",
}

_HEADERS = {
    "API-Version": {
        "description": "Full version of this API.",
        "required": True,
        "schema": {"type": "string"},
    },
    "ETag": {"description": "Changes with the content.", "schema": {"type": "string"}},
    "Link": {"description": "Neighbouring pages (RFC 8288).", "schema": {"type": "string"}},
    "X-Total-Count": {"description": "Items on all pages.", "schema": {"type": "integer"}},
    "Location": {"description": "Where to look.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "When to look or try again [s].",
        "schema": {"type": "integer"},
    },
}


def install(app: FastAPI) -> None:
    """Let an application describe itself in full; the document is made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(
                    title="Getij",
                    version=API_VERSION,
                    summary="Forecasts and capacity planning for asylum reception.",
                    description=_DESCRIPTION,
                    routes=app.routes,
                    tags=[{"name": name, "description": text} for name, text in _TAGS],
                    servers=[{"url": "/v1"}],
                    license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # the framework's own way to extend it


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    # Not handed to the framework, which would want a package to check one e-mail address.
    document["info"]["contact"] = _CONTACT
    components = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    # The faults stand inside the problem, so that any reader finds them without a reference.
    components["schemas"]["Problem"] = _problem_schema()
    components["headers"] = _HEADERS
    for item in document["paths"].values():
        for method, operation in item.items():
            _complete_operation(method, operation)
    _say_absent_not_null(document)
    return document


def _problem_schema() -> dict[str, Any]:
    schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    faults = schema.pop("$defs")["FaultOut"]
    schema["properties"]["errors"]["anyOf"][0]["items"] = faults
    return schema


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for response in responses.values():
        response["headers"] = _headers("API-Version", *_SUCCESS_HEADERS[method])
        if any(parameter["name"] == "page" for parameter in operation.get("parameters", ())):
            response["headers"] |= _headers("Link", "X-Total-Count")
    if method == "get":
        responses["304"] = {
            "description": "Unchanged since the tag that was sent.",
            "headers": _headers("API-Version", "ETag"),
        }
    for status, description in _ERRORS.items():
        if method not in _ONLY_FOR.get(status, {method}):
            continue
        responses[status] = {
            "description": description,
            "headers": _headers("API-Version", *_ERROR_HEADERS.get(status, ())),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", ()):
        if parameter["schema"].get("type") == "array":
            # `levels=0.1,0.9` rather than the name again and again; both are understood.
            parameter |= {"style": "form", "explode": False}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _say_absent_not_null(node: Any) -> None:
    """We leave out what has no value, and take no null; the document says the same."""
    if isinstance(node, list):
        for part in node:
            _say_absent_not_null(part)
    elif isinstance(node, dict):
        if "required" in node and "properties" in node:
            node["required"] = [
                name
                for name in node["required"]
                if _NULL not in node["properties"][name].get("anyOf", ())
            ]
        kinds = [kind for kind in node.get("anyOf", ()) if kind != _NULL]
        if len(kinds) == 1:
            del node["anyOf"]
            node |= kinds[0]
        elif kinds:
            node["anyOf"] = kinds
        if node.get("default", ...) is None:
            del node["default"]
        for part in node.values():
            _say_absent_not_null(part)
