"""audit logs of the gateway

Revision ID: 007_gateway_audit_logs
Revises: 006_trial_tables
Create Date: 2026-01-21 15:10:00
"""

import sqlalchemy as sa
from alembic import op

revision = "007_gateway_audit_logs"
down_revision = "006_trial_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_audit_logs",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("actor", sa.String(255)),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("detail", sa.JSON()),
    )
    op.create_index("ix_agent_team_id", "agent", ["team_id"])


def downgrade() -> None:
    op.drop_index("ix_agent_team_id", table_name="agent")
    op.drop_table("gateway_audit_logs")
