//! The table of rules about `env.py`. Each has its section in `docs/rules.md`.

use crate::alembic::review::rules::Rule;
use crate::domain::preflight::Severity;

const fn rule(
    name: &'static str,
    severity: Severity,
    summary: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule {
        name,
        severity,
        summary,
        remedy,
    }
}

/// All rules for `env.py`.
pub const RULES: &[Rule] = &[
    rule(
        "env-rolls-back",
        Severity::Block,
        "Nobody commits what the revisions do: `upgrade` exits 0 and applies nothing.",
        "open the connection with `engine.begin()`, commit what is executed before `context.configure`, or execute it inside `with context.begin_transaction():`",
    ),
    rule(
        "env-missing",
        Severity::Block,
        "There is no env.py, so Alembic cannot run anything.",
        "restore the file; `alembic init` writes one to begin with",
    ),
    rule(
        "env-no-lock",
        Severity::Warn,
        "No lock keeps a second run out while the revisions run.",
        "take `pg_advisory_lock` and commit, or `pg_advisory_xact_lock` inside `with context.begin_transaction():`",
    ),
    rule(
        "env-no-lock-timeout",
        Severity::Warn,
        "No lock_timeout is in force while the revisions run.",
        "`SET lock_timeout = '5s'` inside `with context.begin_transaction():`, or in the engine's `connect_args`",
    ),
    rule(
        "env-no-statement-timeout",
        Severity::Warn,
        "No statement_timeout is in force while the revisions run.",
        "set it below the timeout of the job's task, where lock_timeout is set",
    ),
    rule(
        "env-opaque",
        Severity::Warn,
        "What the file does cannot be known without running it.",
        "look at it, and at the read-back of a run: only the database proves that a run applied",
    ),
    rule(
        "env-transaction-per-migration",
        Severity::Pass,
        "Each revision has a transaction of its own: what ran before a failure stays.",
        "nothing to do; after a failure read the database back before the next run",
    ),
];
