# SPDX-License-Identifier: EUPL-1.2
"""Chain specifications as files: those that Getij comes with, and another agency's own."""

from training.chains.files import dutch_chain, read_chain_file, single_stage_chain

__all__ = ["dutch_chain", "read_chain_file", "single_stage_chain"]
