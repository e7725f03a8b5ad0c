"""trials and their deliverables

Revision ID: 006_trial_tables
Revises: 005_rls_policies
Create Date: 2026-01-19 10:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "006_trial_tables"
down_revision = "005_rls_policies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("agent_id", sa.Uuid(), sa.ForeignKey("agent.id"), nullable=False),
        sa.Column("customer_email", sa.String(255), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "trial_deliverables",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("trial_id", sa.Uuid(), sa.ForeignKey("trials.id"), nullable=False),
        sa.Column("file_path", sa.String(500), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("trial_deliverables")
    op.drop_table("trials")
