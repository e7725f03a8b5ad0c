//! The configuration of the console for the sandbox.

use std::{fmt::Write, path::Path};

use super::world::seed::ENVIRONMENTS;

const SERVICES: [&str; 6] = [
    "run",
    "secretmanager",
    "sql",
    "logging",
    "cloudshell",
    "cloudresourcemanager",
];

const OPERATIONS: &str = r#"
[operations.seed]
args = ["python", "database/seed_data.py"]
risk = "change"

# Takes tables that were made by hand into Alembic's care.
[operations.baseline]
args = ["python", "database/baseline.py"]
risk = "change"

# Fails on purpose, in a directory of revisions of its own.
[operations.rehearse_failure]
args = ["python", "-m", "alembic", "-n", "rehearsal", "upgrade", "head"]
risk = "change"

# Says that it has upgraded, ends with code 0, and has changed nothing.
[operations.pretend]
args = ["python", "database/pretend.py", "upgrade", "head"]
risk = "change"

# Takes a minute: something to watch and to cancel.
[operations.slow]
args = ["python", "database/slow.py", "upgrade", "head"]
risk = "change"

# Ten thousand lines a second for a while.
[operations.flood]
args = ["python", "database/flood.py"]
risk = "read"
"#;

/// A `portcullis.toml` that points at a sandbox, and at its revisions.
pub fn config_toml(url: &str, migrations: &Path) -> String {
    let mut text = String::from("# Written by the sandbox; it points at itself.\n");
    text.push_str("project = \"waooaw-oauth\"\nregion = \"asia-south1\"\n");
    let path = toml::Value::from(migrations.display().to_string());
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "\n[migrations]\npath = {path}\n\n[google.endpoints]\n"
    );
    for service in SERVICES {
        let _ = writeln!(text, "{service} = \"{url}\"");
    }
    for (environment, tier) in
        ENVIRONMENTS
            .into_iter()
            .zip(["development", "staging", "production"])
    {
        let _ = write!(
            text,
            "\n[environments.{environment}]\ntier = \"{tier}\"\njob = \"plant-db-migrations-{environment}\"\n\
             sql_instance = \"plant-sql-{environment}\"\ndatabase = \"plant\"\n\
             secret = \"{environment}-plant-database-url\"\nservices = [\"waooaw-plant-backend-{environment}\"]\n"
        );
    }
    text + OPERATIONS
}
