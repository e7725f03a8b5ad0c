"""base entity

Revision ID: 001_base_entity
Revises: 
Create Date: 2026-01-04 10:12:00
"""

import sqlalchemy as sa
from alembic import op

revision = "001_base_entity"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "base_entity",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("entity_type", sa.String(50), nullable=False),
        sa.Column("external_id", sa.String(100)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("status", sa.String(20), server_default="active", nullable=False),
    )
    op.create_index("ix_base_entity_entity_type", "base_entity", ["entity_type"])


def downgrade() -> None:
    op.drop_table("base_entity")
