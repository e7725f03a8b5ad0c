//! `ledger export`: entries for a program, a spreadsheet or a colleague.

mod markdown;
mod sheet;
mod story;

use crate::cli::Context;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, Filter};
use crate::ports::ledger::Ledger;

use super::pages::newest_first;
use super::{Form, Which};

/// Writes all that the filter lets through, page by page.
pub(super) async fn export(context: &Context, which: &Which, form: Form) -> Result<u8, Failure> {
    let filter = which.filter(context.world.clock.now())?;
    let ledger = context.world.ledger.as_ref();
    match form {
        Form::Jsonl => each_page(context, ledger, &filter, jsonl).await?,
        Form::Csv => {
            context.output.piece(&sheet::head()?)?;
            each_page(context, ledger, &filter, sheet::rows).await?;
        }
        Form::Markdown => markdown::hand_over(context, which, &filter).await?,
    }
    Ok(0)
}

/// Writes one page after the other until nobody reads on.
async fn each_page(
    context: &Context,
    ledger: &dyn Ledger,
    filter: &Filter,
    write: fn(&[Entry]) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let mut pages = newest_first(ledger, filter, |_| {}).await?;
    while let Some(page) = pages.next().await? {
        if !context.output.piece(&write(&page)?)? {
            break;
        }
    }
    Ok(())
}

/// Whole entries: with every field that is under the hash, the chain can be checked elsewhere.
fn jsonl(page: &[Entry]) -> Result<String, Failure> {
    let lines = page.iter().map(|entry| {
        let line = serde_json::to_string(entry);
        line.map(|line| line + "\n")
            .map_err(|error| unwritable(&error))
    });
    lines.collect()
}

fn unwritable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        crate::domain::failure::FailureKind::Internal,
        format!("an entry cannot be written down: {error}"),
        "",
    )
}
