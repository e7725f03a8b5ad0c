//! Answers of the world; one that nobody waits for any more is dropped.

use std::sync::Arc;

use jiff::Timestamp;

use super::refresh;
use crate::app::effect::{Effect, Part, RequestId};
use crate::app::event::PartAnswer;
use crate::app::model::Model;
use crate::app::pacing::Wanted;
use crate::domain::directory::{Comparison, Heard};
use crate::domain::environment::EnvironmentName;
use crate::domain::failure::Failure;
use crate::domain::fleet::{EnvironmentStatus, Identity};
use crate::domain::graph::Layout;
use crate::domain::migration::{Directory, Standing};
use crate::domain::observed::Remote;
use crate::domain::problem::Problem;

pub(super) fn identity(
    model: &mut Model,
    id: RequestId,
    answer: Result<Identity, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    if model.requests.close(id) == Some(Wanted::Identity) {
        model.identity.absorb(remote(answer, "sign-in", now));
    }
    Vec::new()
}

pub(super) fn directory(
    model: &mut Model,
    id: RequestId,
    answer: Result<Arc<Directory>, Failure>,
    now: Timestamp,
) -> Vec<Effect> {
    if model.requests.close(id) == Some(Wanted::Directory) {
        let before = model.directory.value().map(Arc::clone);
        model
            .directory
            .absorb(remote(answer, "migration directory", now));
        let read = model.directory.value().map(Arc::clone);
        if let Some(read) = read.filter(|read| before.as_ref() != Some(read)) {
            model.layout = Layout::of(&read);
        }
        // A file may have changed without changing the graph.
        model.reviews.outdate();
    }
    Vec::new()
}

fn remote<T>(answer: Result<T, Failure>, source: &str, now: Timestamp) -> Remote<T> {
    match answer {
        Ok(value) => Remote::ready(value, source, now),
        Err(failure) => Remote::failed(failure),
    }
}

pub(super) fn part(
    model: &mut Model,
    id: RequestId,
    environment: &EnvironmentName,
    answer: PartAnswer,
    now: Timestamp,
) -> Vec<Effect> {
    let Some(Wanted::Part(station, part)) = model.requests.close(id) else {
        return Vec::new();
    };
    let status = &mut model.stations[station];
    if status.environment.name != *environment {
        return Vec::new();
    }
    let rows = |status: &EnvironmentStatus| status.reading.value().and_then(|r| r.current.clone());
    let before = rows(status);
    answer.apply(status);
    // What moved is compared with the other probes at once.
    if before.is_some() && before != rows(status) {
        model.paces[station].hasten(Part::Probes);
    }
    let next = now
        .checked_add(model.interval(station, part))
        .unwrap_or(now);
    model.paces[station].put_off(part, next);
    assess(model, station)
}

/// Asks for standing and problems: one question at a time, and one more when something came in between.
fn assess(model: &mut Model, station: usize) -> Vec<Effect> {
    if model.requests.is_open(&Wanted::Assess(station)) {
        model.assess_again[station] = true;
        return Vec::new();
    }
    model.assess_again[station] = false;
    vec![Effect::Assess {
        id: model.requests.open(Wanted::Assess(station)),
        status: Box::new(model.stations[station].clone()),
    }]
}

/// What was worked out: standing, what logs told, whose revisions are meant, problems.
type Assessed = (
    Option<Standing>,
    Vec<Heard>,
    Option<Box<Comparison>>,
    Vec<Problem>,
);

pub(super) fn assessed(
    model: &mut Model,
    id: RequestId,
    environment: &EnvironmentName,
    (standing, heard, directory, problems): Assessed,
) -> Vec<Effect> {
    let Some(Wanted::Assess(station)) = model.requests.close(id) else {
        return Vec::new();
    };
    let status = &mut model.stations[station];
    if status.environment.name != *environment {
        return Vec::new();
    }
    if standing.is_some() {
        status.standing = standing;
    }
    status.heard = heard;
    if let Some(directory) = directory {
        status.directory = Some(*directory);
    }
    status.problems = problems;
    if model.assess_again[station] {
        return assess(model, station);
    }
    save_when_all_is_here(model, station)
}

/// Keeps a snapshot once a round of answers is complete, not after each.
fn save_when_all_is_here(model: &mut Model, station: usize) -> Vec<Effect> {
    let quiet = (0..model.stations.len())
        .all(|at| !model.requests.reads(at) && !model.requests.is_open(&Wanted::Assess(at)));
    let at = model.stations[station]
        .executions
        .last
        .as_ref()
        .map(|seen| seen.at);
    if quiet && !model.sorted_once {
        // Before the first key the worst may come to the top: nobody reads a row yet.
        model.sorted_once = true;
        if model.touched_at == model.opened_at {
            model.sort();
        }
    }
    match (quiet, at) {
        (true, Some(at)) => vec![Effect::SaveSnapshot(Box::new(refresh::snapshot(model, at)))],
        _ => Vec::new(),
    }
}
