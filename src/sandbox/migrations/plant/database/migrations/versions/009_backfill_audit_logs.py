"""backfill of the audit logs

Revision ID: 009_backfill_audit_logs
Revises: 008_merge_trials_catalog
Create Date: 2026-01-27 17:00:00
"""

import logging
import os

from alembic import op

revision = "009_backfill_audit_logs"
down_revision = "008_merge_trials_catalog"
branch_labels = None
depends_on = None

# How long the whole backfill takes. On a big database it is minutes.
SECONDS = float(os.environ.get("PLANT_BACKFILL_SECONDS", "20"))
STEPS = 10
log = logging.getLogger("alembic.plant.backfill")


def upgrade() -> None:
    for step in range(1, STEPS + 1):
        op.execute(
            "INSERT INTO gateway_audit_logs (id, actor, action) "
            f"SELECT n, 'backfill', 'agent.read' FROM generate_series({(step - 1) * 100 + 1}, {step * 100}) AS n"
        )
        op.execute(f"SELECT pg_sleep({SECONDS / STEPS})")
        log.info("backfill of gateway_audit_logs: %d of %d batches", step, STEPS)


def downgrade() -> None:
    op.execute("DELETE FROM gateway_audit_logs WHERE actor = 'backfill'")
