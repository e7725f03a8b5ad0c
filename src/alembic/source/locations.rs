//! Splitting and resolving the paths in Alembic's configuration.

use std::path::{Path, PathBuf};

use super::tree::FileTree;

/// Splits `version_locations` by the separator that the configuration names, or, as
/// Alembic used to do, at commas and spaces.
pub(super) fn split(value: &str, separator: Option<&str>) -> Result<Vec<String>, String> {
    let Some(separator) = separator else {
        return Ok(split_as_before(value));
    };
    let character = match separator {
        "space" => ' ',
        "newline" => '\n',
        "os" | ":" => ':',
        ";" => ';',
        other => {
            return Err(format!(
                "`{other}` is no path separator; there are space, newline, os, `:` and `;`"
            ));
        }
    };
    let parts = value.split(character).filter(|part| !part.is_empty());
    Ok(parts.map(|part| part.trim().to_owned()).collect())
}

/// Splits at a comma with any spaces after it, or at a run of spaces.
fn split_as_before(value: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find([',', ' ']) {
        parts.push(rest[..at].to_owned());
        rest = rest[at + 1..].trim_start_matches(' ');
    }
    parts.push(rest.to_owned());
    parts
}

/// The folder that a location means: a path below the folder of the configuration,
/// or, as `package:folder`, a folder inside a package that lies below a source root.
pub(super) fn resolve(
    tree: &impl FileTree,
    base: &Path,
    roots: &[PathBuf],
    location: &str,
) -> PathBuf {
    let is_resource = !Path::new(location).is_absolute() && location.contains(':');
    if !is_resource {
        return base.join(location);
    }
    let mut parts = location.split(':');
    let package = parts.next().unwrap_or_default().replace('.', "/");
    let inside: PathBuf = std::iter::once(package.as_str()).chain(parts).collect();
    let candidates = roots
        .iter()
        .map(|root| base.join(root))
        .chain([base.to_owned(), base.join("src")]);
    let mut found = candidates.map(|root| root.join(&inside));
    found
        .find(|path| tree.kind(path).is_some())
        .unwrap_or_else(|| base.join(&inside))
}
