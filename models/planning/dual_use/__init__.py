# SPDX-License-Identifier: EUPL-1.2
"""Dual use: which places can be lent, to whom, and the odds of needing them back."""
