//! Finding the config and reading it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use portcullis::adapters::variables::Variables;
use portcullis::adapters::{gcloud, system};
use portcullis::config::{self, Fallback};
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::settings::Settings;

/// The config that was named, else the nearest one.
pub(super) fn load(given: Option<&Path>, variables: &Variables) -> Result<Settings, Failure> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => nearest(variables)?,
    };
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let active = gcloud::active(variables);
    let fallback = Fallback {
        project: active.project,
        region: active.region,
    };
    parse(&text, &path, &fallback)
}

/// Reads the text of a config that lies at a path.
pub(super) fn parse(text: &str, path: &Path, fallback: &Fallback) -> Result<Settings, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    Ok(config::parse(
        text,
        &path.display().to_string(),
        &folder,
        fallback,
    )?)
}

fn nearest(variables: &Variables) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().unwrap_or_default();
    let home = system::config_folder(variables);
    let home = home.as_deref().and_then(Path::parent);
    config::candidates(&here, home).into_iter().find(|path| path.is_file()).ok_or_else(|| {
        Failure::new(
            FailureKind::Config,
            "there is no portcullis.toml here or in a folder above",
            "Write one (docs/configuration.md), name one with --config, or try `portcullis sandbox`.",
        )
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::InvalidData => "It must be UTF-8 text.",
        ErrorKind::NotFound => "Look at the path.",
        _ => "",
    };
    Failure::new(
        FailureKind::Config,
        format!("{} cannot be read: {error}", path.display()),
        hint,
    )
}
