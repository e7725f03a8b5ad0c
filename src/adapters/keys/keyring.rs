//! The keyring of the operating system, asked from a thread of its own so that one that hangs holds up nobody.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use tokio::sync::oneshot;

use crate::adapters::variables::Variables;

/// Under which name everything stands in the keyring.
const SERVICE: &str = "portcullis";

/// How long the keyring may take to answer. A person who has to unlock it first is not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the keyring did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("there is no session with a keyring here")]
    Absent,
    #[error("the keyring of this session did not answer within a second; it may be locked")]
    Silent,
    #[error("the keyring of this session is locked, or has no collection")]
    Locked,
    #[error("the keyring of this session refused")]
    Refused,
}

impl From<Error> for Trouble {
    // What the keyring says in its own words is not passed on: it may quote what it was given.
    fn from(error: Error) -> Self {
        match error {
            Error::NoStorageAccess(_) => Self::Locked,
            _ => Self::Refused,
        }
    }
}

enum Wish {
    Get,
    Put(SecretString),
    Forget,
}

struct Job {
    name: String,
    wish: Wish,
    answer: oneshot::Sender<Result<Option<SecretString>, Trouble>>,
}

/// A keyring that answered once.
pub(super) struct Keyring {
    jobs: mpsc::Sender<Job>,
    silent: AtomicBool,
}

impl Keyring {
    /// Looks for the keyring of this session.
    pub(super) async fn reach(variables: &Variables) -> Result<Self, Trouble> {
        if !has_session(variables) {
            return Err(Trouble::Absent);
        }
        let (jobs, wishes) = mpsc::channel();
        let (tell, ready) = oneshot::channel();
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || serve(tell, &wishes))
            .map_err(|_| Trouble::Refused)?;
        in_time(ready).await?;
        Ok(Self {
            jobs,
            silent: AtomicBool::new(false),
        })
    }

    pub(super) async fn get(&self, name: &str) -> Result<Option<SecretString>, Trouble> {
        self.ask(name, Wish::Get).await
    }

    pub(super) async fn put(&self, name: &str, value: SecretString) -> Result<(), Trouble> {
        self.ask(name, Wish::Put(value)).await.map(drop)
    }

    /// Tells whether there was something.
    pub(super) async fn forget(&self, name: &str) -> Result<bool, Trouble> {
        let was = self.ask(name, Wish::Forget).await?;
        Ok(was.is_some())
    }

    async fn ask(&self, name: &str, wish: Wish) -> Result<Option<SecretString>, Trouble> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(Trouble::Silent);
        }
        let (answer, answered) = oneshot::channel();
        let job = Job {
            name: name.to_owned(),
            wish,
            answer,
        };
        self.jobs.send(job).map_err(|_| Trouble::Refused)?;
        let answered = in_time(answered).await;
        // Its thread may hang for good: nobody waits for it a second time.
        let is_silent = matches!(answered, Err(Trouble::Silent));
        self.silent.store(is_silent, Ordering::Relaxed);
        answered
    }
}

async fn in_time<T>(answer: oneshot::Receiver<Result<T, Trouble>>) -> Result<T, Trouble> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => answer.unwrap_or(Err(Trouble::Refused)),
        Err(_) => Err(Trouble::Silent),
    }
}

fn serve(ready: oneshot::Sender<Result<(), Trouble>>, wishes: &mpsc::Receiver<Job>) {
    let store = match open() {
        Ok(store) => store,
        Err(error) => {
            let _ = ready.send(Err(error.into()));
            return;
        }
    };
    if ready.send(Ok(())).is_err() {
        return;
    }
    while let Ok(Job { name, wish, answer }) = wishes.recv() {
        // Whoever asked may have given up, and then must not be surprised later.
        if !answer.is_closed() {
            let _ = answer.send(fulfil(&store, &name, wish));
        }
    }
}

fn fulfil(
    store: &Arc<CredentialStore>,
    name: &str,
    wish: Wish,
) -> Result<Option<SecretString>, Trouble> {
    let entry = Entry::new_in_store(store, SERVICE, name)?;
    match wish {
        Wish::Get => kept(&entry),
        Wish::Put(value) => {
            entry.set_secret(value.expose_secret().as_bytes())?;
            Ok(None)
        }
        Wish::Forget => {
            let was = kept(&entry)?;
            if was.is_some() {
                entry.delete_credential()?;
            }
            Ok(was)
        }
    }
}

fn kept(entry: &Entry) -> Result<Option<SecretString>, Trouble> {
    match entry.get_secret() {
        Ok(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let text = str::from_utf8(&bytes).map_err(|_| Trouble::Refused)?;
            Ok(Some(SecretString::from(text)))
        }
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(target_os = "linux")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

/// Whether there is a session to ask at all; a server has none, and is not kept waiting.
pub(super) fn has_session(variables: &Variables) -> bool {
    if cfg!(target_os = "macos") {
        return true;
    }
    let socket = |folder: &str| Path::new(folder).join("bus").exists();
    match variables.get("DBUS_SESSION_BUS_ADDRESS") {
        Some("disabled:") => false,
        Some(_) => true,
        None => variables.get("XDG_RUNTIME_DIR").is_some_and(socket),
    }
}

/// What a person calls it.
pub(super) const NAME: &str = if cfg!(target_os = "macos") {
    "the login keychain"
} else {
    "the keyring of this session (Secret Service)"
};

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_session_nothing_is_asked() {
        for variables in [
            Variables::default(),
            Variables::new([("XDG_RUNTIME_DIR", "/nowhere")]),
            Variables::new([("DBUS_SESSION_BUS_ADDRESS", "disabled:")]),
        ] {
            let reached = Keyring::reach(&variables).await.err();
            assert_eq!(reached, Some(Trouble::Absent));
        }
    }
}
