//! The command line: one file for each verb, and what they share.

mod approvals;
pub mod arguments;
pub mod ask;
mod executions;
mod gating;
mod ledger;
pub mod migrations;
pub mod output;
mod plan;
mod progress;
mod run;
mod secrets;
mod status;
pub mod triage;
mod wire;

use crate::domain::failure::Failure;
use crate::domain::settings::Settings;
use crate::ports::World;

use arguments::Verb;
use output::Output;

/// What every verb has at hand.
pub struct Context {
    /// The config.
    pub settings: Settings,
    /// The outside world.
    pub world: World,
    /// Where answers go.
    pub output: Output,
}

/// Runs a verb; the number is the exit code when nothing failed.
pub async fn dispatch(context: &Context, verb: Verb) -> Result<u8, Failure> {
    match verb {
        Verb::Status(arguments) => status::status(context, &arguments).await,
        Verb::Secrets(command) => secrets::secrets(context, command).await,
        Verb::Executions(command) => executions::executions(context, command).await,
        Verb::Plan(arguments) => plan::plan(context, &arguments).await,
        Verb::Run(arguments) => run::run(context, &arguments).await,
        Verb::Ledger(command) => ledger::ledger(context, command).await,
        Verb::Approvals(command) => approvals::approvals(context, command).await,
        Verb::Review(arguments) => approvals::review(context, &arguments).await,
    }
}
