"""row level security

Revision ID: 005_rls_policies
Revises: 004_agent_state
Create Date: 2026-01-14 16:40:00
"""

from alembic import op

revision = "005_rls_policies"
down_revision = "004_agent_state"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE agent ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY agent_is_visible ON agent FOR SELECT USING (state <> 'deleted')")
    op.execute("CREATE POLICY agent_is_ours ON agent FOR ALL USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.execute("DROP POLICY agent_is_ours ON agent")
    op.execute("DROP POLICY agent_is_visible ON agent")
    op.execute("ALTER TABLE agent DISABLE ROW LEVEL SECURITY")
