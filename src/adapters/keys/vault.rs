//! The file of keys, for machines without a keyring: small, closed, replaced as a whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};

use super::opener::{OpenError, Opener};
use crate::adapters::store::private;

/// A larger file is not ours.
const LARGEST: u64 = 1024 * 1024;

/// The file, and what opens it.
pub(super) struct Vault {
    path: PathBuf,
    opener: Opener,
}

/// What is kept, by name.
type Kept = BTreeMap<String, SecretString>;

impl Vault {
    pub(super) fn new(path: PathBuf, opener: Opener) -> Self {
        Self { path, opener }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<SecretString>, OpenError> {
        Ok(self.read()?.remove(name))
    }

    pub(super) fn put(&self, name: &str, value: SecretString) -> Result<(), OpenError> {
        let _lock = self.lock()?;
        let mut kept = self.read()?;
        kept.insert(name.to_owned(), value);
        self.write(&kept)
    }

    /// What is kept under a name; made and kept first if there is nothing.
    pub(super) fn get_or_put(
        &self,
        name: &str,
        make: impl FnOnce() -> SecretString,
    ) -> Result<SecretString, OpenError> {
        let _lock = self.lock()?;
        let mut kept = self.read()?;
        if let Some(found) = kept.remove(name) {
            return Ok(found);
        }
        let made = make();
        kept.insert(name.to_owned(), made.clone());
        self.write(&kept)?;
        Ok(made)
    }

    /// Tells whether there was something.
    pub(super) fn forget(&self, name: &str) -> Result<bool, OpenError> {
        let _lock = self.lock()?;
        let mut kept = self.read()?;
        let was = kept.remove(name).is_some();
        if was {
            self.write(&kept)?;
        }
        Ok(was)
    }

    /// Whether what is to open it does.
    pub(super) fn try_open(&self) -> Result<(), OpenError> {
        self.opener.check()?;
        self.read().map(drop)
    }

    /// The same file, closed with something else from now on.
    pub(super) fn close_with(&self, opener: Opener) -> Result<Self, OpenError> {
        let _lock = self.lock()?;
        let kept = self.read()?;
        let new = Self::new(self.path.clone(), opener);
        new.write(&kept)?;
        Ok(new)
    }

    fn read(&self) -> Result<Kept, OpenError> {
        let Some(closed) = contents(&self.path)? else {
            return Ok(Kept::new());
        };
        let plain = self.opener.open(&closed)?;
        let kept: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|_| OpenError::Damaged)?;
        Ok(kept.into_iter().map(|(k, v)| (k, v.into())).collect())
    }

    fn write(&self, kept: &Kept) -> Result<(), OpenError> {
        let plain: BTreeMap<_, _> = kept.iter().map(|(k, v)| (k, v.expose_secret())).collect();
        let plain = serde_json::to_vec(&plain).map_err(|_| OpenError::Damaged)?;
        let closed = self.opener.close(&Zeroizing::new(plain))?;
        private::replace(&self.path, &closed).map_err(|error| self.unwritable(&error))
    }

    fn lock(&self) -> Result<File, OpenError> {
        lock(&self.path).map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> OpenError {
        OpenError::Unwritable(self.path.display().to_string(), error.kind())
    }
}

/// Held while keys are changed: two programs that start together must not make two keys.
pub(super) fn lock(keys: &Path) -> io::Result<File> {
    let path = keys.with_extension("lock");
    private::folder(path.parent().unwrap_or(Path::new(".")))?;
    private::file(&path)?;
    let file = File::open(&path)?;
    rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

/// What is in a file of keys; `None` when there is none.
pub(super) fn contents(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    let fails = |kind| OpenError::Unreadable(path.display().to_string(), kind);
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fails(error.kind())),
        Ok(found) if found.len() > LARGEST => return Err(OpenError::Damaged),
        Ok(_) => {}
    }
    std::fs::read(path)
        .map(Some)
        .map_err(|error| fails(error.kind()))
}
