//! What was last seen, as one JSON file for each set of environments.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::private;
use crate::domain::digest::Digest;
use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::Fleet;
use crate::ports::snapshots::Snapshots;

/// The form of the file; a file of another form is not read.
const FORM: u32 = 2;

/// A larger file is not ours.
const LARGEST: u64 = 32 * 1024 * 1024;

/// The snapshot of one set of environments.
pub struct FileSnapshots {
    path: PathBuf,
}

#[derive(Serialize)]
struct Written<'a> {
    form: u32,
    fleet: &'a Fleet,
}

#[derive(Deserialize)]
struct Read {
    form: u32,
    fleet: Fleet,
}

impl FileSnapshots {
    /// The snapshot of these environments in a state folder, so that two projects do
    /// not mix.
    pub fn of(environments: &[Environment], state: &Path) -> Self {
        let names: Vec<_> = environments
            .iter()
            .map(|found| (&found.project, &found.region, &found.name))
            .collect();
        let key = Digest::of(&names);
        let name = format!("{}.json", &key.as_str()[..16]);
        Self {
            path: state.join("snapshots").join(name),
        }
    }

    fn try_save(&self, fleet: &Fleet) -> io::Result<()> {
        let text = serde_json::to_vec(&Written { form: FORM, fleet })?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        if let Some(state) = folder.parent() {
            private::folder(state)?;
        }
        private::folder(folder)?;
        // Readers see the old file or the new one, never half of one.
        let fresh = folder.join(format!(".{}.new", ulid::Ulid::new()));
        let done = write(&fresh, &text).and_then(|()| std::fs::rename(&fresh, &self.path));
        if done.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
        done
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file: File = private::new_file(path)?;
    file.write_all(text)
}

impl Snapshots for FileSnapshots {
    fn load(&self) -> Option<Fleet> {
        let size = self.path.metadata().ok()?.len();
        let text = (size <= LARGEST)
            .then(|| std::fs::read(&self.path).ok())
            .flatten()?;
        let read: Read = serde_json::from_slice(&text).ok()?;
        (read.form == FORM).then_some(read.fleet)
    }

    fn save(&self, fleet: &Fleet) -> Result<(), Failure> {
        self.try_save(fleet).map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                format!(
                    "the snapshot {} could not be written: {}",
                    self.path.display(),
                    error.kind()
                ),
                "check the space and the permissions there, or use another --state-dir",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::{EnvironmentName, Tier};
    use crate::domain::fleet::EnvironmentStatus;
    use std::os::unix::fs::PermissionsExt as _;

    fn environment(name: &str, project: &str) -> Environment {
        Environment {
            name: EnvironmentName::new(name),
            tier: Tier::Production,
            project: project.into(),
            region: "r".into(),
            job: "j".into(),
            sql_instance: None,
            database: None,
            secret: None,
            services: vec![],
            probes: vec![],
            direct: None,
            labels: std::collections::BTreeMap::default(),
        }
    }

    fn fleet(environments: &[Environment]) -> Fleet {
        Fleet {
            generated_at: Some("2026-11-01T10:00:00.5Z".parse().unwrap()),
            environments: environments
                .iter()
                .cloned()
                .map(EnvironmentStatus::unread)
                .collect(),
        }
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let state = tempfile::tempdir().unwrap();
        let environments = [environment("prod", "p")];
        let store = FileSnapshots::of(&environments, state.path());
        assert_eq!(store.load(), None);
        store.save(&fleet(&environments)).unwrap();
        store.save(&fleet(&environments)).unwrap();
        assert_eq!(store.load(), Some(fleet(&environments)));
        let files = std::fs::read_dir(store.path.parent().unwrap())
            .unwrap()
            .count();
        assert_eq!(files, 1, "nothing is left over");
        let mode = store.path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn two_projects_do_not_mix() {
        let state = tempfile::tempdir().unwrap();
        let (a, b) = ([environment("prod", "a")], [environment("prod", "b")]);
        FileSnapshots::of(&a, state.path())
            .save(&fleet(&a))
            .unwrap();
        assert_eq!(FileSnapshots::of(&b, state.path()).load(), None);
        assert!(FileSnapshots::of(&a, state.path()).load().is_some());
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        let state = tempfile::tempdir().unwrap();
        let environments = [environment("prod", "p")];
        let store = FileSnapshots::of(&environments, state.path());
        store.save(&fleet(&environments)).unwrap();
        for text in ["", "{", "{\"form\":1,\"fleet\":{}}", "[]"] {
            std::fs::write(&store.path, text).unwrap();
            assert_eq!(store.load(), None, "{text}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_failure_with_a_remedy() {
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join("file");
        std::fs::write(&file, "").unwrap();
        let environments = [environment("prod", "p")];
        let failure = FileSnapshots::of(&environments, &file)
            .save(&fleet(&environments))
            .unwrap_err();
        assert!(!failure.hint.is_empty());
    }
}
