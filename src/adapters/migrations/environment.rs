//! The `env.py` of a directory, read with it and reviewed when somebody asks.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::super::files::DiskTree;
use crate::alembic::env::{self, Env};
use crate::alembic::review::EnvFacts;
use crate::alembic::source::{FileTree, Layout};
use crate::domain::review::EnvReview;

/// The `env.py` of a directory.
pub(super) struct EnvFile {
    name: String,
    found: Found,
    reviewed: OnceLock<(Arc<EnvReview>, EnvFacts)>,
}

enum Found {
    Bytes(Vec<u8>),
    /// There is none, where Alembic needs one.
    Missing,
    Unreadable(String),
}

impl EnvFile {
    /// Reads it; none for a bare folder of revisions, which has none of its own.
    pub(super) fn read(tree: &DiskTree, layout: &Layout, top: &Path) -> Option<Self> {
        let path = layout.script_location.join("env.py");
        let found = match tree.read(&path) {
            Ok(Some(bytes)) => Found::Bytes(bytes.into_owned()),
            Ok(None) if layout.config.is_none() => return None,
            Ok(None) => Found::Missing,
            Err(error) => Found::Unreadable(error.to_string()),
        };
        let name = path.strip_prefix(top).unwrap_or(&path);
        Some(Self {
            name: name.display().to_string(),
            found,
            reviewed: OnceLock::new(),
        })
    }

    /// What the rules say.
    pub(super) fn review(&self) -> Arc<EnvReview> {
        Arc::clone(&self.reviewed().0)
    }

    /// What revisions can rely on.
    pub(super) fn facts(&self) -> EnvFacts {
        self.reviewed().1
    }

    fn reviewed(&self) -> &(Arc<EnvReview>, EnvFacts) {
        self.reviewed.get_or_init(|| {
            let without_facts = |review| (Arc::new(review), EnvFacts::default());
            match &self.found {
                Found::Bytes(bytes) => {
                    let Env { review, facts } = env::review(&self.name, bytes);
                    (Arc::new(review), facts)
                }
                Found::Missing => without_facts(env::missing(&self.name)),
                Found::Unreadable(why) => without_facts(env::unreadable(&self.name, why)),
            }
        })
    }
}
