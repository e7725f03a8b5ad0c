//! SHA-256 digests over canonical JSON.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, shown as hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of a value's JSON form; the order of struct fields is part of it.
    pub fn of(value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        debug_assert!(
            !bytes.is_empty(),
            "domain types have string keys and no failing serializers"
        );
        Self::of_bytes(&bytes)
    }

    /// The digest of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// Reads the digits of a digest; `None` when the text is none.
    pub fn read(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// All 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits in two groups, for a person to compare: `7f3a·91c2`.
    pub fn short(&self) -> String {
        // What was read from a file may be no digest at all.
        let digit = |at: usize| self.0.chars().nth(at).unwrap_or('?');
        let four = |from: usize| (from..from + 4).map(digit).collect::<String>();
        format!("{}·{}", four(0), four(4))
    }

    /// Whether what a person or a script gave names this digest: all of it, or a
    /// prefix of at least eight digits, with or without the dot of the short form.
    pub fn is_named_by(&self, given: &str) -> bool {
        let given: String = given
            .chars()
            .filter(|c| *c != '·')
            .collect::<String>()
            .to_lowercase();
        given.len() >= 8 && self.0.starts_with(&given)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_eight_digits_names_it_and_fewer_do_not() {
        let digest = Digest::of_bytes(b"plan");
        assert!(digest.is_named_by(digest.as_str()));
        assert!(digest.is_named_by(&digest.short()));
        assert!(!digest.is_named_by(&digest.as_str()[..7]));
        assert!(!digest.is_named_by(""));
        let cut: Digest = serde_json::from_str("\"ab\"").unwrap();
        assert_eq!(cut.short(), "ab??·????");
    }
}
