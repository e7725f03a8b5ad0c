"""index on the state of agents

Revision ID: 007_agent_state_index
Revises: 006_agent_catalog
Create Date: 2026-01-22 09:15:00
"""

from alembic import op

revision = "007_agent_state_index"
down_revision = "006_agent_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_agent_state", "agent", ["state"], postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_agent_state", table_name="agent", postgresql_concurrently=True)
