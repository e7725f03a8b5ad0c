//! What moved under a plan while it was shown: then its gate is closed, and says what was and what is.

use jiff::Timestamp;

use super::event::Prepared;
use super::gate::{GateScreen, Stage, Subject};
use super::model::Model;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::observed::Remote;
use crate::domain::revision::RevisionId;

impl Model {
    /// What is not any more what the plan at a gate was made from, as far as it was read again since.
    pub fn moved_at(&self, gate: &GateScreen) -> Option<String> {
        match &gate.stage {
            Stage::Open(Subject::Plan(prepared)) => self.moved(prepared),
            _ => None,
        }
    }

    fn moved(&self, prepared: &Prepared) -> Option<String> {
        let at = self.index_of(&prepared.plan.environment)?;
        let status = self.station(at)?;
        job(status, prepared)
            .or_else(|| database(status, prepared))
            .or_else(|| secret(status, prepared))
    }
}

/// The value, if it was read after the plan was made.
fn later<T>(remote: &Remote<T>, than: Timestamp) -> Option<&T> {
    let seen = remote.last.as_ref().filter(|seen| seen.at > than)?;
    Some(&seen.value)
}

fn job(status: &EnvironmentStatus, prepared: &Prepared) -> Option<String> {
    let plan = &prepared.plan;
    let job = later(&status.job, prepared.at).filter(|job| job.etag != plan.etag)?;
    let image = plan.image.clean() != job.image.clean();
    let account = plan.service_account != job.service_account;
    Some(match (image, account) {
        (true, _) => was("the job's image", &plan.image.clean(), &job.image.clean()),
        (_, true) => was(
            "the job's account",
            &plan.service_account,
            &job.service_account,
        ),
        _ => "the job's definition was changed".to_owned(),
    })
}

fn database(status: &EnvironmentStatus, prepared: &Prepared) -> Option<String> {
    let plan = &prepared.plan;
    let reading = later(&status.reading, prepared.at).filter(|_| plan.from_known)?;
    let rows = reading.current.as_ref()?;
    let same = rows.len() == plan.from.len() && rows.iter().all(|id| plan.from.contains(id));
    (!same).then(|| was("the database", &ids(&plan.from), &ids(rows)))
}

fn secret(status: &EnvironmentStatus, prepared: &Prepared) -> Option<String> {
    let versions = later(&status.secret, prepared.at)?;
    let planned = prepared
        .plan
        .secrets
        .iter()
        .find(|secret| secret.name == versions.secret)?;
    let latest = versions
        .latest()
        .filter(|_| planned.reference == "latest")?;
    let before = planned.version.map_or_else(
        || "none".to_owned(),
        |version| format!("{version} {}", planned.state.word()),
    );
    let now = format!("{} {}", latest.version, latest.state.word());
    (before != now).then(|| was(&format!("`latest` of {}", planned.name), &before, &now))
}

fn was(what: &str, before: &str, now: &str) -> String {
    format!("{what} was {before}, is now {now}")
}

fn ids(revisions: &[RevisionId]) -> String {
    if revisions.is_empty() {
        return "base".to_owned();
    }
    let ids: Vec<_> = revisions.iter().map(ToString::to_string).collect();
    ids.join(", ")
}
