//! The fleet screen's rows: environments, worst first, and below them the problems of all.

use super::command::Tab;
use super::list::ListState;
use super::model::Model;
use crate::domain::environment::Tier;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::preflight::Severity;
use crate::domain::problem::Problem;

/// A row of the fleet screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetRow {
    /// An environment, by its index in the config.
    Environment(usize),
    /// A notice, by its place in their list.
    Notice(usize),
    /// A problem: its environment, and its place in that environment's list.
    Problem(usize, usize),
}

impl FleetRow {
    /// The environment that the row is about; a notice may be about several.
    pub fn station(self) -> Option<usize> {
        match self {
            Self::Environment(station) | Self::Problem(station, _) => Some(station),
            Self::Notice(_) => None,
        }
    }
}

impl Model {
    /// The rows that the cursor can reach: environments, then notices, then problems.
    pub fn fleet_rows(&self, list: &ListState) -> Vec<FleetRow> {
        let environments: Vec<_> = self.fleet_environments(list).collect();
        let problems = self.fleet_problems(&environments);
        environments
            .into_iter()
            .map(FleetRow::Environment)
            .chain((0..self.notices().len()).map(FleetRow::Notice))
            .chain(problems)
            .collect()
    }

    /// The environments that the filter lets through, in their order.
    pub fn fleet_environments<'a>(
        &'a self,
        list: &'a ListState,
    ) -> impl Iterator<Item = usize> + 'a {
        self.order.iter().copied().filter(|index| {
            list.filter.is_empty() || list.lets_through(&searchable(&self.stations[*index]))
        })
    }

    /// The problems of these environments, worst first.
    pub fn fleet_problems(&self, environments: &[usize]) -> Vec<FleetRow> {
        let mut rows: Vec<(Severity, Tier, FleetRow)> = environments
            .iter()
            .flat_map(|index| {
                let status = &self.stations[*index];
                status
                    .problems
                    .iter()
                    .enumerate()
                    .map(move |(at, problem)| {
                        let row = FleetRow::Problem(*index, at);
                        (problem.severity, status.environment.tier, row)
                    })
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.0, row.1)));
        rows.into_iter().map(|(_, _, row)| row).collect()
    }

    /// A problem by its row.
    pub fn problem(&self, row: FleetRow) -> Option<&Problem> {
        match row {
            FleetRow::Environment(_) | FleetRow::Notice(_) => None,
            FleetRow::Problem(station, at) => self.stations.get(station)?.problems.get(at),
        }
    }

    /// Puts the worst environment first. Only on request: rows keep their place while data arrives.
    pub(super) fn sort(&mut self) {
        let stations = &self.stations;
        self.order.sort_by_key(|index| {
            let status = &stations[*index];
            let worst = status.problems.iter().map(|p| p.severity).max();
            std::cmp::Reverse((worst.max(Some(Severity::Pass)), status.environment.tier))
        });
    }
}

fn searchable(status: &EnvironmentStatus) -> String {
    let environment = &status.environment;
    let mut text = format!(
        "{} {} {}",
        environment.name, environment.tier, environment.project
    );
    for problem in &status.problems {
        text.push(' ');
        text.push_str(&problem.message);
    }
    text
}

/// The tab that shows the facts behind a problem.
pub fn tab_of(code: &str) -> Tab {
    let about = |words: &[&str]| words.iter().any(|word| code.contains(word));
    if about(&["review-owed"]) {
        Tab::Overview
    } else if about(&["secret"]) {
        Tab::Secrets
    } else if about(&["execution", "run-", "last-run", "slow", "cancel"]) {
        Tab::Executions
    } else if about(&[
        "migration",
        "revision",
        "pending",
        "version",
        "probes",
        "diverged",
        "ahead",
        "behind",
        "head",
    ]) {
        Tab::Migrations
    } else {
        Tab::Overview
    }
}
