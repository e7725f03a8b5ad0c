//! Where a configuration may lie.

use std::path::{Path, PathBuf};

/// The files to try, the first that exists counts: `portcullis.toml` in this folder or
/// the nearest one above, then the user's own.
pub fn candidates(folder: &Path, config_home: Option<&Path>) -> Vec<PathBuf> {
    let upward = folder
        .ancestors()
        .map(|above| above.join("portcullis.toml"));
    let own = config_home.map(|home| home.join("portcullis").join("config.toml"));
    upward.chain(own).collect()
}
