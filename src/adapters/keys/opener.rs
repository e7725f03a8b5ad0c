//! What opens the file of keys: a passphrase, or another file.

use std::path::{Path, PathBuf};

use age::{scrypt, x25519};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};

use crate::adapters::store::private;

/// The work that one guess at a passphrase costs, as a power of two: a fifth of a second and 64 MiB.
pub(super) const WORK: u8 = 16;

/// More work than this is no file of ours.
const MOST_WORK: u8 = 20;

/// A larger file is no key.
const LARGEST: u64 = 64 * 1024;

/// Why a file of keys does not open.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, std::io::ErrorKind),
    #[error("{0} holds no age key (a line that begins with AGE-SECRET-KEY-1)")]
    NoKey(String),
    #[error("{0} holds no passphrase")]
    NoPassphrase(String),
    #[error("{0} does not open it")]
    Wrong(&'static str),
    #[error("it is damaged")]
    Damaged,
    #[error("{0} cannot be written: {1}")]
    Unwritable(String, std::io::ErrorKind),
}

/// What opens the file of keys.
pub(super) enum Opener {
    /// A passphrase.
    Passphrase(SecretString),
    /// A file with an age key.
    Key {
        /// The file.
        path: PathBuf,
        /// Whether it is made when it is not there.
        make: bool,
    },
}

impl Opener {
    /// The passphrase in a file: its first line.
    pub(super) fn passphrase_in(path: &Path) -> Result<Self, OpenError> {
        let text = read(path)?;
        let line = text.lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(OpenError::NoPassphrase(path.display().to_string()));
        }
        Ok(Self::Passphrase(SecretString::from(line)))
    }

    /// Whether it is there.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        match self {
            Self::Key { path, make: false } => key(path).map(drop),
            _ => Ok(()),
        }
    }

    /// Closes something.
    pub(super) fn close(&self, plain: &[u8]) -> Result<Vec<u8>, OpenError> {
        let closed = match self {
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.clone());
                recipient.set_work_factor(WORK);
                age::encrypt(&recipient, plain)
            }
            Self::Key { path, make } => {
                let key = if *make { made(path)? } else { key(path)? };
                age::encrypt(&key.to_public(), plain)
            }
        };
        closed.map_err(|_| OpenError::Damaged)
    }

    /// Opens something.
    pub(super) fn open(&self, closed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (plain, what) = match self {
            Self::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(passphrase.clone());
                identity.set_max_work_factor(MOST_WORK);
                (age::decrypt(&identity, closed), "this passphrase")
            }
            Self::Key { path, .. } => (age::decrypt(&key(path)?, closed), "this key file"),
        };
        plain.map(Zeroizing::new).map_err(|error| match error {
            age::DecryptError::NoMatchingKeys
            | age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed => OpenError::Wrong(what),
            _ => OpenError::Damaged,
        })
    }
}

/// Whether it opens with a passphrase.
pub(super) fn wants_passphrase(closed: &[u8]) -> bool {
    age::Decryptor::new_buffered(closed).is_ok_and(|file| file.is_scrypt())
}

fn key(path: &Path) -> Result<x25519::Identity, OpenError> {
    let text = read(path)?;
    let keys = text.lines().map(str::trim).filter(|l| !l.starts_with('#'));
    let mut keys = keys.filter_map(|line| line.parse().ok());
    keys.next()
        .ok_or_else(|| OpenError::NoKey(path.display().to_string()))
}

/// The key in a file, which is made if it is not there.
fn made(path: &Path) -> Result<x25519::Identity, OpenError> {
    if !path.exists() {
        let new = x25519::Identity::generate().to_string();
        let text = Zeroizing::new(format!(
            "# Opens what Portcullis keeps in keys.age.\n{}\n",
            new.expose_secret()
        ));
        private::replace(path, text.as_bytes())
            .map_err(|error| OpenError::Unwritable(path.display().to_string(), error.kind()))?;
    }
    key(path)
}

fn read(path: &Path) -> Result<Zeroizing<String>, OpenError> {
    let fails = |kind: std::io::ErrorKind| OpenError::Unreadable(path.display().to_string(), kind);
    let found = path.metadata().map_err(|error| fails(error.kind()))?;
    if found.len() > LARGEST {
        return Err(fails(std::io::ErrorKind::FileTooLarge));
    }
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| fails(error.kind()))
}
