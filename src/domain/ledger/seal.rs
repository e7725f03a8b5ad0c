//! Seals: a keyed mark on the head of the ledger, so that cutting its end off is seen.
//!
//! The chain of hashes alone shows an edit in the middle; whoever cuts off the end leaves a
//! shorter chain that is sound. A seal says how far the ledger had come, and only the key makes one.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox, SecretString, zeroize::Zeroizing};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Broken, Entry};
use crate::domain::digest::Digest;

/// What a seal is made over stands before everything else, so that no other use of the key can be taken for one.
const DOMAIN: &[u8] = b"portcullis ledger seal, version 1\0";
/// The same for the name of the key.
const NAMING: &[u8] = b"portcullis ledger seal key, version 1\0";
/// Digits of a key's name.
const NAME: usize = 16;
/// Bytes of a key.
const LENGTH: usize = 32;

/// How far the ledger has come: its last entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the entry.
    pub seq: u64,
    /// Its hash, which stands for everything up to it.
    pub hash: Digest,
}

impl From<&Entry> for Head {
    fn from(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            hash: entry.hash.clone(),
        }
    }
}

/// A head under a key. The newest one of each key is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// What is sealed.
    #[serde(flatten)]
    pub head: Head,
    /// Which key sealed it: a short digest of the key.
    pub key: String,
    /// The mark, in hexadecimal.
    pub mac: String,
}

/// A key that seals; it does not print and is zeroed on drop.
pub struct SealKey {
    bytes: SecretBox<[u8; LENGTH]>,
    id: String,
}

impl SealKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; LENGTH]) -> Self {
        let bytes = SecretBox::new(Box::new(bytes));
        let id = mark(&bytes, &[NAMING]).finalize().into_bytes();
        Self {
            id: hex::encode(id)[..NAME].to_owned(),
            bytes,
        }
    }

    /// Reads a key as it is kept; `None` when it is none.
    pub fn read(kept: &SecretString) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        hex::decode_to_slice(kept.expose_secret().trim(), bytes.as_mut()).ok()?;
        Some(Self::new(*bytes))
    }

    /// The key as it is kept.
    pub fn kept(&self) -> SecretString {
        SecretString::from(hex::encode(self.bytes.expose_secret()))
    }

    /// The name of the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a head.
    pub fn seal(&self, head: &Head) -> Seal {
        Seal {
            head: head.clone(),
            key: self.id.clone(),
            mac: hex::encode(self.over(head).finalize().into_bytes()),
        }
    }

    /// Checks a seal, in a time that does not tell where it is wrong.
    pub fn check(&self, seal: &Seal) -> Checked {
        if seal.key != self.id {
            return Checked::OtherKey;
        }
        let mac = hex::decode(&seal.mac).unwrap_or_default();
        match self.over(&seal.head).verify_slice(&mac) {
            Ok(()) => Checked::Good,
            Err(_) => Checked::Bad,
        }
    }

    fn over(&self, head: &Head) -> Hmac<Sha256> {
        let hash = head.hash.as_str().as_bytes();
        mark(&self.bytes, &[DOMAIN, &head.seq.to_be_bytes(), hash])
    }
}

fn mark(key: &SecretBox<[u8; LENGTH]>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("HMAC takes any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

/// What a look at one seal tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The key at hand made it.
    Good,
    /// It names the key at hand, which did not make it.
    Bad,
    /// Another key made it, or says so.
    OtherKey,
    /// There is no key at hand.
    NoKey,
}

/// Something that says how far the ledger had come, beside what stands in the ledger there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// How far it had come.
    pub head: Head,
    /// How far that can be trusted.
    pub checked: Checked,
    /// The hash of the entry that has this number now.
    pub found: Option<Digest>,
}

/// What the seals say about a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SealState {
    /// There is no seal: its end can be cut off unseen.
    Unsealed,
    /// It is sealed, but not by the key at hand: nothing is proven here.
    Unproven {
        /// The last entry under such a seal.
        seq: u64,
    },
    /// It is whole up to this entry.
    Sealed {
        /// The last entry under a seal of the key at hand.
        seq: u64,
    },
    /// Somebody without the key made a seal in its name.
    Forged {
        /// The entry that it names.
        seq: u64,
    },
    /// It had come further than it reaches now.
    Truncated {
        /// How far it had come.
        seq: u64,
        /// How far it reaches.
        last: u64,
    },
    /// Another entry stands where a sealed one was.
    Rewritten {
        /// The entry.
        seq: u64,
    },
}

impl SealState {
    /// Judges a ledger that reaches to `last` (0 when it is empty). What contradicts the ledger
    /// counts whoever made it: a seal is written together with its entry, so no honest one does.
    pub fn judge(last: u64, witnesses: &[Witness]) -> Self {
        let newest = |is: fn(&Witness) -> bool| {
            let seqs = witnesses.iter().filter(|w| is(w)).map(|w| w.head.seq);
            seqs.max()
        };
        let beyond = witnesses.iter().map(|w| w.head.seq).filter(|s| *s > last);
        if let Some(seq) = beyond.max() {
            return Self::Truncated { seq, last };
        }
        let rewritten = witnesses
            .iter()
            .filter(|w| w.found.as_ref() != Some(&w.head.hash));
        if let Some(seq) = rewritten.map(|w| w.head.seq).min() {
            return Self::Rewritten { seq };
        }
        if let Some(seq) = newest(|w| w.checked == Checked::Bad) {
            return Self::Forged { seq };
        }
        match newest(|w| w.checked == Checked::Good) {
            Some(seq) => Self::Sealed { seq },
            None => newest(|_| true).map_or(Self::Unsealed, |seq| Self::Unproven { seq }),
        }
    }

    /// Whether the ledger contradicts its seals.
    pub fn is_broken(&self) -> bool {
        matches!(
            self,
            Self::Forged { .. } | Self::Truncated { .. } | Self::Rewritten { .. }
        )
    }
}

/// What a check of the whole ledger found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soundness {
    /// The number of its last entry; of the last sound one when the chain is broken.
    pub entries: u64,
    /// Where the chain is broken.
    pub broken: Option<Broken>,
    /// What its seals say.
    pub seal: SealState,
}

impl Soundness {
    /// Whether nothing speaks against the ledger.
    pub fn is_sound(&self) -> bool {
        self.broken.is_none() && !self.seal.is_broken()
    }
}

#[cfg(test)]
mod tests;
