# SPDX-License-Identifier: EUPL-1.2
"""Intake: figures from outside, refused with file, line, column and reason when in doubt.

table ── columns ──┬── catalogue_file ──┐
(bytes, lines)     └── observations_file ┴── ingest ──▶ store
cells, personal, neighbours: the checks of one cell, one text, one series
"""

from training.intake.catalogue_file import read_catalogue_csv
from training.intake.ingest import IntakeReport, ingest_csv
from training.intake.neighbours import read_confirmation
from training.intake.observations_file import Intake, read_observations_csv
from training.intake.table import Limits

__all__ = [
    "Intake",
    "IntakeReport",
    "Limits",
    "ingest_csv",
    "read_catalogue_csv",
    "read_confirmation",
    "read_observations_csv",
]
