//! Folders and files that only their owner may read.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a folder for its owner alone, with everything above it. One that is there is
/// closed to others; one that belongs to somebody else stays as it is.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    close(path, 0o700);
    Ok(())
}

/// Makes a file for its owner alone, unless it is there.
pub(super) fn file(path: &Path) -> io::Result<()> {
    open(OpenOptions::new().append(true).create(true), path)?;
    close(path, 0o600);
    Ok(())
}

/// A new file for its owner alone, to write into.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().write(true).create_new(true), path)
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.mode(0o600).open(path)
}

fn close(path: &Path, mode: u32) {
    let open = path
        .metadata()
        .is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if open {
        // Not ours to close: then its owner has decided so.
        let _ = std::fs::set_permissions(path, Permissions::from_mode(mode));
    }
}
