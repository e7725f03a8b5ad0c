//! Runs that render SQL instead of running it: their range, and their SQL.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::domain::database::Reading;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionName;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::offline_sql::OfflineSql;
use crate::domain::operation::{Operation, ParamKind};
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;
use crate::ports::World;

use super::follow::LogReader;

/// The word in a range that stands for where the database is.
const CURRENT: &str = "current";

/// How often, and how far apart, a log that is not complete is read again: lines may be late.
const LOOKS: u32 = 15;
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// Puts the database's own revision into ranges that begin with `current`.
pub(super) fn fill_ranges(
    operation: &Operation,
    values: &mut BTreeMap<String, String>,
    reading: &Result<Reading, Failure>,
) -> Result<(), Failure> {
    for (name, value) in values {
        let is_range = operation.params.get(name).map(|p| p.kind) == Some(ParamKind::Range);
        let target = value
            .split_once(':')
            .filter(|(from, _)| is_range && *from == CURRENT);
        if let Some((_, target)) = target {
            let from = start(operation, name, target, reading)?;
            *value = format!("{from}:{target}");
        }
    }
    Ok(())
}

/// The one revision to start from; Alembic renders SQL from one, never from several.
fn start(
    operation: &Operation,
    name: &str,
    target: &str,
    reading: &Result<Reading, Failure>,
) -> Result<String, Failure> {
    let reading = reading.as_ref().map_err(|failure| Failure {
        summary: format!("where the range begins is not known: {}", failure.summary),
        hint: format!(
            "{} Or name it: --set {name}=REVISION:{target}",
            failure.hint
        ),
        ..failure.clone()
    })?;
    match reading.current.as_deref().unwrap_or_default() {
        [] => Ok("base".to_owned()),
        [only] => Ok(only.as_str().to_owned()),
        rows => {
            let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
            Err(Failure::new(
                FailureKind::Usage,
                format!(
                    "the database has {} rows ({}), and Alembic renders SQL from one",
                    rows.len(),
                    rows.join(", ")
                ),
                format!(
                    "one run for each: portcullis run {} --set {name}={}:{target}",
                    operation.name, rows[0]
                ),
            ))
        }
    }
}

/// The SQL that a run has rendered; `None` for a run that renders none.
pub(super) async fn sql(
    world: &World,
    environment: &Environment,
    plan: &Plan,
    execution: &ExecutionName,
) -> Option<OfflineSql> {
    let range = range(plan)?;
    let expected = expected(world, range);
    let mut reader = LogReader::new(environment, execution);
    let mut lines = Vec::new();
    for look in 0..LOOKS {
        if look > 0 {
            world.clock.sleep(LOOK_EVERY).await;
        }
        // What cannot be read now may be read at the next look; in the end it is not complete.
        lines.extend(reader.next(world).await.unwrap_or_default());
        let found = OfflineSql::of_log(&lines, expected.as_deref());
        if found.complete {
            return Some(found);
        }
    }
    Some(OfflineSql::of_log(&lines, expected.as_deref()))
}

/// The range of a plan that only renders SQL.
fn range(plan: &Plan) -> Option<&str> {
    let renders = plan.args.iter().any(|arg| arg == "--sql");
    let at = plan
        .args
        .iter()
        .position(|arg| matches!(arg.as_str(), "upgrade" | "downgrade"));
    let rest = &plan.args[at.filter(|_| renders)? + 1..];
    rest.iter()
        .find(|arg| !arg.starts_with("--"))
        .map(String::as_str)
}

/// The revisions that the SQL is of, as this checkout knows them.
fn expected(world: &World, range: &str) -> Option<Vec<RevisionId>> {
    let (from, target) = range.split_once(':').unwrap_or(("base", range));
    let from: Vec<_> = (from != "base").then(|| from.into()).into_iter().collect();
    Some(world.migrations.path(&from, target).ok()?.steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::ProbeKind;
    use crate::domain::operation::{Param, Risk};
    use jiff::Timestamp;

    fn operation() -> Operation {
        let range = Param {
            kind: ParamKind::Range,
            default: Some("current:head".to_owned()),
        };
        Operation {
            name: "sql".to_owned(),
            args: vec!["{range}".to_owned()],
            params: [("range".to_owned(), range)].into(),
            risk: Risk::Read,
        }
    }

    fn filled(given: Option<&str>, current: Option<&[&str]>) -> Result<String, Failure> {
        let operation = operation();
        let given = given.map(|range| ("range".to_owned(), range.to_owned()));
        let mut values = operation.values(&given.into_iter().collect()).unwrap();
        let reading = Ok(Reading {
            probe: ProbeKind::DataApi,
            at: Timestamp::UNIX_EPOCH,
            current: current.map(|rows| rows.iter().map(|row| (*row).into()).collect()),
            tables: None,
        });
        fill_ranges(&operation, &mut values, &reading)?;
        Ok(values["range"].clone())
    }

    #[test]
    fn a_range_begins_where_the_database_is() {
        assert_eq!(filled(None, Some(&["a1"])).unwrap(), "a1:head");
        assert_eq!(filled(None, Some(&[])).unwrap(), "base:head");
        assert_eq!(filled(None, None).unwrap(), "base:head");
        assert_eq!(filled(Some("current:a3"), Some(&["a1"])).unwrap(), "a1:a3");
        assert_eq!(filled(Some("a0:a1"), Some(&["a1"])).unwrap(), "a0:a1");
    }

    #[test]
    fn several_rows_are_refused_with_a_way_out() {
        let failure = filled(None, Some(&["a1", "b1"])).unwrap_err();
        assert!(failure.summary.contains("a1, b1"), "{failure}");
        assert!(failure.hint.contains("--set range=a1:head"), "{failure:?}");
    }
}
