//! The files of a migration directory on disk, with a memory of what was looked at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;

use crate::alembic::source::{Entry, EntryKind, FileTree, TreeError};

/// No revision file is longer.
const LARGEST: u64 = 4 * 1024 * 1024;

/// A file system may give two writes within this time the same time stamp.
const GRAIN: Duration = Duration::from_millis(100);

/// What tells one state of a file or folder from another; `None` when there is nothing.
type Stamp = Option<(SystemTime, SystemTime, u64, u64)>;

/// The disk, remembering everything that was looked at.
#[derive(Debug, Default)]
pub(super) struct DiskTree {
    /// By the bytes of the path: comparing paths part by part takes longer than reading a file.
    seen: Mutex<HashMap<OsString, Stamp>>,
}

/// What was looked at while a directory was read, to notice a change later.
#[derive(Debug)]
pub(super) struct Seen {
    stamps: HashMap<OsString, Stamp>,
    began: SystemTime,
}

impl DiskTree {
    /// Ends the reading that began at this time.
    pub(super) fn into_seen(self, began: SystemTime) -> Seen {
        let stamps = self
            .seen
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Seen { stamps, began }
    }

    /// Looks at a path, links followed, and remembers how it was before anything is read from
    /// it: so a change meanwhile is noticed.
    fn look(&self, path: &Path) -> io::Result<Metadata> {
        let found = path.metadata();
        self.remember(path, found.as_ref().ok().and_then(stamp_of));
        found
    }

    /// Keeps how a path was when it was first looked at.
    fn remember(&self, path: &Path, stamp: Stamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(path.as_os_str().to_owned()).or_insert(stamp);
    }
}

impl Seen {
    /// As if what was looked at had been written long before.
    #[cfg(test)]
    pub(super) fn settle(&mut self) {
        self.began = SystemTime::now() + Duration::from_mins(1);
    }

    /// Whether everything is as it was. A file written while it was read may have
    /// changed again within the same time stamp, so it does not count as unchanged.
    pub(super) fn is_current(&self) -> bool {
        self.stamps.iter().all(|(path, then)| {
            let settled = then
                .is_none_or(|(modified, changed, ..)| modified.max(changed) + GRAIN < self.began);
            let now = Path::new(path).metadata().ok();
            settled && now.as_ref().and_then(stamp_of) == *then
        })
    }
}

fn stamp_of(found: &Metadata) -> Stamp {
    let (seconds, nanos) = (
        u64::try_from(found.ctime()).ok()?,
        u64::try_from(found.ctime_nsec()).ok()?,
    );
    let changed = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_nanos(nanos);
    Some((found.modified().ok()?, changed, found.len(), found.ino()))
}

fn refused(error: &io::Error) -> TreeError {
    TreeError::Refused(error.kind().to_string())
}

/// Nothing at a path is no error.
fn there<T>(found: io::Result<T>) -> Result<Option<T>, TreeError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(refused(&error)),
    }
}

impl FileTree for DiskTree {
    fn read(&self, path: &Path) -> Result<Option<Cow<'_, [u8]>>, TreeError> {
        // Without this flag opening a pipe would wait for somebody to write into it.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let open = File::options().read(true).custom_flags(flags).open(path);
        let Some(mut file) = there(open.inspect_err(|_| self.remember(path, None)))? else {
            return Ok(None);
        };
        let found = file.metadata().map_err(|error| refused(&error))?;
        self.remember(path, stamp_of(&found));
        if !found.is_file() {
            return Err(TreeError::Refused("it is no plain file".to_owned()));
        }
        if found.len() > LARGEST {
            return Err(TreeError::TooLarge {
                size: found.len(),
                limit: LARGEST,
            });
        }
        // One byte more than there should be, so that the first read also sees the end.
        let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0) + 1);
        file.read_to_end(&mut bytes)
            .map_err(|error| refused(&error))?;
        Ok(Some(Cow::Owned(bytes)))
    }

    fn list(&self, folder: &Path) -> Result<Option<Vec<Entry>>, TreeError> {
        // Whatever it is, listing it tells better than looking at it.
        let _ = self.look(folder);
        let Some(entries) = there(std::fs::read_dir(folder))? else {
            return Ok(None);
        };
        let entry = |found: io::Result<std::fs::DirEntry>| {
            let found = found.map_err(|error| refused(&error))?;
            let kind = found.file_type().map_err(|error| refused(&error))?;
            let kind = if kind.is_symlink() {
                EntryKind::Link
            } else if kind.is_dir() {
                EntryKind::Folder
            } else {
                EntryKind::File
            };
            Ok(Entry {
                name: found.file_name(),
                kind,
            })
        };
        entries.map(entry).collect::<Result<_, _>>().map(Some)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let found = self.look(path).ok()?;
        Some(if found.is_dir() {
            EntryKind::Folder
        } else {
            EntryKind::File
        })
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_later(tree: DiskTree) -> Seen {
        let mut seen = tree.into_seen(SystemTime::now());
        seen.settle();
        seen
    }

    #[test]
    fn a_change_on_disk_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        std::fs::write(&file, "one").unwrap();
        let look = || {
            let tree = DiskTree::default();
            assert!(tree.read(&file).unwrap().is_some());
            assert_eq!(
                tree.list(folder.path()).unwrap().map(|e| e.is_empty()),
                Some(false)
            );
            assert_eq!(tree.kind(&folder.path().join("missing")), None);
            seen_later(tree)
        };
        let seen = look();
        assert!(seen.is_current());
        std::fs::write(&file, "second").unwrap();
        assert!(!seen.is_current(), "an edited file");
        let seen = look();
        std::fs::write(folder.path().join("missing"), "").unwrap();
        assert!(!seen.is_current(), "a file that was missing");
        let seen = look_at(folder.path());
        std::fs::remove_file(&file).unwrap();
        assert!(!seen.is_current(), "a file that is gone");
    }

    fn look_at(folder: &Path) -> Seen {
        let tree = DiskTree::default();
        tree.list(folder).unwrap();
        seen_later(tree)
    }

    #[test]
    fn a_file_written_a_moment_ago_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        std::fs::write(&file, "one").unwrap();
        let tree = DiskTree::default();
        tree.read(&file).unwrap();
        assert!(!tree.into_seen(SystemTime::now()).is_current());
    }

    #[test]
    fn what_is_not_there_is_none_and_what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let tree = DiskTree::default();
        assert_eq!(tree.read(&folder.path().join("x")), Ok(None));
        assert_eq!(tree.list(&folder.path().join("x")), Ok(None));
        assert!(tree.read(folder.path()).is_err());
    }
}
