//! Secrets and their versions.

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The bytes of a secret version.
///
/// The sandbox's secrets are made up, so that its state file may hold them; they are still kept out of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload(Vec<u8>);

impl Payload {
    /// A payload of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for the one who has been let through.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The checksum that Secret Manager sends along.
    pub fn crc32c(&self) -> i64 {
        i64::from(crc32c::crc32c(&self.0))
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// Where the payloads of a secret are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Replication {
    /// Google chooses.
    Automatic,
    /// In these regions.
    UserManaged(Vec<String>),
}

/// A secret with all its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// The last part of `projects/P/secrets/ID`.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Where payloads are kept.
    pub replication: Replication,
    /// Names for version numbers.
    pub aliases: BTreeMap<String, u64>,
    /// Changes with every change.
    pub etag: String,
    /// Oldest first; the number of a version is its place plus one.
    pub versions: Vec<SecretVersion>,
}

impl Secret {
    /// The newest version, whatever its state: that is what `latest` means.
    pub fn latest(&self) -> Option<&SecretVersion> {
        self.versions.last()
    }
}

/// The state of a secret version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum VersionState {
    /// May be accessed.
    Enabled,
    /// May not be accessed until it is enabled again.
    Disabled,
    /// The payload is gone for good.
    Destroyed,
}

impl VersionState {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::Destroyed => "DESTROYED",
        }
    }
}

/// One version of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// 1, 2, 3, …
    pub number: u64,
    /// Its state.
    pub state: VersionState,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// Changes with every change.
    pub etag: String,
    /// The bytes; empty after destruction.
    pub payload: Payload,
    /// Whether whoever added it sent a checksum.
    pub checksum_given: bool,
}
