//! The rows of an environment's tabs, filtered; the cursor counts in them.

use super::command::Tab;
use super::list::ListState;
use super::model::Model;
use super::screen::EnvironmentScreen;
pub use super::standings::Mark;
use super::standings::Marks;
use crate::domain::execution::Execution;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::migration::{RevisionSummary, Standing};
use crate::domain::operation::Operation;
use crate::domain::revision::RevisionId;
use crate::domain::secret::SecretVersion;

/// A row of the migrations tab.
#[derive(Clone, Debug)]
pub struct MigrationRow<'a> {
    /// The revision.
    pub id: &'a RevisionId,
    /// What the directory says of it.
    pub summary: Option<&'a RevisionSummary>,
    /// Where it stands in the database.
    pub mark: Mark,
    /// Whether nothing follows it.
    pub head: bool,
    /// Its row in the drawing.
    pub drawn: Option<usize>,
}

impl Model {
    /// The revisions, the newest first; those that only the database knows stand at the top.
    pub fn migration_rows<'a>(
        &'a self,
        status: &'a EnvironmentStatus,
        list: &ListState,
    ) -> Vec<MigrationRow<'a>> {
        let standing = status.standing.as_ref();
        let Some(directory) = self.directory.value() else {
            return rows_of_standing(standing, list);
        };
        let marks = Marks::of(standing);
        let foreign = standing
            .into_iter()
            .flat_map(|s| s.current.iter())
            .filter(|id| self.layout.row(id).is_none())
            .map(|id| MigrationRow {
                id,
                summary: None,
                mark: Mark::Foreign,
                head: false,
                drawn: None,
            });
        let ours = directory
            .revisions
            .iter()
            .rev()
            .enumerate()
            .map(|(row, summary)| MigrationRow {
                id: &summary.id,
                summary: Some(summary),
                mark: marks.mark(&summary.id),
                head: directory.heads.contains(&summary.id),
                drawn: Some(row),
            });
        foreign
            .chain(ours)
            .filter(|row| {
                let message = row.summary.map_or("", |s| s.message.as_str());
                list.filter.is_empty() || list.lets_through(&format!("{} {message}", row.id))
            })
            .collect()
    }

    /// The rows of the tab that is shown: how many there are.
    pub fn tab_len(&self, screen: &EnvironmentScreen) -> usize {
        let Some(status) = self.station(screen.station) else {
            return 0;
        };
        let list = screen.list();
        match screen.tab {
            Tab::Overview => self.painted.content,
            Tab::Migrations => self.migration_rows(status, list).len(),
            Tab::Secrets => version_rows(status, list).count(),
            Tab::Executions => execution_rows(status, list).count(),
        }
    }

    /// The operations that the filter lets through.
    pub fn operation_rows<'a>(
        &'a self,
        list: &'a ListState,
    ) -> impl Iterator<Item = &'a Operation> {
        self.setup
            .operations
            .iter()
            .filter(|operation| list.filter.is_empty() || list.lets_through(&operation.name))
    }
}

/// The secret versions that the filter lets through, the newest first.
pub fn version_rows<'a>(
    status: &'a EnvironmentStatus,
    list: &'a ListState,
) -> impl Iterator<Item = &'a SecretVersion> {
    status
        .secret
        .value()
        .into_iter()
        .flat_map(|secret| secret.versions.iter())
        .filter(|v| {
            list.filter.is_empty()
                || list.lets_through(&format!("{} {}", v.version, v.state.word()))
        })
}

/// The executions that the filter lets through, the newest first.
pub fn execution_rows<'a>(
    status: &'a EnvironmentStatus,
    list: &'a ListState,
) -> impl Iterator<Item = &'a Execution> {
    status
        .executions
        .value()
        .into_iter()
        .flatten()
        .filter(|execution| list.filter.is_empty() || list.lets_through(&searchable(execution)))
}

fn searchable(execution: &Execution) -> String {
    let mut text = format!(
        "{} {} {}",
        execution.name,
        execution.state.word(),
        execution.creator
    );
    for arg in &execution.args {
        text.push(' ');
        text.push_str(&arg.clean());
    }
    text
}

fn rows_of_standing<'a>(standing: Option<&'a Standing>, list: &ListState) -> Vec<MigrationRow<'a>> {
    let Some(standing) = standing else {
        return Vec::new();
    };
    let row = |id: &'a RevisionId, mark| MigrationRow {
        id,
        summary: None,
        mark,
        head: standing.heads.contains(id),
        drawn: None,
    };
    let pending = standing.pending.iter().enumerate().rev();
    pending
        .map(|(at, id)| row(id, Mark::Pending(at + 1)))
        .chain(standing.current.iter().map(|id| row(id, Mark::Current)))
        .filter(|row| list.filter.is_empty() || list.lets_through(&row.id.to_string()))
        .collect()
}
