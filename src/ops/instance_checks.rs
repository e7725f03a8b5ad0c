//! What is being done to the instance, or soon will be.

use jiff::Timestamp;

use crate::domain::age;
use crate::domain::database::Instance;
use crate::domain::preflight::{Finding, Severity};

use super::facts::Facts;

/// Whether somebody works on the instance, now or soon.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    match &facts.instance {
        Some(Ok(instance)) => [busy(instance, now), maintenance(instance, now)]
            .into_iter()
            .flatten()
            .collect(),
        _ => Vec::new(),
    }
}

/// Cloud SQL does one thing at a time, and most of them cut connections.
fn busy(instance: &Instance, now: Timestamp) -> Option<Finding> {
    let name = &instance.name;
    let Some(operation) = instance.operations.as_deref()?.first() else {
        return Some(Finding::pass(
            "instance-busy",
            format!("nothing is being done to {name}"),
        ));
    };
    let since = operation
        .since
        .map(|at| format!(", since {}", age::short(now.duration_since(at))))
        .unwrap_or_default();
    Some(Finding::found(
        "instance-busy",
        Severity::Block,
        format!("{name}: {}{since}", operation.work.words()),
        format!(
            "wait for its end: gcloud sql operations wait {} --timeout=unlimited",
            operation.name
        ),
    ))
}

fn maintenance(instance: &Instance, now: Timestamp) -> Option<Finding> {
    let left = instance.maintenance_within(now)?;
    let name = &instance.name;
    Some(Finding::found(
        "maintenance",
        Severity::Warn,
        format!(
            "maintenance of {name} begins in {}: it cuts every connection",
            age::short(left)
        ),
        format!("run it well before, or gcloud sql instances reschedule-maintenance {name}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::database::InstanceState;
    use crate::domain::sql_operation::{SqlOperation, SqlWork};
    use jiff::SignedDuration;

    fn instance(operations: Option<Vec<SqlOperation>>) -> Instance {
        Instance {
            name: "sql-prod".to_owned(),
            state: InstanceState::Runnable,
            version: "POSTGRES_15".to_owned(),
            public_address: false,
            private_address: true,
            ssl_required: true,
            deletion_protection: true,
            backups_enabled: true,
            point_in_time_recovery: true,
            data_api: None,
            last_backup_at: None,
            maintenance_at: None,
            operations,
        }
    }

    #[test]
    fn what_is_under_way_blocks_and_what_is_not_known_says_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        let failover = SqlOperation {
            name: "op-1".to_owned(),
            work: SqlWork::Failover,
            user: "".into(),
            since: Some(now - SignedDuration::from_secs(40)),
            done: false,
            backup: None,
        };
        let found = busy(&instance(Some(vec![failover])), now).unwrap();
        assert_eq!(found.severity, Severity::Block);
        assert_eq!(
            found.message,
            "sql-prod: a failover is under way, since 40s"
        );
        let quiet = busy(&instance(Some(Vec::new())), now).unwrap();
        assert_eq!(quiet.severity, Severity::Pass);
        assert_eq!(busy(&instance(None), now), None);
    }

    #[test]
    fn only_maintenance_that_is_near_warns() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |hours| Instance {
            maintenance_at: Some(now + SignedDuration::from_hours(hours)),
            ..instance(None)
        };
        assert_eq!(maintenance(&at(2), now).unwrap().severity, Severity::Warn);
        assert_eq!(maintenance(&at(200), now), None);
        assert_eq!(maintenance(&at(-1), now), None);
    }
}
