//! `run`: plan, gate, execute, follow, read back.

use crate::domain::act::Act;
use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::offline_sql::OfflineSql;
use crate::domain::outcome::Outcome;
use crate::domain::text::clean;
use crate::ops::execute::{Report, execute};
use crate::ops::plan::{Prepared, prepare};
use crate::ops::reconcile::{self, Search};

use super::arguments::Run;
use super::plan::request;
use super::progress::Narrator;
use super::{Context, gating, wire};

/// Runs an operation; the exit code says how it ended.
pub(super) async fn run(context: &Context, arguments: &Run) -> Result<u8, Failure> {
    let request = request(context, &arguments.operate)?;
    // What an earlier start left open is settled first, or it would block this run.
    settle_earlier(context, &request.environment).await?;
    let policies = &context.settings.policies;
    let shown = prepare(&context.world, policies, request).await?;
    check_digest(&shown, arguments.plan.as_deref())?;
    let narrator = Narrator::new(context.output);
    context.output.progress(&super::plan::text(&shown));
    let answer = gating::answer(&arguments.gate);
    let tell = |event| narrator.tell(event);
    let wait = !arguments.no_wait;
    let report = execute(
        &context.world,
        policies,
        (&shown.request, &shown.plan),
        answer,
        wait,
        &tell,
    )
    .await?;
    let told = match &report.sql {
        // Standard output is for the SQL alone, so that it can be kept in a file.
        Some(sql) => {
            context.output.progress(&text(&report));
            sql_text(sql)
        }
        None => text(&report),
    };
    context.output.answer(&wire::report(&report), || told)?;
    Ok(exit_code(&report, wait))
}

/// Settles what was left open in the environment, and says so.
pub(super) async fn settle_earlier(
    context: &Context,
    environment: &Environment,
) -> Result<(), Failure> {
    let open = context.world.ledger.open_runs().await?;
    if !open
        .iter()
        .any(|e| e.record.environment == environment.name)
    {
        return Ok(());
    }
    let output = context.output;
    output.progress("an earlier run is open; looking for what became of it");
    let environments = std::slice::from_ref(environment);
    let search = Search::UntilRuledOut;
    let settled = reconcile::settle_open_runs(&context.world, environments, search).await?;
    for settlement in settled {
        output.progress(&settlement.sentence());
    }
    Ok(())
}

fn check_digest(shown: &Prepared, wanted: Option<&str>) -> Result<(), Failure> {
    let digest = shown.plan.digest();
    match wanted {
        Some(wanted) if !digest.is_named_by(wanted) => Err(Failure::new(
            FailureKind::Stale,
            format!(
                "the plan is now {}, not the one that was asked for",
                digest.short()
            ),
            "Look at it with `portcullis plan`, and run that.",
        )),
        _ => Ok(()),
    }
}

fn exit_code(report: &Report, waited: bool) -> u8 {
    match report.outcome {
        Outcome::Unknown if !waited => 0,
        outcome => code_of(outcome),
    }
}

/// The exit code of an outcome.
pub(super) fn code_of(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Applied | Outcome::Unchanged => 0,
        Outcome::Failed => FailureKind::RunFailed.exit_code(),
        Outcome::Unknown => FailureKind::OutcomeUnknown.exit_code(),
        Outcome::Refused => FailureKind::Gate.exit_code(),
    }
}

fn sql_text(sql: &OfflineSql) -> String {
    let lines = sql.text.lines().map(clean);
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if sql.text.is_empty() && sql.complete {
        "-- nothing is pending".clone_into(&mut text);
    }
    if !sql.complete {
        text.push_str("\n-- this may be incomplete: lines of the log were still missing");
    }
    text
}

fn text(report: &Report) -> String {
    let execution = report
        .execution
        .as_ref()
        .map_or("no execution", |e| e.name.as_str());
    let mut text = format!(
        "{}  {}\nrun {}  {execution}  {} s",
        report.outcome.word().to_uppercase(),
        report.why,
        report.run_id,
        report.duration.as_secs(),
    );
    for cause in &report.causes {
        text.push_str("\n\n");
        text.push_str(&super::triage::card(cause));
    }
    text
}
