# SPDX-License-Identifier: EUPL-1.2
"""What a buffer advice warns of, in sentences."""

from models.planning.buffer.warnings import BufferWarning
from service.language import Wording

__all__ = ["warning_sentence"]


def warning_sentence(wording: Wording, warning: BufferWarning) -> str:
    """A consequence that is easily missed, as a sentence."""
    tier = "" if warning.tier is None else wording.say(f"tier.{warning.tier.value}")
    return wording.say(f"buffer_warning.{warning.code.value}", tier=tier)
