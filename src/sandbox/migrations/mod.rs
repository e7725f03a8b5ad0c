//! The sandbox's own Alembic directory: real files, carried inside of the binary.

use std::{fs, io, path::Path};

/// Each file with its path inside of the directory.
pub const FILES: &[(&str, &str)] = &[
    ("alembic.ini", include_str!("plant/alembic.ini")),
    (
        "database/__init__.py",
        include_str!("plant/database/__init__.py"),
    ),
    (
        "database/baseline.py",
        include_str!("plant/database/baseline.py"),
    ),
    ("database/flood.py", include_str!("plant/database/flood.py")),
    (
        "database/migrations/env.py",
        include_str!("plant/database/migrations/env.py"),
    ),
    (
        "database/migrations/script.py.mako",
        include_str!("plant/database/migrations/script.py.mako"),
    ),
    (
        "database/migrations/versions/001_base_entity.py",
        include_str!("plant/database/migrations/versions/001_base_entity.py"),
    ),
    (
        "database/migrations/versions/002_skills_and_roles.py",
        include_str!("plant/database/migrations/versions/002_skills_and_roles.py"),
    ),
    (
        "database/migrations/versions/003_remaining_entities.py",
        include_str!("plant/database/migrations/versions/003_remaining_entities.py"),
    ),
    (
        "database/migrations/versions/004_agent_state.py",
        include_str!("plant/database/migrations/versions/004_agent_state.py"),
    ),
    (
        "database/migrations/versions/005_rls_policies.py",
        include_str!("plant/database/migrations/versions/005_rls_policies.py"),
    ),
    (
        "database/migrations/versions/006_agent_catalog.py",
        include_str!("plant/database/migrations/versions/006_agent_catalog.py"),
    ),
    (
        "database/migrations/versions/006_trial_tables.py",
        include_str!("plant/database/migrations/versions/006_trial_tables.py"),
    ),
    (
        "database/migrations/versions/007_agent_state_index.py",
        include_str!("plant/database/migrations/versions/007_agent_state_index.py"),
    ),
    (
        "database/migrations/versions/007_gateway_audit_logs.py",
        include_str!("plant/database/migrations/versions/007_gateway_audit_logs.py"),
    ),
    (
        "database/migrations/versions/008_merge_trials_catalog.py",
        include_str!("plant/database/migrations/versions/008_merge_trials_catalog.py"),
    ),
    (
        "database/migrations/versions/009_backfill_audit_logs.py",
        include_str!("plant/database/migrations/versions/009_backfill_audit_logs.py"),
    ),
    (
        "database/migrations/versions/010_usage_events.py",
        include_str!("plant/database/migrations/versions/010_usage_events.py"),
    ),
    (
        "database/migrations/versions/011_approval_requests.py",
        include_str!("plant/database/migrations/versions/011_approval_requests.py"),
    ),
    (
        "database/migrations/versions/012_hired_agents.py",
        include_str!("plant/database/migrations/versions/012_hired_agents.py"),
    ),
    (
        "database/pretend.py",
        include_str!("plant/database/pretend.py"),
    ),
    (
        "database/rehearsal/r01_rehearse_failure.py",
        include_str!("plant/database/rehearsal/r01_rehearse_failure.py"),
    ),
    (
        "database/seed_data.py",
        include_str!("plant/database/seed_data.py"),
    ),
    ("database/slow.py", include_str!("plant/database/slow.py")),
    ("database/url.py", include_str!("plant/database/url.py")),
];

/// Writes the directory out; files that are right already stay untouched.
pub fn write_out(folder: &Path) -> io::Result<()> {
    for (path, text) in FILES {
        let path = folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == *text) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}
