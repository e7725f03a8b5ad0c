//! The files of a migration directory, wherever they are kept.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Why a file or folder that is there could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// It is larger than anything that is read here.
    #[error("it is {size} bytes long; at most {limit} are read")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// The system refused, in its own words.
    #[error("{0}")]
    Refused(String),
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, to whatever.
    Link,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name within the folder.
    pub name: OsString,
    /// What it is.
    pub kind: EntryKind,
}

/// A tree of files to read a migration directory from.
pub trait FileTree: Sync {
    /// The bytes of a file; `None` when there is no such file.
    fn read(&self, path: &Path) -> Result<Option<Cow<'_, [u8]>>, TreeError>;
    /// The entries of a folder, in any order; `None` when there is no such folder.
    fn list(&self, folder: &Path) -> Result<Option<Vec<Entry>>, TreeError>;
    /// What is at a path once all links are followed: a file, a folder, or nothing.
    fn kind(&self, path: &Path) -> Option<EntryKind>;
    /// The path without links.
    fn resolve(&self, path: &Path) -> PathBuf;
}

/// A tree in memory: a snapshot, the sandbox's own directory, a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryTree {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryTree {
    /// A tree of these files.
    pub fn new<P, B>(files: impl IntoIterator<Item = (P, B)>) -> Self
    where
        P: Into<PathBuf>,
        B: Into<Vec<u8>>,
    {
        Self {
            files: files
                .into_iter()
                .map(|(path, bytes)| (path.into(), bytes.into()))
                .collect(),
        }
    }

    /// First parts of what lies below a folder, with whether more follows.
    fn below<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = (&'a OsStr, bool)> {
        self.files.keys().filter_map(move |path| {
            let mut parts = path.strip_prefix(folder).ok()?.iter();
            Some((parts.next()?, parts.next().is_some()))
        })
    }
}

impl FileTree for MemoryTree {
    fn read(&self, path: &Path) -> Result<Option<Cow<'_, [u8]>>, TreeError> {
        Ok(self
            .files
            .get(path)
            .map(|bytes| Cow::Borrowed(bytes.as_slice())))
    }

    fn list(&self, folder: &Path) -> Result<Option<Vec<Entry>>, TreeError> {
        let found: BTreeSet<(&OsStr, bool)> = self.below(folder).collect();
        let entry = |(name, is_folder): (&OsStr, bool)| Entry {
            name: name.to_owned(),
            kind: if is_folder {
                EntryKind::Folder
            } else {
                EntryKind::File
            },
        };
        Ok((!found.is_empty()).then(|| found.into_iter().map(entry).collect()))
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        if self.files.contains_key(path) {
            return Some(EntryKind::File);
        }
        self.below(path).next().map(|_| EntryKind::Folder)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}
