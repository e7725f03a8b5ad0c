//! `ledger`: the record.

mod connect;
mod export;
mod flags;
mod list;
mod pages;
mod verify;

use serde_json::json;

pub use flags::Ledger;
use flags::{Form, Which};

use crate::domain::failure::Failure;
use crate::domain::settlement::Settlement;
use crate::ops::reconcile::{self, Search};

use super::{Context, wire};

/// Runs a verb of `ledger`.
pub(super) async fn ledger(context: &Context, command: Ledger) -> Result<u8, Failure> {
    match command {
        Ledger::List {
            which,
            limit,
            before,
        } => list::list(context, &which, limit, before).await,
        Ledger::Show { run } => list::show(context, &run).await,
        Ledger::Verify { forget } => verify::verify(context, forget).await,
        Ledger::Export { which, form } => export::export(context, &which, form).await,
        Ledger::Settle => settle(context).await,
        Ledger::Connect { file, stdin } => connect::connect(context, file, stdin).await,
        Ledger::Disconnect => connect::disconnect(context).await,
        Ledger::Protect {
            passphrase_file,
            key_file,
        } => connect::protect(context, passphrase_file, key_file).await,
    }
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
