//! Keys in files: what opens them, what does not, and what is said about it.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::domain::ledger::{Checked, Head};
use crate::ports::keys::Sealer as _;
use secrecy::ExposeSecret as _;

/// A value that must not be found in any file.
const CANARY: &str = "postgresql://ops:canary-5f1e@db/ledger";

fn settings(state: &Path, pairs: &[(&str, &Path)]) -> KeySettings {
    let variables = pairs
        .iter()
        .map(|(name, path)| (*name, path.display().to_string()));
    KeySettings {
        state: state.to_owned(),
        variables: Variables::new(variables),
        keyring: true,
        ask: None,
    }
}

fn keys(state: &Path, pairs: &[(&str, &Path)]) -> SystemKeys {
    SystemKeys::new(settings(state, pairs))
}

fn asking(state: &Path, answers: &'static [&'static str]) -> (SystemKeys, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let ask: Ask = Arc::new(move |_| {
        let at = count.fetch_add(1, Ordering::Relaxed);
        answers.get(at).map(|answer| SecretString::from(*answer))
    });
    let settings = KeySettings {
        ask: Some(ask),
        ..settings(state, &[])
    };
    (SystemKeys::new(settings), asked)
}

async fn text(keys: &SystemKeys) -> Option<String> {
    let found = keys.get("dsn").await.unwrap();
    found.map(|value| value.expose_secret().to_owned())
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>, u32)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap(), mode)
        })
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn looking_makes_nothing() {
    let state = tempfile::tempdir().unwrap();
    let keys = keys(state.path(), &[]);
    assert_eq!(text(&keys).await, None);
    assert_eq!(keys.place().await.kind, PlaceKind::Open);
    assert!(files(state.path()).is_empty());
}

#[tokio::test]
async fn without_anything_else_a_key_lies_beside_and_that_is_said() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    keys(state, &[]).put("dsn", CANARY.into()).await.unwrap();
    let found = files(state);
    let names: Vec<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["keys.age", "keys.key", "keys.lock"]);
    for (name, bytes, mode) in found {
        assert_eq!(mode, 0o600, "{name}");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary"), "{name}");
    }
    let again = keys(state, &[]);
    assert_eq!(text(&again).await.as_deref(), Some(CANARY));
    let place = again.place().await;
    assert_eq!(place.kind, PlaceKind::Open);
    assert!(place.words.contains("not against the owner"), "{place:?}");
    assert!(again.forget("dsn").await.unwrap());
    assert!(!again.forget("dsn").await.unwrap());
    assert_eq!(text(&keys(state, &[])).await, None);
}

#[tokio::test]
async fn a_passphrase_from_a_file_opens_it_and_another_does_not() {
    let (state, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (good, bad) = (own.path().join("good"), own.path().join("bad"));
    std::fs::write(&good, "correct horse\nsecond line").unwrap();
    std::fs::write(&bad, "wrong horse").unwrap();
    let with = |path: &Path| keys(state.path(), &[(PASSPHRASE_FILE, path)]);
    with(&good).put("dsn", CANARY.into()).await.unwrap();
    assert_eq!(with(&good).place().await.kind, PlaceKind::Passphrase);
    assert_eq!(text(&with(&good)).await.as_deref(), Some(CANARY));
    for wrong in [&bad, &own.path().join("missing"), &own.path().to_owned()] {
        let keys = with(wrong);
        let failure = keys.get("dsn").await.unwrap_err();
        assert_eq!(failure.word(), "keys");
        assert_eq!(keys.place().await.kind, PlaceKind::Nowhere);
        let failure = keys.put("dsn", "other".into()).await.unwrap_err();
        assert!(!format!("{failure:?}").contains("horse"), "{failure:?}");
    }
    assert_eq!(text(&with(&good)).await.as_deref(), Some(CANARY));
}

#[tokio::test]
async fn a_person_may_mistype_the_passphrase() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let first = keys(state, &[]);
    first.put("dsn", CANARY.into()).await.unwrap();
    let place = first
        .protect(Protection::Passphrase("correct".into()))
        .await
        .unwrap();
    assert_eq!(place.kind, PlaceKind::Passphrase);
    assert_eq!(text(&first).await.as_deref(), Some(CANARY));
    assert!(!state.join("keys.key").exists(), "the old key is gone");

    let (keys, asked) = asking(state, &["wrong", "correct"]);
    assert_eq!(text(&keys).await.as_deref(), Some(CANARY));
    assert_eq!(text(&keys).await.as_deref(), Some(CANARY));
    assert_eq!(
        asked.load(Ordering::Relaxed),
        2,
        "asked no more than needed"
    );

    let (keys, asked) = asking(state, &["a", "b", "c", "correct"]);
    assert!(keys.get("dsn").await.is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let nobody = super::SystemKeys::new(settings(state, &[]));
    let place = nobody.place().await;
    assert_eq!(place.kind, PlaceKind::Nowhere);
    assert!(place.words.contains(PASSPHRASE_FILE), "{place:?}");
}

#[tokio::test]
async fn a_key_file_elsewhere_opens_it_and_nothing_weaker_takes_its_place() {
    let (state, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (state, key) = (state.path(), own.path().join("stick/key.txt"));
    let first = keys(state, &[]);
    let closed = first.protect(Protection::KeyFile(key.clone())).await;
    assert_eq!(closed.unwrap().kind, PlaceKind::KeyFile);
    first.put("dsn", CANARY.into()).await.unwrap();
    let with_key = keys(state, &[(KEY_FILE, &key)]);
    assert_eq!(text(&with_key).await.as_deref(), Some(CANARY));

    let without = keys(state, &[]);
    assert!(without.get("dsn").await.is_err());
    assert!(without.place().await.words.contains(KEY_FILE));
    std::fs::remove_file(&key).unwrap();
    let gone = keys(state, &[(KEY_FILE, &key)]);
    assert!(gone.put("dsn", "x".into()).await.is_err());
    assert!(!key.exists(), "a stick that is not there is not made up");
}

#[tokio::test]
async fn a_damaged_file_is_neither_read_nor_overwritten() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("keys.age");
    keys(state.path(), &[])
        .put("dsn", CANARY.into())
        .await
        .unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    for damaged in [&bytes[..], &bytes[..last], b"", b"age-encryption.org/v1\n"] {
        std::fs::write(&path, damaged).unwrap();
        let keys = keys(state.path(), &[]);
        assert!(keys.get("dsn").await.is_err());
        assert!(keys.put("dsn", "x".into()).await.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), damaged);
    }
}

#[tokio::test]
async fn two_that_start_together_make_one_key() {
    let state = tempfile::tempdir().unwrap();
    let sealer = || {
        let keys = Arc::new(keys(state.path(), &[]));
        Arc::new(LedgerSealer::new(keys, "local".to_owned()))
    };
    let sealers: Vec<_> = (0..8).map(|_| sealer()).collect();
    futures::future::join_all(sealers.iter().map(|sealer| sealer.load(true))).await;
    let head = Head {
        seq: 1,
        hash: crate::domain::digest::Digest::of_bytes(b"entry"),
    };
    let seal = sealers[0].seal(&head).unwrap();
    for sealer in &sealers {
        assert_eq!(sealer.check(&seal), Checked::Good);
    }
}

#[tokio::test]
async fn how_far_a_ledger_had_come_is_remembered_and_only_grows() {
    let state = tempfile::tempdir().unwrap();
    let sealer = |ledger: &str| {
        let keys = Arc::new(keys(state.path(), &[]));
        LedgerSealer::new(keys, ledger.to_owned())
    };
    let head = |seq: u64| Head {
        seq,
        hash: crate::domain::digest::Digest::of(&seq),
    };
    let first = sealer("one");
    first.load(false).await;
    first.remember(&head(3)).await;
    assert_eq!(first.remembered(), None, "without a key there is no seal");
    first.load(true).await;
    first.remember(&head(3)).await;
    first.remember(&head(2)).await;
    let second = sealer("one");
    second.load(false).await;
    assert_eq!(second.remembered(), Some(head(3)));
    let other = sealer("other");
    other.load(false).await;
    assert_eq!(other.remembered(), None);

    let path = state.path().join("heads/one.json");
    let forged = std::fs::read_to_string(&path).unwrap().replace(":3", ":2");
    std::fs::write(&path, forged).unwrap();
    let third = sealer("one");
    third.load(false).await;
    assert_eq!(
        third.remembered(),
        None,
        "what nobody sealed does not count"
    );
    assert!(third.forget().await);
}
