//! Reviews that are owed for broken glass: finding them, and paying them.

use crate::domain::environment::EnvironmentName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::{Overridden, says_something};
use crate::domain::ledger::{Appended, Entry, EntryKind, Filter, Record, Unless};
use crate::domain::review_debt::{self, Debt, Glass};
use crate::domain::{actor, text};
use crate::ports::World;

use super::record::{self, Journal};

/// How many of the newest entries are looked through for another person.
const LOOKED_THROUGH: u32 = 500;

/// The reviews that are owed, in one environment or in all.
pub async fn owed(
    world: &World,
    environment: Option<&EnvironmentName>,
) -> Result<Vec<Debt>, Failure> {
    let filter = Filter {
        environment: environment.cloned(),
        kinds: vec![EntryKind::BrokeGlass, EntryKind::Reviewed],
        ..Filter::default()
    };
    let entries = record::all(world, &filter).await?;
    Ok(review_debt::owed(&entries))
}

/// Records, before the act, what its actor went through without, or against.
pub(super) async fn break_glass(
    world: &World,
    journal: &mut Journal,
    overrode: &Overridden,
    who: &str,
) -> Result<Entry, Failure> {
    let any = Filter::default();
    let newest = world.ledger.page(&any, None, LOOKED_THROUGH).await?;
    let others = newest.iter().any(|entry| {
        let other = &entry.record.actor;
        actor::is_person(other) && !actor::is_same(other, who)
    });
    let glass = Glass {
        overrode: overrode.clone(),
        others,
    };
    let detail = serde_json::to_string(&glass).unwrap_or_default();
    journal
        .write_with(world, EntryKind::BrokeGlass, detail)
        .await
}

/// Records that somebody has looked at a run that broke the glass.
pub async fn review(world: &World, run_id: &str, reason: &str) -> Result<(Debt, Entry), Failure> {
    let who = record::actor(world).await;
    let owed = owed(world, None).await?;
    let debt = owed.into_iter().find(|debt| debt.run_id == run_id);
    let debt = debt.ok_or_else(|| not_owed(run_id))?;
    if let Err(unfit) = debt.admits(&who) {
        return Err(refused(
            unfit.to_string(),
            "Somebody else has to look at it.",
        ));
    }
    if !says_something(reason) {
        return Err(refused(
            "a review says what was found, in at least one word".to_owned(),
            "Say it with `--reason`.",
        ));
    }
    let of_run = Filter {
        run_id: Some(run_id.to_owned()),
        ..Filter::default()
    };
    let last = world.ledger.page(&of_run, None, 1).await?;
    let last = last.into_iter().next().ok_or_else(|| not_owed(run_id))?;
    if last.record.kind.is_open() {
        return Err(refused(
            format!(
                "run {} is not over: its outcome is not known yet",
                last.record.run_id
            ),
            "`portcullis ledger settle` reads the database back; review it then.",
        ));
    }
    let entry = reviewed(world, (&who, reason), &last).await?;
    Ok((debt, entry))
}

/// The entry would close an open run, so it is written only after what was looked at.
async fn reviewed(
    world: &World,
    (who, reason): (&str, &str),
    last: &Entry,
) -> Result<Entry, Failure> {
    let record = Record {
        actor: who.to_owned(),
        kind: EntryKind::Reviewed,
        reason: Some(reason.trim().to_owned()),
        detail: None,
        ..last.record.clone()
    };
    let unless = Unless::MovedOn {
        run_id: last.record.run_id.clone(),
        seq: last.seq,
    };
    match world.ledger.append_unless(record, unless).await? {
        Appended::Written(entry) => Ok(entry),
        Appended::Held(_) => Err(Failure::new(
            FailureKind::Stale,
            "the run went on while it was looked at",
            "Look again.",
        )),
    }
}

fn not_owed(run_id: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("no review is owed for run {}", text::clean(run_id)),
        "`portcullis status` names the runs that a review is owed for.",
    )
    .called("not_owed")
}

fn refused(summary: String, hint: &str) -> Failure {
    Failure::new(FailureKind::Gate, summary, hint)
}
