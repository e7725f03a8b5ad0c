//! Where a migration directory keeps what.

use std::path::{Path, PathBuf};

use toml::Table;

use super::ini::Ini;
use super::tree::{EntryKind, FileTree};
use super::{SourceError, locations, pyproject};

/// The section of `alembic.ini` that is read.
const SECTION: &str = "alembic";

/// Where a migration directory keeps what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The configuration it comes from; `None` for a bare folder.
    pub config: Option<PathBuf>,
    /// The folder with `env.py`.
    pub script_location: PathBuf,
    /// The folders with revision files, in order.
    pub version_locations: Vec<PathBuf>,
    /// Whether folders inside these count as well.
    pub recursive: bool,
    /// Whether compiled files without source count as well.
    pub sourceless: bool,
}

/// Finds out what lies at a path.
pub fn find_layout(tree: &impl FileTree, path: &Path) -> Result<Layout, SourceError> {
    match tree.kind(path) {
        None => Err(SourceError::NotFound(path.to_owned())),
        Some(EntryKind::Folder) => of_folder(tree, path),
        Some(_) => {
            let here = path.parent().unwrap_or(Path::new(""));
            let is_toml = path
                .extension()
                .is_some_and(|extension| extension == "toml");
            let (ini, toml) = if is_toml {
                (None, Some(path))
            } else {
                (Some(path), None)
            };
            Settings::load(tree, here, ini, toml)?.layout(tree, path)
        }
    }
}

fn of_folder(tree: &impl FileTree, folder: &Path) -> Result<Layout, SourceError> {
    let is_file = |path: &Path| tree.kind(path) == Some(EntryKind::File);
    let (ini, toml) = (folder.join("alembic.ini"), folder.join("pyproject.toml"));
    let (has_ini, has_toml) = (is_file(&ini), is_file(&toml));
    if has_ini || has_toml {
        let settings = Settings::load(
            tree,
            folder,
            has_ini.then_some(&*ini),
            has_toml.then_some(&*toml),
        )?;
        if has_ini || !settings.toml.is_empty() {
            return settings.layout(tree, if has_ini { &ini } else { &toml });
        }
    }
    let versions = folder.join("versions");
    let has_versions = tree.kind(&versions) == Some(EntryKind::Folder);
    Ok(Layout {
        config: None,
        script_location: folder.to_owned(),
        version_locations: vec![if has_versions {
            versions
        } else {
            folder.to_owned()
        }],
        recursive: false,
        sourceless: false,
    })
}

/// The options of both files; `alembic.ini` wins.
struct Settings<'a> {
    here: &'a Path,
    ini: Option<(&'a Path, Ini)>,
    toml_path: Option<&'a Path>,
    toml: Table,
}

impl<'a> Settings<'a> {
    fn load(
        tree: &impl FileTree,
        here: &'a Path,
        ini: Option<&'a Path>,
        toml: Option<&'a Path>,
    ) -> Result<Self, SourceError> {
        let ini = match ini {
            None => None,
            Some(path) => {
                let parsed = Ini::parse(&text_of(tree, path)?)
                    .map_err(|error| config_error(path, error.line, error.reason))?;
                Some((path, parsed))
            }
        };
        let table = match toml {
            None => Table::new(),
            Some(path) => pyproject::parse(&text_of(tree, path)?)
                .map_err(|(line, reason)| config_error(path, line, reason))?,
        };
        Ok(Self {
            here,
            ini,
            toml_path: toml,
            toml: table,
        })
    }

    fn layout(&self, tree: &impl FileTree, config: &Path) -> Result<Layout, SourceError> {
        let roots = self.source_roots()?;
        let place = |location: &str| locations::resolve(tree, self.here, &roots, location);
        let script_location = self
            .text("script_location")?
            .map(|location| place(&location))
            .ok_or_else(|| SourceError::NoScriptLocation(config.to_owned()))?;
        if tree.kind(&script_location).is_none() {
            return Err(SourceError::ScriptLocationMissing(script_location));
        }
        let named = self.version_locations()?.unwrap_or_default();
        let version_locations = if named.is_empty() {
            vec![script_location.join("versions")]
        } else {
            named.iter().map(|location| place(location)).collect()
        };
        Ok(Layout {
            config: Some(config.to_owned()),
            script_location,
            version_locations,
            recursive: self.flag("recursive_version_locations")?,
            sourceless: self.flag("sourceless")?,
        })
    }

    /// A value of `alembic.ini`, with its line.
    fn ini(&self, name: &str) -> Result<Option<(usize, String)>, SourceError> {
        let Some((path, ini)) = &self.ini else {
            return Ok(None);
        };
        ini.get(SECTION, name, &self.here.to_string_lossy())
            .map_err(|error| config_error(path, error.line, error.reason))
    }

    fn text(&self, name: &str) -> Result<Option<String>, SourceError> {
        if let Some((_, value)) = self.ini(name)? {
            return Ok(Some(value));
        }
        self.in_toml(pyproject::text(
            &self.toml,
            name,
            &self.here.to_string_lossy(),
        ))
    }

    fn flag(&self, name: &str) -> Result<bool, SourceError> {
        match self.ini(name)? {
            Some((_, value)) => Ok(value == "true"),
            None => self.in_toml(pyproject::flag(&self.toml, name)),
        }
    }

    fn version_locations(&self) -> Result<Option<Vec<String>>, SourceError> {
        let here = self.here.to_string_lossy();
        match self
            .ini("version_locations")?
            .filter(|(_, value)| !value.is_empty())
        {
            Some((_, value)) => self
                .split(&value, &["path_separator", "version_path_separator"])
                .map(Some),
            None => self.in_toml(pyproject::list(&self.toml, "version_locations", &here)),
        }
    }

    /// Folders that Alembic puts in front of Python's search path.
    fn source_roots(&self) -> Result<Vec<PathBuf>, SourceError> {
        let here = self.here.to_string_lossy();
        let named = match self
            .ini("prepend_sys_path")?
            .filter(|(_, value)| !value.is_empty())
        {
            Some((_, value)) => self.split(&value, &["path_separator"])?,
            // Some people write one string here; which form does not matter for finding folders.
            None => pyproject::list(&self.toml, "prepend_sys_path", &here)
                .ok()
                .flatten()
                .unwrap_or_default(),
        };
        Ok(named.into_iter().map(PathBuf::from).collect())
    }

    fn split(&self, value: &str, separators: &[&str]) -> Result<Vec<String>, SourceError> {
        for name in separators {
            if let Some((line, separator)) = self.ini(name)? {
                let path = self.ini.as_ref().map_or(self.here, |(path, _)| *path);
                return locations::split(value, Some(&separator))
                    .map_err(|reason| config_error(path, line, format!("{name}: {reason}")));
            }
        }
        Ok(locations::split(value, None).unwrap_or_default())
    }

    fn in_toml<T>(&self, value: Result<T, pyproject::Why>) -> Result<T, SourceError> {
        value.map_err(|reason| config_error(self.toml_path.unwrap_or(self.here), 1, reason))
    }
}

fn config_error(path: &Path, line: usize, reason: impl Into<String>) -> SourceError {
    SourceError::Config {
        path: path.to_owned(),
        line,
        reason: reason.into(),
    }
}

fn text_of(tree: &impl FileTree, path: &Path) -> Result<String, SourceError> {
    let unreadable = |reason: String| SourceError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let bytes = tree
        .read(path)
        .map_err(|error| unreadable(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| SourceError::NotFound(path.to_owned()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
