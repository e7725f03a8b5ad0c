"""skills and job roles

Revision ID: 002_skills_and_roles
Revises: 001_base_entity
Create Date: 2026-01-05 09:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = "002_skills_and_roles"
down_revision = "001_base_entity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "skill",
        sa.Column("id", sa.Uuid(), sa.ForeignKey("base_entity.id"), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("category", sa.String(50), nullable=False),
        sa.Column("description", sa.Text()),
    )
    op.create_table(
        "job_role",
        sa.Column("id", sa.Uuid(), sa.ForeignKey("base_entity.id"), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("seniority", sa.String(20), server_default="mid", nullable=False),
    )


def downgrade() -> None:
    op.drop_table("job_role")
    op.drop_table("skill")
