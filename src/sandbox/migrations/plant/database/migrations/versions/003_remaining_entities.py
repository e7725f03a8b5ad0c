"""teams, agents, industries

Revision ID: 003_remaining_entities
Revises: 002_skills_and_roles
Create Date: 2026-01-08 14:05:00
"""

import sqlalchemy as sa
from alembic import op

revision = "003_remaining_entities"
down_revision = "002_skills_and_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "industry",
        sa.Column("id", sa.Uuid(), sa.ForeignKey("base_entity.id"), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), sa.ForeignKey("base_entity.id"), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("job_role_id", sa.Uuid(), sa.ForeignKey("job_role.id")),
    )
    op.create_table(
        "agent",
        sa.Column("id", sa.Uuid(), sa.ForeignKey("base_entity.id"), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("legacy_code", sa.String(20)),
        sa.Column("team_id", sa.Uuid(), sa.ForeignKey("team.id")),
        sa.Column("industry_id", sa.Uuid(), sa.ForeignKey("industry.id")),
    )


def downgrade() -> None:
    op.drop_table("agent")
    op.drop_table("team")
    op.drop_table("industry")
