//! Runs seen from elsewhere: executions that this ledger did not start become entries of it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::json;

use crate::domain::digest::Digest;
use crate::domain::environment::Environment;
use crate::domain::execution::Execution;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, EntryKind, Filter, Record, Unless};
use crate::domain::outcome::Outcome;
use crate::domain::text::RemoteText;
use crate::ports::World;

/// What was looked up already, so that a refresh asks the ledger once for each execution.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashSet<String>>);

impl Seen {
    /// Records those of these executions that may move the database and that the ledger does not
    /// know, once each. It never begins a ledger, and what is older than the ledger's first entry
    /// is none of its business. Asks nobody but the ledger.
    pub async fn note(
        &self,
        world: &World,
        environment: &Environment,
        executions: &[Execution],
    ) -> Result<(), Failure> {
        let fresh: Vec<_> = executions
            .iter()
            .filter(|e| e.may_move() && self.is_new(e))
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let Some(begun) = begun(world).await? else {
            return Ok(());
        };
        let known = recorded(world, environment).await?;
        for execution in fresh {
            match last_word(world, execution).await? {
                Some(last) => reopen(world, execution, last).await?,
                None if execution.created_at < begun => {}
                None if known.contains(execution.name.as_str()) => {}
                None => {
                    let record = record(environment, execution);
                    let known = Unless::Known(record.run_id.clone());
                    world.ledger.append_unless(record, known).await?;
                }
            }
            self.lock().insert(key(execution));
        }
        Ok(())
    }

    fn is_new(&self, execution: &Execution) -> bool {
        !self.lock().contains(&key(execution))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(execution: &Execution) -> String {
    format!("{}/{}", execution.job, execution.name.as_str())
}

/// The executions of an environment that were recorded of late; whoever is not among them is
/// recorded on the condition that he is not known.
async fn recorded(world: &World, environment: &Environment) -> Result<HashSet<String>, Failure> {
    let filter = Filter {
        environment: Some(environment.name.clone()),
        kinds: vec![EntryKind::Seen],
        ..Filter::default()
    };
    let entries = world.ledger.page(&filter, None, 100).await?;
    Ok(entries
        .into_iter()
        .filter_map(|e| e.record.execution)
        .collect())
}

/// When the ledger's first entry was written; `None` while there is none.
async fn begun(world: &World) -> Result<Option<Timestamp>, Failure> {
    let first = world.ledger.page(&Filter::default(), Some(2), 1).await?;
    Ok(first.first().map(|entry| entry.at))
}

/// The last entry of the run that an execution belongs to, if the ledger knows it: its intent is
/// written before there is an execution.
async fn last_word(world: &World, execution: &Execution) -> Result<Option<Entry>, Failure> {
    let Some(run_id) = &execution.run_id else {
        return Ok(None);
    };
    let filter = Filter {
        run_id: Some(run_id.clone()),
        ..Filter::default()
    };
    Ok(world.ledger.page(&filter, None, 1).await?.pop())
}

/// A run that was said never to have begun, and is there all the same, is open again.
async fn reopen(world: &World, execution: &Execution, last: Entry) -> Result<(), Failure> {
    let Entry { seq, record, .. } = last;
    let said_never = record.kind == EntryKind::Settled && record.outcome == Some(Outcome::Refused);
    if !said_never {
        return Ok(());
    }
    let run_id = record.run_id.clone();
    let record = Record {
        kind: EntryKind::Started,
        execution: Some(execution.name.as_str().to_owned()),
        outcome: None,
        reason: Some("it was said never to have begun, and it is there".to_owned()),
        ..record
    };
    let unless = Unless::MovedOn { run_id, seq };
    world.ledger.append_unless(record, unless).await.map(|_| ())
}

fn record(environment: &Environment, execution: &Execution) -> Record {
    let args: Vec<_> = execution.args.iter().map(RemoteText::clean).collect();
    let detail = json!({
        "creator": execution.creator.clean(),
        "args": args,
        "state": execution.state,
        "created_at": execution.created_at,
        "started_at": execution.started_at,
        "completed_at": execution.completed_at,
        "marker": execution.run_id,
    });
    Record {
        actor: execution.creator.clean().into_owned(),
        run_id: format!("seen:{}", execution.name.as_str()),
        kind: EntryKind::Seen,
        environment: environment.name.clone(),
        operation: operation(execution),
        plan: Digest::of(&args),
        execution: Some(execution.name.as_str().to_owned()),
        outcome: None,
        reason: None,
        detail: Some(detail.to_string()),
    }
}

/// Alembic's verb where there is one, else the program.
fn operation(execution: &Execution) -> String {
    const VERBS: [&str; 3] = ["upgrade", "downgrade", "stamp"];
    let mut args = execution.args.iter().map(RemoteText::clean);
    let verb = args.clone().find(|arg| VERBS.contains(&arg.as_ref()));
    let word = verb.or_else(|| args.find(|arg| arg.ends_with(".py")));
    word.map_or_else(|| "run".to_owned(), Cow::into_owned)
}
