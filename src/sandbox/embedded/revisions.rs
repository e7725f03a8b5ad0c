//! What the revisions of the Alembic directory do in SQLite.

/// One revision.
#[derive(Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: &'static str,
    /// What it follows.
    pub down: &'static [&'static str],
    /// Its message.
    pub message: &'static str,
    /// The statements of its upgrade.
    pub up: &'static [&'static str],
    /// The statements of its downgrade.
    pub undo: &'static [&'static str],
    /// How often it waits, for the slow one.
    pub waits: u32,
}

const fn revision(
    id: &'static str,
    down: &'static [&'static str],
    message: &'static str,
    up: &'static [&'static str],
    undo: &'static [&'static str],
) -> Revision {
    Revision {
        id,
        down,
        message,
        up,
        undo,
        waits: 0,
    }
}

/// All of them, in the order in which Alembic upgrades an empty database.
pub const REVISIONS: &[Revision] = &[
    revision(
        "001_base_entity",
        &[],
        "base entity",
        &[
            "CREATE TABLE base_entity (id TEXT PRIMARY KEY, entity_type TEXT NOT NULL, external_id TEXT, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, status TEXT NOT NULL DEFAULT 'active')",
            "CREATE INDEX ix_base_entity_entity_type ON base_entity (entity_type)",
        ],
        &["DROP TABLE base_entity"],
    ),
    revision(
        "002_skills_and_roles",
        &["001_base_entity"],
        "skills and job roles",
        &[
            "CREATE TABLE skill (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, description TEXT)",
            "CREATE TABLE job_role (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, seniority TEXT NOT NULL DEFAULT 'mid')",
        ],
        &["DROP TABLE job_role", "DROP TABLE skill"],
    ),
    revision(
        "003_remaining_entities",
        &["002_skills_and_roles"],
        "teams, agents, industries",
        &[
            "CREATE TABLE industry (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
            "CREATE TABLE team (id TEXT PRIMARY KEY, name TEXT NOT NULL, job_role_id TEXT)",
            "CREATE TABLE agent (id TEXT PRIMARY KEY, name TEXT NOT NULL, legacy_code TEXT, team_id TEXT, industry_id TEXT)",
        ],
        &["DROP TABLE agent", "DROP TABLE team", "DROP TABLE industry"],
    ),
    revision(
        "004_agent_state",
        &["003_remaining_entities"],
        "state of an agent",
        &[
            "ALTER TABLE agent ADD COLUMN state TEXT NOT NULL DEFAULT 'draft'",
            "UPDATE agent SET state = 'active' WHERE team_id IS NOT NULL",
        ],
        &["ALTER TABLE agent DROP COLUMN state"],
    ),
    // SQLite has no row level security: the revision only counts.
    revision(
        "005_rls_policies",
        &["004_agent_state"],
        "row level security",
        &[],
        &[],
    ),
    revision(
        "006_agent_catalog",
        &["005_rls_policies"],
        "catalogue of agent types",
        &[
            "CREATE TABLE agent_catalog (id TEXT PRIMARY KEY, title TEXT NOT NULL, monthly_price NUMERIC NOT NULL)",
            "ALTER TABLE agent ADD COLUMN catalog_id TEXT",
        ],
        &[
            "ALTER TABLE agent DROP COLUMN catalog_id",
            "DROP TABLE agent_catalog",
        ],
    ),
    revision(
        "007_agent_state_index",
        &["006_agent_catalog"],
        "index on the state of agents",
        &["CREATE INDEX ix_agent_state ON agent (state)"],
        &["DROP INDEX ix_agent_state"],
    ),
    revision(
        "006_trial_tables",
        &["005_rls_policies"],
        "trials and their deliverables",
        &[
            "CREATE TABLE trials (id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, customer_email TEXT NOT NULL, started_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, ends_at TEXT NOT NULL)",
            "CREATE TABLE trial_deliverables (id TEXT PRIMARY KEY, trial_id TEXT NOT NULL, file_path TEXT NOT NULL)",
        ],
        &["DROP TABLE trial_deliverables", "DROP TABLE trials"],
    ),
    revision(
        "007_gateway_audit_logs",
        &["006_trial_tables"],
        "audit logs of the gateway",
        &[
            "CREATE TABLE gateway_audit_logs (id INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, actor TEXT, action TEXT NOT NULL, detail TEXT)",
            "CREATE INDEX ix_agent_team_id ON agent (team_id)",
        ],
        &[
            "DROP INDEX ix_agent_team_id",
            "DROP TABLE gateway_audit_logs",
        ],
    ),
    revision(
        "008_merge_trials_catalog",
        &["007_gateway_audit_logs", "007_agent_state_index"],
        "merge trials and catalogue",
        &[],
        &[],
    ),
    Revision {
        id: "009_backfill_audit_logs",
        down: &["008_merge_trials_catalog"],
        message: "backfill of the audit logs",
        up: &[
            "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 1000) INSERT INTO gateway_audit_logs (id, actor, action) SELECT v, 'backfill', 'agent.read' FROM n",
        ],
        undo: &["DELETE FROM gateway_audit_logs WHERE actor = 'backfill'"],
        waits: 10,
    },
    revision(
        "010_usage_events",
        &["009_backfill_audit_logs"],
        "usage events",
        &[
            "CREATE TABLE usage_events (id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, tokens INTEGER NOT NULL DEFAULT 0)",
            "CREATE INDEX ix_usage_events_agent_at ON usage_events (agent_id, at)",
        ],
        &["DROP TABLE usage_events"],
    ),
    revision(
        "011_approval_requests",
        &["010_usage_events"],
        "approval requests",
        &[
            "CREATE TABLE approval_requests (id TEXT PRIMARY KEY, trial_id TEXT NOT NULL, decision TEXT, decided_at TEXT)",
        ],
        &["DROP TABLE approval_requests"],
    ),
    revision(
        "012_hired_agents",
        &["011_approval_requests"],
        "hired agents",
        &[
            "CREATE TABLE hired_agents (id TEXT PRIMARY KEY, agent_id TEXT NOT NULL, trial_id TEXT, hired_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            "ALTER TABLE agent DROP COLUMN legacy_code",
        ],
        &[
            "ALTER TABLE agent ADD COLUMN legacy_code TEXT",
            "DROP TABLE hired_agents",
        ],
    ),
];
