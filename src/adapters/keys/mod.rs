//! What Portcullis keeps for itself: in the keyring of the session, else in a file that is closed as well as it can be.

mod heads;
mod keyring;
mod opener;
mod sealed;
mod sealer;
mod vault;

pub use sealed::SealedLedger;
pub use sealer::LedgerSealer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::RwLock;

use self::keyring::{Keyring, Trouble};
use self::opener::{OpenError, Opener};
use self::vault::Vault;
use super::variables::Variables;
use crate::domain::failure::{Failure, FailureKind};
use crate::ports::keys::{Keys, Place, PlaceKind, Protection};

/// Names the file with the age key that opens the file of keys.
pub const KEY_FILE: &str = "PORTCULLIS_KEY_FILE";
/// Names the file with the passphrase that opens it.
pub const PASSPHRASE_FILE: &str = "PORTCULLIS_KEY_PASSPHRASE_FILE";

/// How often a person may mistype a passphrase.
const TRIES: usize = 3;

/// Asks a person for the passphrase of this file; `None` when nobody can be asked.
pub type Ask = Arc<dyn Fn(&Path) -> Option<SecretString> + Send + Sync>;

/// What the place of keys depends on.
#[derive(Clone)]
pub struct KeySettings {
    /// The folder for files.
    pub state: PathBuf,
    /// The environment.
    pub variables: Variables,
    /// Whether the keyring may be used; the sandbox holds nothing that belongs there.
    pub keyring: bool,
    /// How a person is asked for a passphrase.
    pub ask: Option<Ask>,
}

impl KeySettings {
    fn file(&self) -> PathBuf {
        self.state.join("keys.age")
    }

    /// The file of keys, if a person has to be asked for its passphrase as far as can be told
    /// without asking a keyring: the console asks before it takes the screen.
    pub fn wants_passphrase(&self) -> Option<PathBuf> {
        let named = [KEY_FILE, PASSPHRASE_FILE];
        let is_named = named.iter().any(|name| self.variables.get(name).is_some());
        let has_keyring = self.keyring && keyring::has_session(&self.variables);
        let closed = || vault::contents(&self.file()).ok().flatten();
        (!is_named && !has_keyring && opener::wants_passphrase(&closed()?)).then(|| self.file())
    }
}

/// The keys of this machine. The place is chosen when something is first wanted.
pub struct SystemKeys {
    settings: KeySettings,
    chosen: RwLock<Option<Arc<Chosen>>>,
}

enum Chosen {
    Keyring(Keyring),
    File(PlaceKind, Arc<Vault>),
    Nowhere(Place),
}

/// Why something was not kept or found.
#[derive(Debug, thiserror::Error)]
enum KeyError {
    #[error("{0}")]
    Keyring(#[from] Trouble),
    #[error("the file of keys: {0}")]
    File(#[from] OpenError),
    #[error("{0}")]
    Nowhere(String),
}

impl SystemKeys {
    /// Keys with these settings; nothing is looked at yet.
    pub fn new(settings: KeySettings) -> Self {
        Self {
            settings,
            chosen: RwLock::new(None),
        }
    }

    /// The folder for files.
    pub fn folder(&self) -> &Path {
        &self.settings.state
    }

    async fn chosen(&self) -> Arc<Chosen> {
        if let Some(chosen) = self.chosen.read().await.as_ref() {
            return Arc::clone(chosen);
        }
        let mut place = self.chosen.write().await;
        if let Some(chosen) = place.as_ref() {
            return Arc::clone(chosen);
        }
        let chosen = Arc::new(self.choose().await);
        *place = Some(Arc::clone(&chosen));
        chosen
    }

    /// What a person named comes first, then the keyring, then a file.
    async fn choose(&self) -> Chosen {
        let file = self.settings.file();
        let variables = &self.settings.variables;
        if let Some(path) = variables.get(KEY_FILE) {
            let path = PathBuf::from(path);
            let opener = Opener::Key { path, make: false };
            return opened(file, PlaceKind::KeyFile, opener).await;
        }
        if let Some(path) = variables.get(PASSPHRASE_FILE) {
            return match Opener::passphrase_in(Path::new(path)) {
                Ok(opener) => opened(file, PlaceKind::Passphrase, opener).await,
                Err(error) => nowhere(&file, &error.to_string()),
            };
        }
        let reached = if self.settings.keyring {
            Keyring::reach(variables).await
        } else {
            Err(Trouble::Absent)
        };
        match reached {
            Ok(keyring) => Chosen::Keyring(keyring),
            Err(_) => self.file(file).await,
        }
    }

    async fn file(&self, file: PathBuf) -> Chosen {
        let beside = file.with_extension("key");
        let closed = match vault::contents(&file) {
            Ok(closed) => closed,
            Err(error) => return nowhere(&file, &error.to_string()),
        };
        match closed {
            Some(closed) if opener::wants_passphrase(&closed) => self.asked(file).await,
            Some(_) if !beside.exists() => nowhere(
                &file,
                &format!("it opens with a key file that is not here: set {KEY_FILE}"),
            ),
            _ => {
                let (path, make) = (beside, true);
                let opener = Opener::Key { path, make };
                Chosen::File(PlaceKind::Open, Arc::new(Vault::new(file, opener)))
            }
        }
    }

    async fn asked(&self, file: PathBuf) -> Chosen {
        for _ in 0..TRIES {
            let ask = self.settings.ask.clone();
            let path = file.clone();
            let passphrase = blocking(move || ask.and_then(|ask| ask(&path))).await;
            let Some(passphrase) = passphrase else { break };
            let opener = Opener::Passphrase(passphrase);
            let chosen = opened(file.clone(), PlaceKind::Passphrase, opener).await;
            if matches!(chosen, Chosen::File(..)) {
                return chosen;
            }
        }
        nowhere(
            &file,
            &format!(
                "it opens with a passphrase, which nobody gave; {PASSPHRASE_FILE} may name a file with it"
            ),
        )
    }

    async fn try_protect(&self, with: Protection) -> Result<(), KeyError> {
        let chosen = self.chosen().await;
        let Chosen::File(was, vault) = &*chosen else {
            return Err(KeyError::Nowhere(match &*chosen {
                Chosen::Nowhere(place) => place.words.clone(),
                _ => format!("keys are kept in {}, not in a file", keyring::NAME),
            }));
        };
        let (kind, opener) = match with {
            Protection::Passphrase(passphrase) => {
                (PlaceKind::Passphrase, Opener::Passphrase(passphrase))
            }
            Protection::KeyFile(path) => (PlaceKind::KeyFile, Opener::Key { path, make: true }),
        };
        let new = Self::in_vault(vault, move |vault| vault.close_with(opener)).await?;
        if *was == PlaceKind::Open {
            let _ = std::fs::remove_file(vault.path().with_extension("key"));
        }
        *self.chosen.write().await = Some(Arc::new(Chosen::File(kind, Arc::new(new))));
        Ok(())
    }

    async fn in_vault<T: Send + 'static>(
        vault: &Arc<Vault>,
        act: impl FnOnce(&Vault) -> Result<T, OpenError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let vault = Arc::clone(vault);
        Ok(blocking(move || act(&vault)).await?)
    }

    async fn try_get(&self, name: &str) -> Result<Option<SecretString>, KeyError> {
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => Ok(keyring.get(name).await?),
            Chosen::File(_, vault) => {
                let name = name.to_owned();
                Self::in_vault(vault, move |vault| vault.get(&name)).await
            }
            Chosen::Nowhere(place) => Err(KeyError::Nowhere(place.words.clone())),
        }
    }

    /// What is kept under a name; made and kept first if there is nothing.
    async fn get_or_make(
        &self,
        name: &str,
        make: fn() -> SecretString,
    ) -> Result<SecretString, KeyError> {
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => {
                let file = self.settings.file();
                // Without the lock two keys may be made at the same time, of which one counts.
                let _lock = blocking(move || vault::lock(&file)).await.ok();
                if let Some(found) = keyring.get(name).await? {
                    return Ok(found);
                }
                let made = make();
                keyring.put(name, made.clone()).await?;
                Ok(made)
            }
            Chosen::File(_, vault) => {
                let name = name.to_owned();
                Self::in_vault(vault, move |vault| vault.get_or_put(&name, make)).await
            }
            Chosen::Nowhere(place) => Err(KeyError::Nowhere(place.words.clone())),
        }
    }

    async fn try_put(&self, name: &str, value: SecretString) -> Result<(), KeyError> {
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => Ok(keyring.put(name, value).await?),
            Chosen::File(_, vault) => {
                let name = name.to_owned();
                Self::in_vault(vault, move |vault| vault.put(&name, value)).await
            }
            Chosen::Nowhere(place) => Err(KeyError::Nowhere(place.words.clone())),
        }
    }

    async fn try_forget(&self, name: &str) -> Result<bool, KeyError> {
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => Ok(keyring.forget(name).await?),
            Chosen::File(_, vault) => {
                let name = name.to_owned();
                Self::in_vault(vault, move |vault| vault.forget(&name)).await
            }
            Chosen::Nowhere(place) => Err(KeyError::Nowhere(place.words.clone())),
        }
    }
}

/// Work that takes a while and must not hold up the others.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .expect("this work does not panic, and nobody cancels it")
}

/// The file, if what is to open it does.
async fn opened(file: PathBuf, kind: PlaceKind, opener: Opener) -> Chosen {
    let vault = Arc::new(Vault::new(file.clone(), opener));
    let tried = Arc::clone(&vault);
    match blocking(move || tried.try_open()).await {
        Ok(()) => Chosen::File(kind, vault),
        Err(error) => nowhere(&file, &error.to_string()),
    }
}

fn nowhere(file: &Path, why: &str) -> Chosen {
    Chosen::Nowhere(Place {
        kind: PlaceKind::Nowhere,
        name: file.display().to_string(),
        words: format!("{} cannot be used: {why}", file.display()),
    })
}

fn failure(error: &KeyError, doing: &str, name: &str) -> Failure {
    let hint = match error {
        KeyError::Keyring(_) => format!("Unlock it, or name a file with a key in {KEY_FILE}."),
        _ => "docs/seals.md says where keys are kept, and what opens them.".to_owned(),
    };
    Failure::new(
        FailureKind::Unreachable,
        format!("{name} could not be {doing}: {error}"),
        hint,
    )
    .called("keys")
}

#[async_trait]
impl Keys for SystemKeys {
    async fn place(&self) -> Place {
        match &*self.chosen().await {
            Chosen::Keyring(_) => Place {
                kind: PlaceKind::Keyring,
                name: keyring::NAME.to_owned(),
                words: "it guards against other users, tools and copies of the disk, not against a program that runs as you while it is unlocked".to_owned(),
            },
            Chosen::File(kind, vault) => Place {
                kind: *kind,
                name: vault.path().display().to_string(),
                words: guards(*kind).to_owned(),
            },
            Chosen::Nowhere(place) => place.clone(),
        }
    }

    async fn get(&self, name: &str) -> Result<Option<SecretString>, Failure> {
        let found = self.try_get(name).await;
        found.map_err(|error| failure(&error, "read", name))
    }

    async fn put(&self, name: &str, value: SecretString) -> Result<(), Failure> {
        let done = self.try_put(name, value).await;
        done.map_err(|error| failure(&error, "kept", name))
    }

    async fn forget(&self, name: &str) -> Result<bool, Failure> {
        let done = self.try_forget(name).await;
        done.map_err(|error| failure(&error, "forgotten", name))
    }

    async fn protect(&self, with: Protection) -> Result<Place, Failure> {
        let done = self.try_protect(with).await;
        done.map_err(|error| failure(&error, "closed anew", "the file of keys"))?;
        Ok(self.place().await)
    }
}

fn guards(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::Passphrase => {
            "a passphrase opens it; it guards against whoever does not know that"
        }
        PlaceKind::KeyFile => {
            "another file opens it; it guards against whoever cannot read that file"
        }
        _ => {
            "its key lies beside it: it guards against tools and accidents, not against the owner of this account or a copy of the folder"
        }
    }
}

#[cfg(test)]
mod tests;
