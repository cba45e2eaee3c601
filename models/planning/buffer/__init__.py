# SPDX-License-Identifier: EUPL-1.2
"""The buffer: how many places to hold open and in reserve, and what each choice does."""
