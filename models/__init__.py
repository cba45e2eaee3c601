# SPDX-License-Identifier: EUPL-1.2
"""The mathematics: values in, values out. No clock, file, network, database or HTTP."""
