//! Chooses a backend and starts it, while the server answers already.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    backing::{Backing, Engine},
    embedded::Embedded,
    options::{Backend, Options},
    postgres::{self, Postgres, find},
    runner::stray,
};

/// The file that says which backend holds the databases of a state folder, and with which Python.
pub(super) const MADE_WITH: &str = "backend";

type Outcome = Result<Arc<dyn Engine>, String>;

/// What starting a backend needs.
struct Site {
    options: Options,
    state: PathBuf,
    scripts: PathBuf,
}

/// Starts the backend of a sandbox and settles what stands behind its world.
///
/// The databases of a folder stay with the backend that they were made with: another one would tell another story than
/// the executions do.
pub(super) async fn bring_up(
    backing: Arc<Backing>,
    options: Options,
    state: PathBuf,
    scripts: PathBuf,
) {
    let folder = state.clone();
    // Both walk through folders and wait, and that is not for the threads that serve.
    let _ = tokio::task::spawn_blocking(move || {
        postgres::end_stale(&folder);
        postgres::sweep();
    })
    .await;
    let made_with = fs::read_to_string(state.join(MADE_WITH)).unwrap_or_default();
    let mut made_with = made_with.lines();
    let (before, python) = (made_with.next(), made_with.next().map(PathBuf::from));
    let site = Site {
        options,
        state,
        scripts,
    };
    let outcome = match (site.options.backend, before) {
        (Backend::Real, _) => site.real(python).await,
        (Backend::Auto, Some("postgres")) => site.real(python).await.map_err(|error| {
            format!("its databases are in PostgreSQL, which does not start ({error}); `portcullis sandbox reset` starts over")
        }),
        (Backend::Embedded, _) | (Backend::Auto, Some("embedded")) => site.embedded().await,
        (Backend::Auto, _) => match site.real(None).await {
            Ok(engine) => Ok(engine),
            Err(reason) => {
                tracing::info!(%reason, "the sandbox uses its embedded backend");
                site.embedded().await
            }
        },
    };
    backing.settle(outcome);
}

impl Site {
    async fn real(&self, python: Option<PathBuf>) -> Outcome {
        let tools = find::tools(&self.state, python).await?;
        let made_with = format!("postgres\n{}\n", tools.python.display());
        let engine =
            Postgres::start(&self.state, &self.scripts, tools, self.surroundings()).await?;
        self.remember(&made_with)?;
        Ok(Arc::new(engine))
    }

    async fn embedded(&self) -> Outcome {
        let program = self.options.task_program.clone();
        let program = program
            .or_else(|| std::env::current_exe().ok().map(Into::into))
            .unwrap_or_default();
        let folder = self.state.join("embedded");
        let engine =
            Embedded::prepare(&folder, &self.scripts, program, self.surroundings()).await?;
        self.remember("embedded\n")?;
        Ok(Arc::new(engine))
    }

    fn remember(&self, made_with: &str) -> Result<(), String> {
        fs::write(self.state.join(MADE_WITH), made_with).map_err(|error| error.to_string())
    }

    /// What every job has around it, whatever it says itself.
    fn surroundings(&self) -> Vec<(String, OsString)> {
        let state: &Path = &self.state;
        let mut env: Vec<(String, OsString)> = vec![
            (
                "PATH".to_owned(),
                std::env::var_os("PATH").unwrap_or_default(),
            ),
            ("HOME".to_owned(), state.into()),
            ("LANG".to_owned(), "C.UTF-8".into()),
            ("PYTHONUNBUFFERED".to_owned(), "1".into()),
            ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".into()),
            (stray::OWNER.to_owned(), state.into()),
        ];
        if let Some(backfill) = self.options.backfill {
            env.push((
                "PLANT_BACKFILL_SECONDS".to_owned(),
                backfill.as_secs_f64().to_string().into(),
            ));
        }
        env
    }
}
