"""merge trials and catalogue

Revision ID: 008_merge_trials_catalog
Revises: 007_gateway_audit_logs, 007_agent_state_index
Create Date: 2026-01-23 10:30:00
"""

revision = "008_merge_trials_catalog"
down_revision = ("007_gateway_audit_logs", "007_agent_state_index")
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
