# SPDX-License-Identifier: EUPL-1.2
"""Documents that stand by themselves."""
