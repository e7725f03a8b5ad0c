//! Secret Manager: secrets, versions, and which version `latest` is.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Number of a secret version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionNumber(pub u64);

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("v{}", self.0))
    }
}

/// Whether a version can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Usable.
    Enabled,
    /// Not usable until enabled.
    Disabled,
    /// Gone for good.
    Destroyed,
    /// A state that is not known here.
    Unknown,
}

impl VersionState {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Destroyed => "destroyed",
            Self::Unknown => "unknown",
        }
    }
}

/// One version of a secret: what may be known without reading its payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// Its number.
    pub version: VersionNumber,
    /// Whether it can be used.
    pub state: VersionState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// Version of this record; a change sent with an old one is refused.
    pub etag: String,
}

/// The versions of one secret, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersions {
    /// Short name of the secret.
    pub secret: String,
    /// Its versions, the newest first.
    pub versions: Vec<SecretVersion>,
}

impl SecretVersions {
    /// What `latest` means: the newest version, **also when it is disabled**.
    pub fn latest(&self) -> Option<&SecretVersion> {
        self.versions.iter().max_by_key(|v| v.version)
    }

    /// The newest version that can be used.
    pub fn newest_enabled(&self) -> Option<&SecretVersion> {
        self.versions
            .iter()
            .filter(|v| v.state == VersionState::Enabled)
            .max_by_key(|v| v.version)
    }

    /// A version by number or by the word `latest`.
    pub fn resolve(&self, reference: &str) -> Option<&SecretVersion> {
        if reference == "latest" {
            return self.latest();
        }
        let number: u64 = reference.trim_start_matches('v').parse().ok()?;
        self.versions.iter().find(|v| v.version.0 == number)
    }
}

/// A secret without its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Short name.
    pub name: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Its labels.
    pub labels: std::collections::BTreeMap<String, String>,
}
