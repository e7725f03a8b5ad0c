//! The configuration: text in, [`Settings`] or errors with file, line and column out.
//!
//! Pure: finding and reading the file is for others; [`candidates`] says where to look.

mod builtin;
mod environments;
mod error;
mod ledger;
mod locate;
mod operations;
mod possible;
mod reader;
mod tiers;
mod time;

use std::path::Path;

pub use error::{ConfigError, ConfigErrors};
pub use locate::candidates;
pub use time::duration;

use crate::domain::settings::Settings;
use reader::{Problems, Section};

/// Services whose endpoint may be set.
const SERVICES: &[&str] = &[
    "run",
    "secretmanager",
    "sql",
    "logging",
    "cloudshell",
    "cloudresourcemanager",
];

/// Defaults that come from outside the file: gcloud's own settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    /// Project of the active gcloud configuration.
    pub project: Option<String>,
    /// Region of the active gcloud configuration.
    pub region: Option<String>,
}

/// Reads a configuration. `file` is named in errors; relative paths start at `folder`.
pub fn parse(
    text: &str,
    file: &str,
    folder: &Path,
    fallback: &Fallback,
) -> Result<Settings, ConfigErrors> {
    let mut problems = Problems::new(text, file);
    let root = match toml::de::DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            problems.add(
                error.span(),
                error.message().trim_end().to_owned(),
                String::new(),
            );
            return Err(problems.into_errors());
        }
    };
    let top = Section::root(&root);
    let settings = read(&top, folder, fallback, &mut problems);
    problems.finish(settings)
}

fn read(
    top: &Section<'_>,
    folder: &Path,
    fallback: &Fallback,
    problems: &mut Problems<'_>,
) -> Settings {
    top.known(
        &[
            "project",
            "region",
            "migrations",
            "ledger",
            "google",
            "environments",
            "operations",
            "tiers",
            "preflight",
        ],
        problems,
    );
    let project = top
        .text("project", problems)
        .or_else(|| fallback.project.clone())
        .unwrap_or_default();
    let region = top
        .text("region", problems)
        .or_else(|| fallback.region.clone())
        .unwrap_or_default();
    let migrations = top.section("migrations", problems).and_then(|section| {
        section.known(&["path"], problems);
        section.text("path", problems)
    });
    let shared_ledger = ledger::read(top.section("ledger", problems), problems);
    let operations = operations::read(top.section("operations", problems), problems);
    let environments = environments::read(
        top.section("environments", problems),
        (&project, &region),
        problems,
    );
    let policies = tiers::read(top, &environments, problems);
    Settings {
        migrations: migrations.map(|path| folder.join(path)),
        shared_ledger,
        endpoints: endpoints(top, problems),
        environments,
        operations,
        policies,
        project,
        region,
    }
}

fn endpoints(
    top: &Section<'_>,
    problems: &mut Problems<'_>,
) -> std::collections::BTreeMap<String, String> {
    let Some(google) = top.section("google", problems) else {
        return std::collections::BTreeMap::default();
    };
    google.known(&["endpoints"], problems);
    let Some(section) = google.section("endpoints", problems) else {
        return std::collections::BTreeMap::default();
    };
    section.known(SERVICES, problems);
    let read = |service: &&str| Some(((*service).to_owned(), section.text(service, problems)?));
    SERVICES.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests;
