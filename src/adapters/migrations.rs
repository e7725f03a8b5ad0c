//! The migration directory on disk, read again only when something changed.

mod baselines;
mod environment;
mod refused;
mod reviews;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;

use self::environment::EnvFile;
use super::checkout::LastCheckout;
use super::files::{DiskTree, Seen};
use crate::alembic::graph::{Direction, Graph, Position, Target};
use crate::alembic::source;
use crate::domain::baseline::Baseline;
use crate::domain::database::Table;
use crate::domain::directory::Checkout;
use crate::domain::failure::Failure;
use crate::domain::migration::{Directory, MigrationState, Standing};
use crate::domain::review::{EnvReview, Review};
use crate::domain::revision::RevisionId;
use crate::ports::migrations::{Migrations, Path};

/// A migration directory on disk.
pub struct DiskMigrations {
    path: Option<PathBuf>,
    last: Mutex<Option<Last>>,
    /// How often it was read.
    readings: AtomicU64,
    checkout: LastCheckout,
}

/// The last reading; also a bad one is not repeated while nothing changes.
struct Last {
    seen: Seen,
    read: Result<Arc<Known>, Failure>,
}

/// A directory that was read and found sound.
struct Known {
    graph: Graph,
    directory: Arc<Directory>,
    reviews: reviews::Reviews,
    env: Option<EnvFile>,
    baselines: baselines::Baselines,
    /// Its folders, that of `env.py` first, and its configuration.
    places: Vec<PathBuf>,
}

impl DiskMigrations {
    /// The directory at a path: a folder with `alembic.ini`, or one of revision files.
    /// Nothing is read yet.
    pub fn at(path: Option<PathBuf>) -> Self {
        Self {
            path,
            last: Mutex::new(None),
            readings: AtomicU64::new(0),
            checkout: LastCheckout::default(),
        }
    }

    /// What is there; `None` when the config names no directory.
    fn known(&self) -> Result<Option<Arc<Known>>, Failure> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|last| last.seen.is_current()) {
            return known.read.clone().map(Some);
        }
        let (tree, began) = (DiskTree::default(), SystemTime::now());
        let read = read(&tree, path).map(Arc::new);
        self.readings.fetch_add(1, Ordering::Relaxed);
        *last = Some(Last {
            seen: tree.into_seen(began),
            read: read.clone(),
        });
        read.map(Some)
    }
}

fn read(tree: &DiskTree, path: &std::path::Path) -> Result<Known, Failure> {
    let found = source::read(tree, path).map_err(|error| refused::source(&error))?;
    if !found.problems.is_empty() {
        return Err(refused::files(&found.problems));
    }
    let reviews = reviews::Reviews::below(path);
    let env = EnvFile::read(tree, &found.layout, reviews.top());
    let places = places(found.layout);
    let files = refused::Files::of(&found.revisions);
    let graph = Graph::build(found.revisions).map_err(|error| refused::graph(&error, &files))?;
    let mut directory = graph.directory(path.display().to_string());
    directory.notes = refused::notes(&found.notes);
    Ok(Known {
        graph,
        directory: Arc::new(directory),
        reviews,
        env,
        baselines: baselines::Baselines::default(),
        places,
    })
}

/// What a commit must hold for it to be the commit of the directory; of a `pyproject.toml` most
/// is about something else.
fn places(layout: source::Layout) -> Vec<PathBuf> {
    let ini = layout
        .config
        .filter(|path| path.extension() == Some("ini".as_ref()));
    std::iter::once(layout.script_location)
        .chain(layout.version_locations)
        .chain(ini)
        .collect()
}

impl Migrations for DiskMigrations {
    fn directory(&self) -> Result<Arc<Directory>, Failure> {
        let known = self.known()?;
        Ok(known.map_or_else(Arc::default, |known| Arc::clone(&known.directory)))
    }

    /// Not under the lock of the directory: whoever needs the revisions does not wait for git.
    fn checkout(&self) -> Option<Checkout> {
        let known = self.known().ok().flatten()?;
        let reading = self.readings.load(Ordering::Relaxed);
        self.checkout.around(&known.places, reading)
    }

    fn standing(&self, current: &[RevisionId]) -> Result<Standing, Failure> {
        let known = self.known()?;
        let position = known.as_ref().map(|known| known.graph.position(current));
        let heads = known.map(|known| known.directory.heads.clone());
        let position = position.unwrap_or(Position {
            state: MigrationState::Unknown,
            pending: Vec::new(),
            unknown: Vec::new(),
        });
        Ok(Standing {
            state: position.state,
            current: current.to_vec(),
            foreign: position.unknown,
            heads: heads.unwrap_or_default(),
            pending: position.pending,
            baseline: None,
            tables: None,
            source: String::new(),
            observed_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn baseline(&self, tables: &[Table]) -> Option<Baseline> {
        let known = self.known().ok().flatten()?;
        known.baselines.of(&known.graph, tables)
    }

    fn path(&self, from: &[RevisionId], to: &str) -> Result<Path, Failure> {
        let known = self
            .known()?
            .ok_or_else(|| refused::no_directory("a target cannot be resolved"))?;
        let graph = &known.graph;
        let from = graph.rows(from).map_err(|error| refused::target(&error))?;
        let pending = graph
            .pending(&from, &Target::new(to))
            .map_err(|error| refused::target(&error))?;
        Ok(Path {
            arrives: graph.rows_after(&from, &pending.revisions, pending.direction),
            from,
            downgrade: pending.direction == Direction::Down,
            steps: pending.revisions,
        })
    }

    fn reviews(&self, ids: &[RevisionId]) -> Result<Vec<Arc<Review>>, Failure> {
        let Some(known) = self.known()? else {
            return Err(refused::no_directory("no revision can be reviewed"));
        };
        let facts = known.env.as_ref().map(EnvFile::facts).unwrap_or_default();
        ids.iter()
            .map(|id| known.reviews.of(&known.graph, id, facts))
            .collect()
    }

    fn env(&self) -> Result<Option<Arc<EnvReview>>, Failure> {
        let known = self.known()?;
        Ok(known.and_then(|known| known.env.as_ref().map(EnvFile::review)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;

    fn write(folder: &std::path::Path, id: &str, down: Option<&str>) {
        let down = down.map_or("None".to_owned(), |down| format!("'{down}'"));
        let text = format!("\"\"\"Makes {id}.\"\"\"\nrevision = '{id}'\ndown_revision = {down}\n");
        std::fs::write(folder.join(format!("{id}.py")), text).unwrap();
    }

    fn directory() -> (tempfile::TempDir, DiskMigrations) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a1", None);
        write(folder.path(), "a2", Some("a1"));
        let migrations = DiskMigrations::at(Some(folder.path().to_owned()));
        (folder, migrations)
    }

    #[test]
    fn the_directory_is_read_and_a_new_file_is_noticed() {
        let (folder, migrations) = directory();
        assert_eq!(migrations.directory().unwrap().heads, ["a2".into()]);
        write(folder.path(), "a3", Some("a2"));
        let now = migrations.directory().unwrap();
        assert_eq!(
            (now.heads.clone(), now.revisions.len()),
            (vec!["a3".into()], 3)
        );
    }

    #[test]
    fn standing_and_path_are_alembics() {
        let (_folder, migrations) = directory();
        let standing = migrations.standing(&["a1".into()]).unwrap();
        assert_eq!(
            (standing.state, standing.pending),
            (MigrationState::Behind, vec!["a2".into()])
        );
        let up = migrations.path(&["a1".into()], "head").unwrap();
        assert_eq!(
            (up.steps, up.arrives, up.downgrade),
            (vec!["a2".into()], vec!["a2".into()], false)
        );
        let down = migrations.path(&["a2".into()], "a1").unwrap();
        assert_eq!((down.arrives, down.downgrade), (vec!["a1".into()], true));
        assert_eq!(
            migrations.path(&[], "zz").unwrap_err().kind,
            FailureKind::NotFound
        );
    }

    #[test]
    fn reviews_are_made_once_until_something_changes() {
        let (folder, migrations) = directory();
        let ids = ["a2".into(), "a1".into()];
        // A file counts as unchanged once its time stamp is old enough to tell.
        let read = || migrations.directory().unwrap();
        while !Arc::ptr_eq(&read(), &read()) {}
        let first = migrations.reviews(&ids).unwrap();
        assert_eq!((first[0].id.as_str(), &*first[0].file), ("a2", "a2.py"));
        migrations
            .last
            .lock()
            .unwrap()
            .as_mut()
            .unwrap()
            .seen
            .settle();
        let again = migrations.reviews(&ids).unwrap();
        assert!(Arc::ptr_eq(&first[0], &again[0]) && Arc::ptr_eq(&first[1], &again[1]));
        write(folder.path(), "a3", Some("a2"));
        let after = migrations.reviews(&["a3".into(), "a2".into()]).unwrap();
        assert!(!Arc::ptr_eq(&first[0], &after[1]));
        let unknown = migrations.reviews(&["zz".into()]).unwrap_err();
        assert_eq!(unknown.kind, FailureKind::NotFound);
    }

    #[test]
    fn env_is_reviewed_and_a_change_of_it_is_noticed() {
        let (folder, migrations) = directory();
        assert_eq!(migrations.env().unwrap(), None, "a bare folder has none");
        let rules = |migrations: &DiskMigrations| -> Vec<String> {
            let review = migrations.env().unwrap().unwrap();
            assert_eq!(review.file, "env.py");
            review.verdicts.iter().map(|v| v.rule.clone()).collect()
        };
        std::fs::create_dir(folder.path().join("versions")).unwrap();
        let ini = "[alembic]\nscript_location = %(here)s\n";
        std::fs::write(folder.path().join("alembic.ini"), ini).unwrap();
        assert_eq!(rules(&migrations), ["env-missing"]);
        let text = "from alembic import context\ncontext.configure()\ncontext.run_migrations()\n";
        std::fs::write(folder.path().join("env.py"), text).unwrap();
        assert!(rules(&migrations).contains(&"env-opaque".to_owned()));
    }

    #[test]
    fn a_directory_that_is_missing_or_broken_says_what_to_do() {
        let missing = DiskMigrations::at(Some("/nowhere/at/all".into()))
            .directory()
            .unwrap_err();
        assert_eq!(missing.kind, FailureKind::NotFound);
        let (folder, migrations) = directory();
        write(folder.path(), "a3", Some("lost"));
        let broken = migrations.directory().unwrap_err();
        assert_eq!(broken.kind, FailureKind::Config);
        assert!(
            broken.summary.contains("a3") && !broken.hint.is_empty(),
            "{broken}"
        );
    }

    #[test]
    fn without_a_directory_the_rows_are_all_that_is_known() {
        let none = DiskMigrations::at(None);
        assert_eq!(none.directory().unwrap().revisions, []);
        let standing = none.standing(&["a1".into()]).unwrap();
        assert_eq!(
            (standing.state, standing.current),
            (MigrationState::Unknown, vec!["a1".into()])
        );
        let failure = none.path(&[], "head").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Config);
        assert!(failure.hint.contains("migrations.path"));
    }
}
