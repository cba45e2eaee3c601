# SPDX-License-Identifier: EUPL-1.2
"""The location plan: the question, the answer, its reasons and the alternatives."""
