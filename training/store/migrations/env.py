# SPDX-License-Identifier: EUPL-1.2
"""How alembic runs our migrations: on the connection that training.store.migrate opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
