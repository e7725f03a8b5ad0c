"""fail on purpose

Revision ID: r01_rehearse_failure
Revises:
Create Date: 2026-01-16 22:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "r01_rehearse_failure"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("skill", sa.Column("rehearsal", sa.String(20)))
    # Not in an autocommit block, so that PostgreSQL refuses it and everything above is undone.
    op.create_index("ix_skill_rehearsal", "skill", ["rehearsal"], postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_column("skill", "rehearsal")
