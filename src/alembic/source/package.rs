//! The package that a revision file lies in.

use std::borrow::Cow;
use std::path::Path;

use super::tree::{EntryKind, FileTree};
use crate::alembic::parse::Modules;

/// The modules of the package around a file, found as Python finds them: upwards as
/// long as there is an `__init__.py`.
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

    /// The outermost folder that is a package.
    fn root(&self) -> Option<&'a Path> {
        let folders = self.file.ancestors().skip(1);
        folders
            .take_while(|folder| self.is_file(&folder.join("__init__.py")))
            .last()
    }
}

impl<T: FileTree> Modules for Package<'_, T> {
    fn source(&self, module: &str) -> Option<Cow<'_, [u8]>> {
        let root = self.root()?;
        let mut parts = module.split('.');
        if root.file_name()?.to_str()? != parts.next()? {
            return None;
        }
        let inner = parts.fold(root.to_owned(), |path, part| path.join(part));
        let candidates = [inner.with_extension("py"), inner.join("__init__.py")];
        let file = candidates
            .into_iter()
            .find(|path| path.starts_with(root) && self.is_file(path))?;
        self.tree.read(&file).ok()?
    }
}
