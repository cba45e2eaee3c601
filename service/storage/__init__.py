# SPDX-License-Identifier: EUPL-1.2
"""What the service itself keeps: location registers, advices and tasks."""
