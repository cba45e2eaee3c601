# SPDX-License-Identifier: EUPL-1.2
"""Past decisions done again: what each policy would have held, and what that cost."""
