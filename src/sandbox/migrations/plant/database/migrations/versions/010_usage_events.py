"""usage events

Revision ID: 010_usage_events
Revises: 009_backfill_audit_logs
Create Date: 2026-02-02 11:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "010_usage_events"
down_revision = "009_backfill_audit_logs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_events",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("agent_id", sa.Uuid(), sa.ForeignKey("agent.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("tokens", sa.Integer(), server_default="0", nullable=False),
    )
    op.create_index("ix_usage_events_agent_at", "usage_events", ["agent_id", "at"])


def downgrade() -> None:
    op.drop_table("usage_events")
