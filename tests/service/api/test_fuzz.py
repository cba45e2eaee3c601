# SPDX-License-Identifier: EUPL-1.2
"""The document is a promise: whatever it allows is answered as it says, and nothing else is."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.api.application import create_api
from service.app import create_app
from service.settings import Settings
from tests.builders import opener
from tests.service.conftest import serving

EXAMPLES = 15

DOCUMENT = create_api().openapi()
OPERATIONS = [(path, method) for path, item in DOCUMENT["paths"].items() for method in item]


@pytest.fixture(scope="module")
def address(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running service of its own: what is asked here stays here."""
    folder = shutil.copytree(filled, tmp_path_factory.mktemp("fuzz") / "getij")
    chosen = Settings(data_dir=folder, log_level="error", queue_limit=1_000)
    with serving(create_app(chosen, opener(folder, fresh=False))) as address:
        yield address


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_keeps_the_promise(address: str, path: str, method: str):
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    modes = [GenerationMode.POSITIVE]
    if DOCUMENT["paths"][path][method].keys() & {"parameters", "requestBody"}:
        modes.append(GenerationMode.NEGATIVE)

    for mode in modes:

        @given(case=schema[path][method].as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def keeps_it(case: Any) -> None:
            response = case.call(base_url=f"{address}/v1")
            # A schema cannot say what a table holds, so what it allows may still be refused.
            free = [positive_data_acceptance] if case.media_type == "text/csv" else []
            case.validate_response(response, excluded_checks=free)

        keeps_it()
