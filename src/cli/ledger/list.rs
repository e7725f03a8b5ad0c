//! `ledger list` and `ledger show`: entries as a table, and one run's whole story.

use serde_json::json;

use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Entry, Filter};
use crate::domain::text::clean;

use super::Which;
use super::pages::newest_first;
use crate::cli::output::table;
use crate::cli::{Context, wire};

/// Lists the newest entries.
pub(super) async fn list(
    context: &Context,
    which: &Which,
    limit: u32,
    before: Option<u64>,
) -> Result<u8, Failure> {
    let world = &context.world;
    let filter = which.filter(world.clock.now())?;
    let entries = world.ledger.page(&filter, before, limit).await?;
    let is_full = entries.len() >= limit as usize;
    let next = entries.last().map(|e| e.seq).filter(|s| is_full && *s > 1);
    let document = json!({
        "entries": entries.iter().map(wire::entry).collect::<Vec<_>>(), "next": next,
    });
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
    if let Some(next) = next {
        let hint = format!("older entries: --before {next}");
        context.output.progress(&hint);
    }
    Ok(0)
}

fn row(entry: &Entry) -> Vec<String> {
    let record = &entry.record;
    let clean = |text: &str| clean(text).into_owned();
    vec![
        entry.seq.to_string(),
        entry.at.to_string(),
        record.kind.word().to_owned(),
        clean(record.environment.as_str()),
        clean(&record.operation),
        record.outcome.map_or("", |o| o.word()).to_owned(),
        clean(&record.actor),
        clean(record.reason.as_deref().unwrap_or_default()),
    ]
}

/// Tells one run from its first entry on.
pub(super) async fn show(context: &Context, run: &str) -> Result<u8, Failure> {
    let filter = Filter {
        run_id: Some(run.to_owned()),
        ..Filter::default()
    };
    let mut entries = Vec::new();
    newest_first(context.world.ledger.as_ref(), &filter, |entry| {
        entries.push(entry.clone());
    })
    .await?;
    entries.reverse();
    let Some(first) = entries.first() else {
        return Err(Failure::new(
            FailureKind::NotFound,
            format!("the ledger knows no run `{run}`"),
            "`portcullis ledger list` shows runs; a whole id is needed.",
        ));
    };
    let document = json!({
        "run_id": run, "entries": entries.iter().map(wire::entry).collect::<Vec<_>>(),
    });
    context.output.answer(&document, || {
        let record = &first.record;
        let head = format!(
            "{} on {}, run {}, plan {}",
            clean(&record.operation),
            clean(record.environment.as_str()),
            clean(run),
            record.plan.short()
        );
        let rows: Vec<_> = entries.iter().map(line).collect();
        let columns = ["SEQ", "AT", "WHAT", "BY", "EXECUTION", "OUTCOME", "REASON"];
        format!("{head}\n\n{}", table(&columns, &rows))
    })?;
    Ok(0)
}

fn line(entry: &Entry) -> Vec<String> {
    let record = &entry.record;
    let clean = |text: &str| clean(text).into_owned();
    vec![
        entry.seq.to_string(),
        entry.at.to_string(),
        record.kind.word().to_owned(),
        clean(&record.actor),
        clean(record.execution.as_deref().unwrap_or_default()),
        record.outcome.map_or("", |o| o.word()).to_owned(),
        clean(record.reason.as_deref().unwrap_or_default()),
    ]
}
