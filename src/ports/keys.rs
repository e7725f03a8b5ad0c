//! What Portcullis keeps for itself, and the key that seals the ledger.

use std::path::PathBuf;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Serialize;

use crate::domain::failure::Failure;
use crate::domain::ledger::{Checked, Head, Seal};

/// The key that seals the head of the ledger.
pub const SEAL_KEY: &str = "ledger-seal";
/// How the team's ledger is reached, with its password.
pub const SHARED_LEDGER: &str = "shared-ledger";

/// Seals heads with a key that was loaded before, so that nobody waits while the ledger is held.
pub trait Sealer: Send + Sync {
    /// Seals a head; `None` when there is no key at hand.
    fn seal(&self, head: &Head) -> Option<Seal>;
    /// Checks a seal.
    fn check(&self, seal: &Seal) -> Checked;
    /// How far the ledger had come as the place of the key remembers it, whatever the ledger itself says.
    fn remembered(&self) -> Option<Head> {
        None
    }
}

/// Seals nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSealer;

impl Sealer for NoSealer {
    fn seal(&self, _: &Head) -> Option<Seal> {
        None
    }

    fn check(&self, _: &Seal) -> Checked {
        Checked::NoKey
    }
}

/// Where keys are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// The keyring of the operating system.
    Keyring,
    /// A file that only a passphrase opens.
    Passphrase,
    /// A file that only another file opens.
    KeyFile,
    /// A file that its owner, and whoever acts as its owner, can read.
    Open,
    /// Nowhere.
    Nowhere,
}

/// Where keys are kept, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Its name: a keyring's, a file's.
    pub name: String,
    /// Against what it guards, or why it cannot be used, in one sentence.
    pub words: String,
}

/// What shall open the file of keys from now on.
pub enum Protection {
    /// A passphrase.
    Passphrase(SecretString),
    /// A file with an age key, which is made if it is not there.
    KeyFile(PathBuf),
}

/// What Portcullis keeps for itself. Nothing is asked before something is wanted.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Where it is kept.
    async fn place(&self) -> Place;
    /// What is kept under a name.
    async fn get(&self, name: &str) -> Result<Option<SecretString>, Failure>;
    /// Keeps something under a name, instead of what was kept.
    async fn put(&self, name: &str, value: SecretString) -> Result<(), Failure>;
    /// Forgets what is kept under a name; tells whether there was something.
    async fn forget(&self, name: &str) -> Result<bool, Failure>;
    /// Closes the file of keys with something else; a failure where no such file is used.
    async fn protect(&self, with: Protection) -> Result<Place, Failure>;
}
