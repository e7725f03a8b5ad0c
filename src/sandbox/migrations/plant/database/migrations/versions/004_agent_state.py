"""state of an agent

Revision ID: 004_agent_state
Revises: 003_remaining_entities
Create Date: 2026-01-12 11:20:00
"""

import sqlalchemy as sa
from alembic import op

revision = "004_agent_state"
down_revision = "003_remaining_entities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("state", sa.String(20), server_default="draft", nullable=False))
    op.execute("UPDATE agent SET state = 'active' WHERE team_id IS NOT NULL")


def downgrade() -> None:
    op.drop_column("agent", "state")
