//! Work on instances: operations that take their time, and the backups that some of them make.
//!
//! Nothing ticks: whoever looks brings what is due to its end first.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    Condition, Principal, Refusal, World,
    model::{BackupRun, SqlInstance, SqlInstanceState, SqlOperation},
    refusal::{Code, Status},
    sql::find,
    state::State,
};

/// How long a backup takes when nobody has said otherwise.
const BACKUP: Duration = Duration::from_secs(3);

/// How long a restart or a failover takes.
const RESTART: Duration = Duration::from_secs(10);

/// How far away maintenance is that is planned soon.
const SOON: SignedDuration = SignedDuration::from_hours(2);

impl World {
    /// What is the matter with an instance now, put into what is known of it.
    pub(super) fn apply_conditions(&self, instance: &mut SqlInstance) {
        for condition in self.faults().conditions(&instance.name) {
            match condition {
                Condition::Maintenance => instance.state = SqlInstanceState::Maintenance,
                Condition::MaintenanceSoon => instance.maintenance_at = Some(self.now() + SOON),
                Condition::BackupTakes(_) | Condition::BackupFails => {}
            }
        }
    }

    /// Operations of an instance, or of all, newest first.
    pub fn sql_operations(&self, instance: Option<&str>) -> Vec<SqlOperation> {
        self.catch_up();
        let state = self.state();
        let wanted = |found: &&SqlOperation| instance.is_none_or(|name| found.instance == name);
        state
            .sql_operations
            .iter()
            .rev()
            .filter(wanted)
            .cloned()
            .collect()
    }

    /// One operation.
    pub fn sql_operation(&self, id: &str) -> Result<SqlOperation, Refusal> {
        self.catch_up();
        let state = self.state();
        let found = state
            .sql_operations
            .iter()
            .find(|operation| operation.id == id)
            .cloned();
        found.ok_or_else(|| Refusal::not_found("The Cloud SQL operation does not exist."))
    }

    /// Backups of an instance, newest first.
    pub fn backups(&self, instance: &str) -> Result<Vec<BackupRun>, Refusal> {
        self.catch_up();
        let state = self.state();
        find(&state, instance)?;
        let of_it = |backup: &&BackupRun| backup.instance == instance;
        Ok(state.backups.iter().rev().filter(of_it).cloned().collect())
    }

    /// `backupRuns.insert`.
    pub fn insert_backup(
        &self,
        instance: &str,
        description: &str,
        who: &Principal,
    ) -> Result<SqlOperation, Refusal> {
        let conditions = self.faults().conditions(instance);
        let takes = conditions.iter().find_map(|condition| match condition {
            Condition::BackupTakes(time) => Some(*time),
            _ => None,
        });
        let fails = conditions.contains(&Condition::BackupFails);
        self.begin_work(
            instance,
            ("BACKUP_VOLUME", takes.unwrap_or(BACKUP)),
            who,
            |state, made| {
                let id = made.inserted_at.as_millisecond();
                let location = state.project.region.clone();
                state.backups.push(BackupRun {
                    id,
                    instance: instance.to_owned(),
                    kind: "ON_DEMAND".to_owned(),
                    status: "RUNNING".to_owned(),
                    enqueued_at: made.inserted_at,
                    started_at: made.started_at,
                    ended_at: None,
                    description: description.to_owned(),
                    location,
                });
                made.backup = Some(id);
                made.error = fails.then(|| Status {
                    code: Code::Internal,
                    message: "The backup failed.".to_owned(),
                });
            },
        )
    }

    /// `instances.restart` and `instances.failover`.
    pub fn restart_instance(
        &self,
        instance: &str,
        kind: &str,
        who: &Principal,
    ) -> Result<SqlOperation, Refusal> {
        self.begin_work(instance, (kind, RESTART), who, |_, _| ())
    }

    /// Begins an operation, unless another one is under way: Cloud SQL does one thing at a time.
    fn begin_work(
        &self,
        instance: &str,
        (kind, takes): (&str, Duration),
        who: &Principal,
        make: impl FnOnce(&mut State, &mut SqlOperation),
    ) -> Result<SqlOperation, Refusal> {
        self.catch_up();
        let now = self.now();
        self.try_change(|state| {
            find(state, instance)?;
            let busy = |found: &SqlOperation| found.instance == instance && found.status != "DONE";
            if state.sql_operations.iter().any(busy) {
                return Err(Refusal::new(
                    Code::Aborted,
                    "Operation failed because another operation was already in progress.",
                ));
            }
            let mut operation = SqlOperation {
                id: state.dice.uuid(),
                instance: instance.to_owned(),
                kind: kind.to_owned(),
                status: "RUNNING".to_owned(),
                user: who.email.clone(),
                inserted_at: now,
                started_at: Some(now),
                ended_at: None,
                due_at: Some(after(now, takes)),
                backup: None,
                error: None,
            };
            make(state, &mut operation);
            state.sql_operations.push(operation.clone());
            end_due(state, now);
            let made = state.sql_operations.last().cloned();
            Ok(made.unwrap_or(operation))
        })
    }

    /// Brings what is due to its end.
    fn catch_up(&self) {
        let now = self.now();
        let due = |found: &SqlOperation| found.due_at.is_some_and(|at| at <= now);
        if self.state().sql_operations.iter().any(due) {
            self.change(|state| end_due(state, now));
        }
    }
}

fn after(now: Timestamp, takes: Duration) -> Timestamp {
    let takes = SignedDuration::try_from(takes).unwrap_or(SignedDuration::MAX);
    now.checked_add(takes).unwrap_or(Timestamp::MAX)
}

fn end_due(state: &mut State, now: Timestamp) {
    for operation in &mut state.sql_operations {
        let Some(due) = operation.due_at.filter(|at| *at <= now) else {
            continue;
        };
        operation.due_at = None;
        "DONE".clone_into(&mut operation.status);
        operation.ended_at = Some(due);
        let made = |backup: &&mut BackupRun| Some(backup.id) == operation.backup;
        if let Some(backup) = state.backups.iter_mut().find(made) {
            let status = if operation.error.is_some() {
                "FAILED"
            } else {
                "SUCCESSFUL"
            };
            status.clone_into(&mut backup.status);
            backup.ended_at = Some(due);
        }
    }
}
