# SPDX-License-Identifier: EUPL-1.2
"""The settings of the service, read once from the variables that begin with GETIJ_."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from models.errors import InvalidInput

__all__ = ["PREFIX", "Settings"]

PREFIX = "GETIJ_"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


class Settings(BaseModel):
    """What an operator may choose; every variable carries the prefix GETIJ_.

    Attributes:
        data_dir: Everything that is written lies under this directory.
        database_url: Where the database is; SQLite under `data_dir` unless said otherwise.
        host: Address to listen on.
        port: Port to listen on.
        allowed_hosts: Host names the service answers to; `*` for any.
        occupancy_norm: Share of open places that may be occupied [-].
        queue_limit: Computations that may wait; what comes on top is told to come back.
        max_in_flight: Requests answered at the same time; the probes are not counted.
        max_body_bytes: Largest request body [bytes].
        max_table_bytes: Largest register of locations, over HTTP or as a file [bytes].
        log_level: Least severe level that is logged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    data_dir: Path = Path("var")
    database_url: str = Field(default="", repr=False)
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=0, le=65_535)
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_split)] = ("*",)
    occupancy_norm: float = Field(default=0.91, ge=0.1, le=1)
    queue_limit: int = Field(default=8, ge=1, le=1_000)
    max_in_flight: int = Field(default=32, ge=1, le=10_000)
    max_body_bytes: int = Field(default=1_048_576, ge=1_024)
    max_table_bytes: int = Field(default=16_777_216, ge=1_024)
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @property
    def database(self) -> str:
        """The database that is used, as a URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'getij.sqlite'}"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings that some environment asks for.

        Raises:
            InvalidInput: a variable is unknown or impossible; all of them are named.
        """
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX)
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise InvalidInput(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    """One sentence that names every variable at fault; values may be secret and stay out."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        name = PREFIX + str(fault["loc"][0]).upper()
        unknown = fault["type"] == "extra_forbidden"
        faults.append(f"{name} is not a setting" if unknown else f"{name}: {fault['msg']}")
    return f"These settings cannot be used: {'; '.join(sorted(faults))}."
