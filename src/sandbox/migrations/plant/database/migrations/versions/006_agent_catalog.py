"""catalogue of agent types

Revision ID: 006_agent_catalog
Revises: 005_rls_policies
Create Date: 2026-01-20 12:45:00
"""

import sqlalchemy as sa
from alembic import op

revision = "006_agent_catalog"
down_revision = "005_rls_policies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_catalog",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("monthly_price", sa.Numeric(10, 2), nullable=False),
    )
    op.add_column("agent", sa.Column("catalog_id", sa.String(64), sa.ForeignKey("agent_catalog.id")))


def downgrade() -> None:
    op.drop_column("agent", "catalog_id")
    op.drop_table("agent_catalog")
