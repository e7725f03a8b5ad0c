//! The second person: asking others to agree to a plan, and agreeing.

use crate::domain::act::Act;
use crate::domain::approval::Consents;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::gate::Overridden;
use crate::domain::ledger::{Entry, EntryKind, Filter};
use crate::ports::World;

use super::record::{self, Journal};

/// The entries that say who was asked, who agreed, and what has used it up.
const KINDS: [EntryKind; 4] = [
    EntryKind::Requested,
    EntryKind::Approved,
    EntryKind::Declined,
    EntryKind::Intended,
];

/// How many entries are read at once.
const PAGE: u32 = 200;

/// What others gave for an act, for the one who is signed in.
pub async fn consents(world: &World, act: &impl Act) -> Result<Consents, Failure> {
    consents_for(world, act, &record::actor(world).await).await
}

/// What others gave for an act, for the one who would do it.
pub async fn consents_for(world: &World, act: &impl Act, who: &str) -> Result<Consents, Failure> {
    let plan = act.digest();
    let entries = about(world, Some(&plan)).await?;
    Ok(Consents::read(&entries, &plan, who))
}

/// All entries about one act, or about any, the newest first.
async fn about(world: &World, plan: Option<&Digest>) -> Result<Vec<Entry>, Failure> {
    let filter = Filter {
        kinds: KINDS.to_vec(),
        plan: plan.map(|plan| plan.as_str().to_owned()),
        ..Filter::default()
    };
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let before = entries.last().map(|entry| entry.seq);
        let page = world.ledger.page(&filter, before, PAGE).await?;
        let last = page.len() < PAGE as usize;
        entries.extend(page);
        if last {
            return Ok(entries);
        }
    }
}

/// Records, before the act, what its actor went through without, or against.
pub async fn break_glass(
    world: &World,
    journal: &mut Journal,
    overrode: &Overridden,
) -> Result<Entry, Failure> {
    let detail = serde_json::to_string(overrode).unwrap_or_default();
    journal
        .write_with(world, EntryKind::BrokeGlass, detail)
        .await
}
