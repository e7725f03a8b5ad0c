//! This machine: its clock, its folders, and who sits at it.

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::variables::Variables;
use crate::domain::failure::{Failure, FailureKind};
use crate::ports::clock::Clock;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: SignedDuration) {
        tokio::time::sleep(duration.try_into().unwrap_or_default()).await;
    }

    fn new_run_id(&self) -> String {
        ulid::Ulid::new().to_string()
    }
}

/// Where state is kept: what was given, else `$XDG_STATE_HOME/portcullis`.
pub fn state_folder(given: Option<PathBuf>, variables: &Variables) -> Result<PathBuf, Failure> {
    given
        .or_else(|| xdg(variables, "XDG_STATE_HOME", ".local/state"))
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Config,
                "there is no place for the ledger: neither XDG_STATE_HOME nor HOME is set",
                "set HOME, or use --state-dir",
            )
        })
}

/// Where a person's config is: `$XDG_CONFIG_HOME/portcullis`.
pub fn config_folder(variables: &Variables) -> Option<PathBuf> {
    xdg(variables, "XDG_CONFIG_HOME", ".config")
}

/// A base folder of the XDG rules; a relative one is to be ignored, they say.
fn xdg(variables: &Variables, variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name| {
        variables
            .get(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute(variable)
        .or_else(|| Some(absolute("HOME")?.join(below_home)))
        .map(|base| base.join("portcullis"))
}

/// Who acts, when the sign-in does not say: the user of this machine.
pub fn local_actor(variables: &Variables) -> String {
    let user = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| variables.get(name))
        .map_or_else(
            || format!("uid {}", rustix::process::getuid().as_raw()),
            str::to_owned,
        );
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match host.trim() {
        "" => user,
        host => format!("{user}@{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(pairs: &[(&str, &str)]) -> (Option<PathBuf>, Option<PathBuf>) {
        let variables = Variables::new(pairs.iter().copied());
        (
            state_folder(None, &variables).ok(),
            config_folder(&variables),
        )
    }

    #[test]
    fn folders_follow_the_xdg_rules() {
        let home = [("HOME", "/home/ines")];
        let (state, config) = folders(&home);
        assert_eq!(state, Some("/home/ines/.local/state/portcullis".into()));
        assert_eq!(config, Some("/home/ines/.config/portcullis".into()));
        let set = [
            ("HOME", "/h"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_CONFIG_HOME", "relative"),
        ];
        assert_eq!(
            folders(&set),
            (
                Some("/s/portcullis".into()),
                Some("/h/.config/portcullis".into())
            )
        );
        assert_eq!(folders(&[]), (None, None));
    }

    #[test]
    fn a_given_folder_wins() {
        let given = state_folder(Some("/x".into()), &Variables::default()).unwrap();
        assert_eq!(given, PathBuf::from("/x"));
    }

    #[test]
    fn run_ids_differ() {
        assert_ne!(SystemClock.new_run_id(), SystemClock.new_run_id());
    }

    #[test]
    fn somebody_always_acts() {
        assert!(local_actor(&Variables::new([("USER", "ines")])).starts_with("ines"));
        assert!(local_actor(&Variables::default()).starts_with("uid "));
    }
}
