# SPDX-License-Identifier: EUPL-1.2
"""From sampled need to advice: costs, buffer, locations, plan and dual use."""
