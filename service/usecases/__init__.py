# SPDX-License-Identifier: EUPL-1.2
"""What the service does: fetch, call the models, return values. Pages and API alike ask here."""
