# SPDX-License-Identifier: EUPL-1.2
"""The command line: the one place where models, training and service meet.

Training is loaded only when a command asks for it, so that `getij serve` starts fast and small.
"""

import os

__all__ = ["main"]


def main() -> None:
    """Run the program `getij`."""
    # Our matrices are small: threads of the linear algebra cost more than they bring, and sums
    # that several threads take differ in the last digit. Read once, when NumPy is imported.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    from service.cli.program import app

    app()
