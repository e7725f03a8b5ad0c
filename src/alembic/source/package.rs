//! The modules around a revision file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::tree::{EntryKind, FileTree};
use crate::alembic::parse::Modules;

/// The modules that lie below one of the folders above a file. Python would find them there
/// with that folder on its path, which for a project's own modules one of them is.
pub(super) struct Package<'a, T> {
    tree: &'a T,
    file: &'a Path,
}

impl<'a, T: FileTree> Package<'a, T> {
    pub(super) fn around(tree: &'a T, file: &'a Path) -> Self {
        Self { tree, file }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.tree.kind(path) == Some(EntryKind::File)
    }

    /// The file of a module when a folder is on Python's path.
    fn below(&self, folder: &Path, module: &str) -> Option<PathBuf> {
        let inner = module
            .split('.')
            .fold(folder.to_owned(), |path, part| path.join(part));
        [inner.join("__init__.py"), inner.with_extension("py")]
            .into_iter()
            .find(|path| self.is_file(path))
    }
}

impl<T: FileTree> Modules for Package<'_, T> {
    fn source(&self, module: &str) -> Option<Cow<'_, [u8]>> {
        // `from . import x` depends on how the file was imported, and Alembic imports it by its path.
        if module.split('.').any(str::is_empty) {
            return None;
        }
        let folders = self.file.ancestors().skip(1);
        let mut found = folders.filter_map(|folder| self.below(folder, module));
        // Two folders with a module of this name: which one Python takes is not known here.
        match (found.next(), found.next()) {
            (Some(file), None) => self.tree.read(&file).ok()?,
            _ => None,
        }
    }
}
