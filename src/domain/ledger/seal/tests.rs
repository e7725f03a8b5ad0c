//! What seals find, and what they do not claim.

use super::*;
use proptest::prelude::*;

fn key(seed: u8) -> SealKey {
    SealKey::new([seed; LENGTH])
}

fn hash_of(seq: u64) -> Digest {
    Digest::of(&("entry", seq))
}

fn head(seq: u64) -> Head {
    Head {
        seq,
        hash: hash_of(seq),
    }
}

/// A look at a seal, in a ledger of untouched entries that reaches to `last`.
fn witness(key: &SealKey, seal: &Seal, last: u64) -> Witness {
    Witness {
        head: seal.head.clone(),
        checked: key.check(seal),
        found: (1..=last)
            .contains(&seal.head.seq)
            .then(|| hash_of(seal.head.seq)),
    }
}

#[test]
fn the_form_of_a_seal_is_fixed() {
    let seal = key(7).seal(&Head {
        seq: 3,
        hash: Digest::of_bytes(b"entry"),
    });
    // Computed apart from this code: HMAC-SHA256 over domain, number (8 bytes, big end first), hash in hexadecimal.
    assert_eq!(seal.key, "ace373584a0fc552");
    assert_eq!(
        seal.mac,
        "0ad4974954ccecb25984abb4e2e745a7f5ab27cf6d702ce82e5a89e4b609d060"
    );
}

#[test]
fn a_key_survives_being_kept_and_does_not_print() {
    let one = key(9);
    let again = SealKey::read(&one.kept()).unwrap();
    assert_eq!(again.check(&one.seal(&head(1))), Checked::Good);
    assert!(!format!("{:?}", one.kept()).contains("09"));
    for none in ["", "00", "zz", &"0".repeat(63), &"0".repeat(65)] {
        assert!(SealKey::read(&SecretString::from(none)).is_none(), "{none}");
    }
}

#[test]
fn a_ledger_without_seals_claims_nothing() {
    assert_eq!(SealState::judge(0, &[]), SealState::Unsealed);
    assert_eq!(SealState::judge(9, &[]), SealState::Unsealed);
}

#[test]
fn seals_of_others_prove_nothing_but_may_contradict() {
    let (mine, other) = (key(1), key(2));
    let seal = other.seal(&head(4));
    let look = |last| SealState::judge(last, &[witness(&mine, &seal, last)]);
    assert_eq!(look(6), SealState::Unproven { seq: 4 });
    assert_eq!(look(3), SealState::Truncated { seq: 4, last: 3 });
}

#[test]
fn my_own_seal_counts_among_those_of_others() {
    let (mine, other) = (key(1), key(2));
    let seals = [mine.seal(&head(3)), other.seal(&head(5))];
    let looks = seals.map(|seal| witness(&mine, &seal, 5));
    assert_eq!(SealState::judge(5, &looks), SealState::Sealed { seq: 3 });
}

proptest! {
    #[test]
    fn only_the_key_makes_a_seal(seed in any::<u8>(), other in any::<u8>(), seq in 1_u64..1000) {
        prop_assume!(seed != other);
        let (mine, theirs) = (key(seed), key(other));
        let mut forged = theirs.seal(&head(seq));
        prop_assert_eq!(mine.check(&forged), Checked::OtherKey);
        forged.key = mine.id().to_owned();
        prop_assert_eq!(mine.check(&forged), Checked::Bad);
        let state = SealState::judge(seq, &[witness(&mine, &forged, seq)]);
        prop_assert_eq!(state, SealState::Forged { seq });
    }

    #[test]
    fn a_seal_holds_for_its_head_alone(
        seq in 1_u64..1000, moved in 1_u64..1000, at in 0_usize..64, digit in "[0-9a-f]",
    ) {
        let key = key(5);
        let seal = key.seal(&head(seq));
        prop_assert_eq!(key.check(&seal), Checked::Good);
        let mut other = seal.clone();
        other.head = Head { seq: moved, hash: seal.head.hash.clone() };
        prop_assert_eq!(key.check(&other) == Checked::Good, moved == seq);
        let mut other = seal.clone();
        other.mac.replace_range(at..=at, &digit);
        prop_assert_eq!(key.check(&other) == Checked::Good, other == seal);
        let mut other = seal;
        other.mac.truncate(at);
        prop_assert_eq!(key.check(&other), Checked::Bad);
    }

    #[test]
    fn a_cut_below_the_newest_seal_is_always_found(
        sealed in 1_u64..500, last in 0_u64..500, older in 1_u64..500,
    ) {
        let key = key(1);
        let seals = [key.seal(&head(older.min(sealed))), key.seal(&head(sealed))];
        let looks = seals.map(|seal| witness(&key, &seal, last));
        let expected = if sealed > last {
            SealState::Truncated { seq: sealed, last }
        } else {
            SealState::Sealed { seq: sealed }
        };
        prop_assert_eq!(SealState::judge(last, &looks), expected);
    }

    #[test]
    fn another_history_under_a_seal_is_always_found(sealed in 1_u64..500, more in 0_u64..9) {
        let key = key(1);
        let mut look = witness(&key, &key.seal(&head(sealed)), sealed + more);
        look.found = Some(Digest::of_bytes(b"another"));
        let state = SealState::judge(sealed + more, &[look]);
        prop_assert_eq!(&state, &SealState::Rewritten { seq: sealed });
        prop_assert!(state.is_broken());
    }
}
