//! The key that seals one ledger, loaded once, and how far that ledger had come as its place remembers.

use std::sync::{Arc, Mutex, OnceLock};

use secrecy::SecretString;

use super::SystemKeys;
use crate::domain::ledger::{Checked, Head, Seal, SealKey};
use crate::ports::keys::{SEAL_KEY, Sealer};

/// Seals one ledger.
pub struct LedgerSealer {
    keys: Arc<SystemKeys>,
    /// A name of the ledger that is short and holds nothing but letters, digits and dashes.
    ledger: String,
    key: OnceLock<SealKey>,
    remembered: Mutex<Option<Head>>,
    looked: tokio::sync::Mutex<Looked>,
}

/// How hard the key was looked for: a place that did not answer is not asked again by the same program.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
enum Looked {
    #[default]
    Never,
    ForOne,
    ToMakeOne,
}

impl LedgerSealer {
    /// A sealer for the ledger of this name; nothing is loaded yet.
    pub fn new(keys: Arc<SystemKeys>, ledger: String) -> Self {
        Self {
            keys,
            ledger,
            key: OnceLock::new(),
            remembered: Mutex::default(),
            looked: tokio::sync::Mutex::default(),
        }
    }

    /// Loads the key; makes one, if that is wanted, where there is none.
    pub(super) async fn load(&self, make: bool) {
        let wanted = if make {
            Looked::ToMakeOne
        } else {
            Looked::ForOne
        };
        if self.key.get().is_some() {
            return;
        }
        let mut looked = self.looked.lock().await;
        if *looked >= wanted {
            return;
        }
        *looked = wanted;
        let kept = if make {
            self.keys.get_or_make(SEAL_KEY, new_key).await.ok()
        } else {
            self.keys.try_get(SEAL_KEY).await.ok().flatten()
        };
        let Some(key) = kept.as_ref().and_then(SealKey::read) else {
            return;
        };
        let seal = self.keys.remembered(&self.ledger).await;
        let seal = seal.filter(|seal| key.check(seal) == Checked::Good);
        *self.memory() = seal.map(|seal| seal.head);
        let _ = self.key.set(key);
    }

    /// Remembers, apart from the ledger, how far it has come.
    pub(super) async fn remember(&self, head: &Head) {
        let is_news = self.remembered().is_none_or(|known| known.seq < head.seq);
        if let Some(seal) = self.seal(head).filter(|_| is_news) {
            self.keys.remember(&self.ledger, &seal).await;
            *self.memory() = Some(seal.head);
        }
    }

    /// Forgets how far the ledger had come; tells whether it was known.
    pub(super) async fn forget(&self) -> bool {
        *self.memory() = None;
        self.keys.forget_head(&self.ledger).await
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Option<Head>> {
        self.remembered
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Sealer for LedgerSealer {
    fn seal(&self, head: &Head) -> Option<Seal> {
        self.key.get().map(|key| key.seal(head))
    }

    fn check(&self, seal: &Seal) -> Checked {
        self.key.get().map_or(Checked::NoKey, |key| key.check(seal))
    }

    fn remembered(&self) -> Option<Head> {
        self.memory().clone()
    }
}

fn new_key() -> SecretString {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    SealKey::new(bytes).kept()
}
