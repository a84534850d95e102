"""Alembic's environment and the revisions of our tables. They ship with the program: ``gurumi migrate`` runs them."""
