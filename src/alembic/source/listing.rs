//! Which files of the version locations Alembic would load.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::SourceError;
use super::layout::Layout;
use super::tree::{Entry, EntryKind, FileTree, TreeError};

/// A file that Alembic would load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// A compiled file whose source is not there.
    pub(super) is_compiled: bool,
}

/// All files that Alembic would load, in its order: location by location, each
/// folder's files by name before its folders. A file that two locations hold counts once.
pub(super) fn list_candidates(
    tree: &impl FileTree,
    layout: &Layout,
) -> Result<Vec<Candidate>, SourceError> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for location in &layout.version_locations {
        let mut todo = vec![tree.resolve(location)];
        while let Some(folder) = todo.pop() {
            let Some(mut entries) = list(tree, &folder)? else {
                continue;
            };
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            if !folder
                .as_os_str()
                .as_encoded_bytes()
                .ends_with(b"__pycache__")
            {
                take_files(tree, layout, &folder, &entries, &mut found, &mut seen);
            }
            if layout.recursive {
                let folders = entries
                    .iter()
                    .filter(|entry| entry.kind == EntryKind::Folder);
                todo.extend(folders.rev().map(|entry| folder.join(&entry.name)));
            }
        }
    }
    Ok(found)
}

fn list(tree: &impl FileTree, folder: &Path) -> Result<Option<Vec<Entry>>, SourceError> {
    tree.list(folder)
        .map_err(|error: TreeError| SourceError::Unreadable {
            path: folder.to_owned(),
            reason: error.to_string(),
        })
}

fn take_files(
    tree: &impl FileTree,
    layout: &Layout,
    folder: &Path,
    entries: &[Entry],
    found: &mut Vec<Candidate>,
    seen: &mut HashSet<PathBuf>,
) {
    let mut take = |path: PathBuf, entries: &[Entry]| {
        if !seen.contains(&path)
            && let Some(candidate) = candidate(&path, layout.sourceless, entries)
        {
            seen.insert(path);
            found.push(candidate);
        }
    };
    for entry in entries {
        let path = folder.join(&entry.name);
        match entry.kind {
            EntryKind::File => take(path, entries),
            EntryKind::Link => match tree.kind(&path) {
                Some(EntryKind::Folder) => {}
                Some(_) => take(tree.resolve(&path), entries),
                // A link to nothing, or to itself: Alembic falls over it, so it is not passed over here.
                None => take(path, entries),
            },
            EntryKind::Folder => {}
        }
    }
    if layout.sourceless {
        let cache = folder.join("__pycache__");
        let mut compiled = tree.list(&cache).ok().flatten().unwrap_or_default();
        compiled.sort_by(|a, b| a.name.cmp(&b.name));
        let sources: HashSet<&[u8]> = entries.iter().map(stem).collect();
        for entry in compiled
            .iter()
            .filter(|entry| !sources.contains(stem(entry)))
        {
            take(cache.join(&entry.name), &compiled);
        }
    }
}

/// What stands before the first dot.
fn stem(entry: &Entry) -> &[u8] {
    let name = entry.name.as_encoded_bytes();
    name.split(|byte| *byte == b'.').next().unwrap_or(name)
}

/// Alembic's rule for names: `*.py`, but neither `__init__*` nor an editor's `.#*`;
/// compiled files only when it is told to do without sources.
fn candidate(path: &Path, sourceless: bool, entries: &[Entry]) -> Option<Candidate> {
    let name = path.file_name()?.as_encoded_bytes();
    if name.starts_with(b"__init__") || name.starts_with(b".#") {
        return None;
    }
    if name.ends_with(b".py") {
        return Some(Candidate {
            path: path.to_owned(),
            is_compiled: false,
        });
    }
    if !sourceless {
        return None;
    }
    let source = name
        .strip_suffix(b"c")
        .or_else(|| name.strip_suffix(b"o"))?;
    let is_there = |wanted: &[u8]| entries.iter().any(|e| e.name.as_encoded_bytes() == wanted);
    let better = is_there(source) || (name.ends_with(b"o") && is_there(&[source, b"c"].concat()));
    (source.ends_with(b".py") && !better).then(|| Candidate {
        path: path.to_owned(),
        is_compiled: true,
    })
}
