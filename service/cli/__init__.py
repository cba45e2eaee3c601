# SPDX-License-Identifier: EUPL-1.2
"""The command line: the one place where models, training and service meet.

Training is loaded only when a command asks for it, so that `getij serve` starts fast and small.
"""

from service.cli.program import main

__all__ = ["main"]
