//! `ledger verify`: whether the record is whole, how far it is sealed, and where the key is.

use serde_json::json;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{SealState, Soundness};
use crate::domain::text::clean;
use crate::ports::keys::Place;
use crate::ports::ledger::Whereabouts;

use crate::cli::Context;

/// Checks everything, and says so on standard output also when it is broken.
pub(super) async fn verify(context: &Context, forget: bool) -> Result<u8, Failure> {
    let world = &context.world;
    let forgotten = forget && world.ledgers.forget_head().await?;
    let found = world.ledger.soundness().await?;
    let key = world.keys.place().await;
    let ledger = world.ledgers.whereabouts().await?;
    let document = json!({
        "entries": found.entries,
        "sound": found.is_sound(),
        "broken": broken(&found),
        "seal": found.seal,
        "key": key,
        "ledger": ledger,
        "forgotten": forgotten,
    });
    context
        .output
        .answer(&document, || text(&found, &key, &ledger))?;
    match broken(&found) {
        None => Ok(0),
        Some(why) => Err(Failure::new(
            FailureKind::Ledger,
            format!("the ledger is not what was written: {why}"),
            remedy(&found, forget),
        )
        .called("ledger_broken")),
    }
}

/// What speaks against the ledger.
pub(super) fn broken(found: &Soundness) -> Option<String> {
    let chain = found.broken.as_ref().map(ToString::to_string);
    chain.or_else(|| found.seal.is_broken().then(|| seal(found)))
}

fn remedy(found: &Soundness, forgotten: bool) -> &'static str {
    let is_short = matches!(
        found.seal,
        SealState::Truncated { .. } | SealState::Rewritten { .. }
    );
    match found.broken {
        None if is_short && forgotten => {
            "Its own seals contradict it as well. Keep a copy of it, and begin another with --state-dir."
        }
        None if is_short => {
            "Keep a copy of it before anything else. If an older copy was put back on purpose, `portcullis ledger verify --forget` accepts it."
        }
        _ => "Keep a copy of it before anything else.",
    }
}

fn text(found: &Soundness, key: &Place, ledger: &Whereabouts) -> String {
    let chain = match &found.broken {
        None => format!("{}, the chain is whole", entries(found.entries)),
        Some(broken) => format!(
            "{}, and then the chain is broken: {broken}",
            entries(found.entries)
        ),
    };
    [
        format!("ledger: {}", clean(&ledger.name)),
        format!("chain:  {chain}"),
        format!("seal:   {}", seal(found)),
        format!("key:    {}", place(key)),
    ]
    .join("\n")
}

fn entries(count: u64) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

/// What the seals say, in words.
pub(super) fn seal(found: &Soundness) -> String {
    let last = found.entries;
    match &found.seal {
        SealState::Unsealed if last == 0 => "nothing to seal yet".to_owned(),
        SealState::Unsealed => "not sealed: its end could be cut off unseen".to_owned(),
        SealState::Unproven { seq } => {
            format!("sealed up to entry {seq} by keys that are not at hand: nothing is proven here")
        }
        SealState::Sealed { seq } if *seq == last => format!("sealed up to its last entry, {seq}"),
        SealState::Sealed { seq } => format!(
            "sealed up to entry {seq}; what follows up to {last} was written without this key, and could be cut off unseen"
        ),
        SealState::Forged { seq } => {
            format!("the seal on entry {seq} was not made with the key that it names")
        }
        SealState::Truncated { seq, last } => {
            format!("it had come to entry {seq}, and now ends with {last}")
        }
        SealState::Rewritten { seq } => format!("entry {seq} is not the one that was sealed"),
    }
}

/// Where the key is, and against what that guards.
pub(super) fn place(key: &Place) -> String {
    match key.kind {
        crate::ports::keys::PlaceKind::Nowhere => format!("none: {}", clean(&key.words)),
        _ => format!("in {}; {}", clean(&key.name), clean(&key.words)),
    }
}
