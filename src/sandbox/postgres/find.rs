//! Looks for what the real backend needs.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;

/// The longest that a Python may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names a Python to use.
pub const PYTHON: &str = "PORTCULLIS_SANDBOX_PYTHON";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// A Python with Alembic, SQLAlchemy and psycopg.
    pub python: PathBuf,
    /// Alembic's version.
    pub alembic: String,
    /// The folder with `initdb` and `postgres`.
    pub postgres: PathBuf,
    /// PostgreSQL's version.
    pub version: String,
}

/// Looks for both, with the Python of an earlier start before any other that was not named; the error says what is missing and how to get it.
pub async fn tools(state: &Path, before: Option<PathBuf>) -> Result<Tools, String> {
    let Some((postgres, version)) = postgres().await else {
        return Err("no PostgreSQL server binaries (initdb, postgres) on the PATH or in /usr/lib/postgresql: \
                    install the package postgresql"
            .to_owned());
    };
    let mut tried = Vec::new();
    for python in pythons(state, before) {
        match alembic_of(&python).await {
            Some(alembic) => {
                return Ok(Tools {
                    python,
                    alembic,
                    postgres,
                    version,
                });
            }
            None => tried.push(python.display().to_string()),
        }
    }
    Err(format!(
        "no Python with alembic, sqlalchemy and psycopg (tried {}): name one in {PYTHON}",
        tried.join(", ")
    ))
}

/// The Python that was named, else the one of before, of the state folder, of this folder, else any.
fn pythons(state: &Path, before: Option<PathBuf>) -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(PYTHON) {
        // Jobs start in another folder.
        let absolute = Path::new(&named).components().count() > 1;
        let absolute = absolute.then(|| std::path::absolute(&named).ok()).flatten();
        return vec![absolute.unwrap_or_else(|| PathBuf::from(named))];
    }
    let here = std::env::current_dir().unwrap_or_default();
    let of_folder = [state, here.as_path()].map(|folder| folder.join(".venv/bin/python3"));
    before
        .into_iter()
        .chain(of_folder)
        .filter(|python| python.exists())
        .chain([PathBuf::from("python3")])
        .collect()
}

async fn alembic_of(python: &Path) -> Option<String> {
    let script = "import alembic, sqlalchemy, psycopg; print(alembic.__version__)";
    output(Command::new(python).args(["-c", script])).await
}

/// The newest PostgreSQL of this machine, the one on the PATH first.
async fn postgres() -> Option<(PathBuf, String)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut installed: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    installed.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(installed.into_iter().map(|(_, folder)| folder));
    let found = folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_ctl"]
            .iter()
            .all(|name| folder.join(name).is_file())
    })?;
    let version = output(Command::new(found.join("postgres")).arg("--version")).await?;
    let version = version
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    Some((found, version.to_owned()))
}

/// The first line that a program prints, if it ends well.
async fn output(command: &mut Command) -> Option<String> {
    command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .ok()?
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output
        .status
        .success()
        .then(|| text.lines().next().map(str::to_owned))
        .flatten()
}
