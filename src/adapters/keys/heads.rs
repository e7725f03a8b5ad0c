//! How far a ledger had come, remembered apart from it: an older copy of the ledger, seal and all, shows against it.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Chosen, SystemKeys};
use crate::adapters::store::private;
use crate::domain::ledger::Seal;

/// Where the newest seal of a ledger is remembered. Nobody who fails here is told: a ledger
/// without such a memory is no worse than one whose keys have no place.
impl SystemKeys {
    /// Remembers a seal instead of the one before.
    pub(super) async fn remember(&self, ledger: &str, seal: &Seal) {
        let Ok(text) = serde_json::to_string(seal) else {
            return;
        };
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => {
                let _ = keyring.put(&name(ledger), SecretString::from(text)).await;
            }
            Chosen::File(..) => {
                let path = self.head_file(ledger);
                let write = move || private::replace(&path, text.as_bytes());
                let _ = super::blocking(write).await;
            }
            Chosen::Nowhere(_) => {}
        }
    }

    /// The seal that was remembered last.
    pub(super) async fn remembered(&self, ledger: &str) -> Option<Seal> {
        let text = match &*self.chosen().await {
            Chosen::Keyring(keyring) => {
                let kept = keyring.get(&name(ledger)).await.ok()??;
                kept.expose_secret().to_owned()
            }
            Chosen::File(..) => std::fs::read_to_string(self.head_file(ledger)).ok()?,
            Chosen::Nowhere(_) => return None,
        };
        serde_json::from_str(&text).ok()
    }

    /// Forgets it; tells whether there was one.
    pub(in crate::adapters) async fn forget_head(&self, ledger: &str) -> bool {
        match &*self.chosen().await {
            Chosen::Keyring(keyring) => keyring.forget(&name(ledger)).await.unwrap_or(false),
            Chosen::File(..) => std::fs::remove_file(self.head_file(ledger)).is_ok(),
            Chosen::Nowhere(_) => false,
        }
    }

    fn head_file(&self, ledger: &str) -> PathBuf {
        self.folder().join("heads").join(format!("{ledger}.json"))
    }
}

fn name(ledger: &str) -> String {
    format!("ledger-head-{ledger}")
}
