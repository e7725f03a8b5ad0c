//! gcloud's active configuration, so that a machine set up for gcloud just works.

use std::path::{Path, PathBuf};

use super::variables::Variables;

/// What gcloud would use when nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Active {
    /// `core/project`.
    pub project: Option<String>,
    /// `run/region`, else `compute/region`.
    pub region: Option<String>,
    /// `core/account`.
    pub account: Option<String>,
}

/// Reads it as gcloud does: variables win over the files of the active configuration.
pub fn active(variables: &Variables) -> Active {
    let text = folder(variables).and_then(|folder| {
        let name = variables
            .get("CLOUDSDK_ACTIVE_CONFIG_NAME")
            .map(str::to_owned);
        let name = name.or_else(|| read(&folder.join("active_config")));
        let name = name.unwrap_or_else(|| "default".to_owned());
        read(
            &folder
                .join("configurations")
                .join(format!("config_{}", name.trim())),
        )
    });
    let text = text.unwrap_or_default();
    let pick = |variable: &str, places: &[(&str, &str)]| {
        let from_file = || {
            places
                .iter()
                .find_map(|(section, key)| property(&text, section, key))
        };
        variables
            .get(variable)
            .map(str::to_owned)
            .or_else(from_file)
    };
    Active {
        project: pick("CLOUDSDK_CORE_PROJECT", &[("core", "project")]),
        region: pick(
            "CLOUDSDK_RUN_REGION",
            &[("run", "region"), ("compute", "region")],
        ),
        account: pick("CLOUDSDK_CORE_ACCOUNT", &[("core", "account")]),
    }
}

/// Where gcloud keeps its files; unlike Google's library, gcloud honours `CLOUDSDK_CONFIG`.
pub(super) fn folder(variables: &Variables) -> Option<PathBuf> {
    let given = variables.get("CLOUDSDK_CONFIG").map(PathBuf::from);
    given.or_else(|| Some(Path::new(variables.get("HOME")?).join(".config/gcloud")))
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// A property of the INI file that gcloud writes.
fn property(text: &str, section: &str, key: &str) -> Option<String> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            inside = name.trim() == section;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| inside)
            && name.trim() == key
            && !value.trim().is_empty()
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_configuration_counts_and_variables_win() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("configurations")).unwrap();
        std::fs::write(at("active_config"), "work\n").unwrap();
        let text = "[core]\naccount = a@b.c\nproject = p\n[compute]\nregion = asia-south1\n";
        std::fs::write(at("configurations/config_work"), text).unwrap();
        let config = folder.path().display().to_string();
        let found = active(&Variables::new([("CLOUDSDK_CONFIG", config.as_str())]));
        assert_eq!(found.project.as_deref(), Some("p"));
        assert_eq!(found.region.as_deref(), Some("asia-south1"));
        assert_eq!(found.account.as_deref(), Some("a@b.c"));
        let pairs = [
            ("CLOUDSDK_CONFIG", config.as_str()),
            ("CLOUDSDK_CORE_PROJECT", "other"),
        ];
        assert_eq!(
            active(&Variables::new(pairs)).project.as_deref(),
            Some("other")
        );
    }

    #[test]
    fn no_gcloud_is_no_failure() {
        let nowhere = Variables::new([("CLOUDSDK_CONFIG", "/nonexistent")]);
        assert_eq!(active(&nowhere), Active::default());
    }
}
