//! Folders and files that only their owner may read.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a folder for its owner alone, with everything above it. One that is there is
/// closed to others; one that belongs to somebody else stays as it is.
pub(in crate::adapters) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    close(path, 0o700);
    Ok(())
}

/// Makes a file for its owner alone, unless it is there.
pub(in crate::adapters) fn file(path: &Path) -> io::Result<()> {
    open(OpenOptions::new().append(true).create(true), path)?;
    close(path, 0o600);
    Ok(())
}

/// A new file for its owner alone, to write into.
pub(in crate::adapters) fn new_file(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().write(true).create_new(true), path)
}

/// Puts a file for its owner alone in the place of what was there; durable before it returns.
/// Readers see the old file or the new one, never half of one.
pub(in crate::adapters) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    folder(parent)?;
    let fresh = parent.join(format!(".{}.new", ulid::Ulid::new()));
    let write = || {
        let mut file = new_file(&fresh)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)?;
        File::open(parent)?.sync_all()
    };
    let done = write();
    if done.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    done
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
