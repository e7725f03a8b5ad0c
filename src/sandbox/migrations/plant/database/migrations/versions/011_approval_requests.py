"""approval requests

Revision ID: 011_approval_requests
Revises: 010_usage_events
Create Date: 2026-02-05 13:25:00
"""

import sqlalchemy as sa
from alembic import op

revision = "011_approval_requests"
down_revision = "010_usage_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_requests",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("trial_id", sa.Uuid(), sa.ForeignKey("trials.id"), nullable=False),
        sa.Column("decision", sa.String(20)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
    )
    op.alter_column("agent", "name", type_=sa.String(200), existing_type=sa.String(100))


def downgrade() -> None:
    op.alter_column("agent", "name", type_=sa.String(100), existing_type=sa.String(200))
    op.drop_table("approval_requests")
