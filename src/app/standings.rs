//! Where revisions stand in databases: of one environment, and of all side by side.

use std::collections::{BTreeSet, HashMap};

use super::list::ListState;
use super::model::Model;
use crate::domain::migration::{MigrationState, RevisionSummary, Standing};
use crate::domain::revision::RevisionId;
use crate::domain::width::columns;

/// Where a revision stands in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The database is at it.
    Current,
    /// It was run before.
    Applied,
    /// It will be run, as the so-many-eth.
    Pending(usize),
    /// The database knows it, the directory does not.
    Foreign,
    /// Not known.
    Unknown,
}

/// The marks of one database, to be asked for many revisions.
pub struct Marks<'a> {
    current: &'a [RevisionId],
    pending: HashMap<&'a RevisionId, usize>,
    /// What a revision is that is neither.
    rest: Mark,
}

impl<'a> Marks<'a> {
    /// The marks of a standing.
    pub fn of(standing: Option<&'a Standing>) -> Self {
        let pending = standing.map_or(&[][..], |s| &s.pending);
        let rest = match standing.map(|s| s.state) {
            Some(MigrationState::AtHead | MigrationState::Behind) => Mark::Applied,
            _ => Mark::Unknown,
        };
        Self {
            current: standing.map_or(&[], |s| &s.current),
            pending: pending
                .iter()
                .enumerate()
                .map(|(at, id)| (id, at + 1))
                .collect(),
            rest,
        }
    }

    /// The mark of a revision of the directory.
    pub fn mark(&self, id: &RevisionId) -> Mark {
        if self.current.contains(id) {
            return Mark::Current;
        }
        match self.pending.get(id) {
            Some(at) => Mark::Pending(*at),
            None => self.rest,
        }
    }
}

/// The environments side by side.
#[derive(Clone, Debug)]
pub struct ComparisonScreen {
    /// Index of the environment that the person came from.
    pub station: usize,
    /// The list.
    pub list: ListState,
    /// Whether only revisions are shown in which environments differ.
    pub only_differences: bool,
    /// Environments that are out of sight at the left.
    pub left: usize,
}

/// A revision in all environments.
#[derive(Clone, Debug)]
pub struct ComparisonRow<'a> {
    /// The revision.
    pub id: &'a RevisionId,
    /// What the directory says of it.
    pub summary: Option<&'a RevisionSummary>,
    /// Where it stands, for each environment in the order of the config; `None` where it is not.
    pub marks: Vec<Option<Mark>>,
    /// Whether some have it and some do not.
    pub differs: bool,
}

/// The narrowest column of an environment: `○ pending 12`.
const NARROWEST: u16 = 12;
/// The widest.
const WIDEST: u16 = 22;

/// How the comparison uses its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The ids.
    pub id: u16,
    /// Each environment.
    pub environment: u16,
    /// How many environments there is room for.
    pub room: usize,
}

impl Model {
    /// How the comparison uses a width.
    pub fn comparison_columns(&self, width: u16) -> Columns {
        let names = self.stations.iter().map(|s| s.environment.name.as_str());
        let longest = names.map(|name| columns(name) + 3).max().unwrap_or(0);
        let environment = longest.clamp(NARROWEST, WIDEST) + 1;
        let revisions = self
            .directory
            .value()
            .into_iter()
            .flat_map(|d| &d.revisions);
        let longest = revisions.map(|r| columns(r.id.as_str())).max().unwrap_or(0);
        let id = longest.clamp(8, (width / 3).max(9));
        let room = width.saturating_sub(id + 3) / environment;
        Columns {
            id,
            environment,
            room: usize::from(room).max(1),
        }
    }

    /// Which environments stand at which revision.
    pub fn whereabouts(&self) -> HashMap<&RevisionId, Vec<usize>> {
        let mut found: HashMap<&RevisionId, Vec<usize>> = HashMap::new();
        for (at, status) in self.stations.iter().enumerate() {
            for id in status.standing.iter().flat_map(|s| &s.current) {
                found.entry(id).or_default().push(at);
            }
        }
        found
    }

    /// The rows of the comparison, the newest first; what only databases know stands at the top.
    pub fn comparison_rows(&self, screen: &ComparisonScreen) -> Vec<ComparisonRow<'_>> {
        let marks: Vec<_> = self
            .stations
            .iter()
            .map(|status| Marks::of(status.standing.as_ref().filter(|s| tells(s))))
            .collect();
        let ours = self.directory.value().into_iter();
        let ours = ours.flat_map(|d| d.revisions.iter().rev()).map(|summary| {
            let marks: Vec<_> = marks.iter().map(|m| Some(m.mark(&summary.id))).collect();
            ComparisonRow {
                id: &summary.id,
                summary: Some(summary),
                differs: differs(&marks),
                marks,
            }
        });
        self.foreign_rows()
            .into_iter()
            .chain(ours)
            .filter(|row| row.differs || !screen.only_differences)
            .filter(|row| {
                let message = row.summary.map_or("", |s| s.message.as_str());
                screen.list.filter.is_empty()
                    || screen.list.lets_through(&format!("{} {message}", row.id))
            })
            .collect()
    }

    /// Revisions that databases are at and that the directory does not have.
    fn foreign_rows(&self) -> Vec<ComparisonRow<'_>> {
        let current = self.stations.iter().filter_map(|s| s.standing.as_ref());
        let foreign: BTreeSet<&RevisionId> = current
            .flat_map(|standing| &standing.current)
            .filter(|id| self.layout.row(id).is_none())
            .collect();
        let row = |id| {
            let marks: Vec<_> = self
                .stations
                .iter()
                .map(|status| match &status.standing {
                    Some(standing) if standing.current.contains(id) => Some(Mark::Foreign),
                    Some(standing) if tells(standing) => None,
                    _ => Some(Mark::Unknown),
                })
                .collect();
            ComparisonRow {
                id,
                summary: None,
                differs: differs(&marks),
                marks,
            }
        };
        foreign.into_iter().map(row).collect()
    }
}

/// Without a version table everything would be run, but what has been is not known.
fn tells(standing: &Standing) -> bool {
    standing.state != MigrationState::Unversioned
}

/// Whether some have it and some do not; of what is not known nothing is said.
fn differs(marks: &[Option<Mark>]) -> bool {
    let has = |mark: &Option<Mark>| match mark {
        Some(Mark::Current | Mark::Applied | Mark::Foreign) => Some(true),
        Some(Mark::Pending(_)) | None => Some(false),
        Some(Mark::Unknown) => None,
    };
    let mut known = marks.iter().filter_map(has);
    known
        .next()
        .is_some_and(|first| known.any(|other| other != first))
}
