"""hired agents

Revision ID: 012_hired_agents
Revises: 011_approval_requests
Create Date: 2026-02-10 10:50:00
"""

import sqlalchemy as sa
from alembic import op

revision = "012_hired_agents"
down_revision = "011_approval_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hired_agents",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("agent_id", sa.Uuid(), sa.ForeignKey("agent.id"), nullable=False),
        sa.Column("trial_id", sa.Uuid(), sa.ForeignKey("trials.id")),
        sa.Column("hired_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
    op.drop_column("agent", "legacy_code")


def downgrade() -> None:
    op.add_column("agent", sa.Column("legacy_code", sa.String(20)))
    op.drop_table("hired_agents")
