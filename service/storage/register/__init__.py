# SPDX-License-Identifier: EUPL-1.2
"""The register of locations: the one that comes with the project, and registers as CSV."""

from service.storage.register.csv_file import format_register, parse_register, read_register
from service.storage.register.default import default_register

__all__ = ["default_register", "format_register", "parse_register", "read_register"]
