//! `ledger`: the record.

use serde_json::json;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Entry, Filter, verify};
use crate::domain::settlement::Settlement;
use crate::ops::reconcile::{self, Search};

use super::arguments::Ledger;
use super::output::table;
use super::{Context, wire};

/// Runs a verb of `ledger`.
pub(super) async fn ledger(context: &Context, command: Ledger) -> Result<u8, Failure> {
    match command {
        Ledger::List { limit } => list(context, limit).await,
        Ledger::Verify => check(context).await,
        Ledger::Export => export(context).await,
        Ledger::Settle => settle(context).await,
    }
}

async fn list(context: &Context, limit: u32) -> Result<u8, Failure> {
    let entries = context
        .world
        .ledger
        .page(&Filter::default(), None, limit)
        .await?;
    let document = json!({ "entries": entries.iter().map(wire::entry).collect::<Vec<_>>() });
    context.output.answer(&document, || {
        let rows: Vec<_> = entries.iter().map(row).collect();
        table(
            &[
                "SEQ",
                "AT",
                "KIND",
                "ENVIRONMENT",
                "OPERATION",
                "OUTCOME",
                "BY",
                "REASON",
            ],
            &rows,
        )
    })?;
    Ok(0)
}

fn row(entry: &Entry) -> Vec<String> {
    let record = &entry.record;
    let clean = |text: &str| crate::domain::text::clean(text).into_owned();
    vec![
        entry.seq.to_string(),
        entry.at.to_string(),
        record.kind.word().to_owned(),
        record.environment.to_string(),
        clean(&record.operation),
        record.outcome.map_or("", |o| o.word()).to_owned(),
        clean(&record.actor),
        clean(record.reason.as_deref().unwrap_or_default()),
    ]
}

async fn check(context: &Context) -> Result<u8, Failure> {
    let entries = context.world.ledger.all().await?;
    let count = verify(&entries).map_err(|broken| {
        Failure::new(
            FailureKind::Ledger,
            broken.to_string(),
            "Keep a copy of the ledger before anything else.",
        )
    })?;
    context
        .output
        .answer(&json!({ "entries": count, "sound": true }), || {
            format!("{count} entries, the chain is sound")
        })?;
    Ok(0)
}

async fn export(context: &Context) -> Result<u8, Failure> {
    for entry in context.world.ledger.all().await? {
        context
            .output
            .line(&serde_json::to_string(&entry).unwrap_or_default())?;
    }
    Ok(0)
}

async fn settle(context: &Context) -> Result<u8, Failure> {
    let (world, environments) = (&context.world, &context.settings.environments);
    let search = Search::UntilRuledOut;
    let settled = reconcile::settle_open_runs(world, environments, search).await?;
    let list: Vec<_> = settled.iter().map(wire::settlement).collect();
    context.output.answer(&json!({ "settled": list }), || {
        let lines: Vec<_> = settled.iter().map(Settlement::sentence).collect();
        lines.join("\n")
    })?;
    Ok(0)
}
