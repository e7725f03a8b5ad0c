//! Changing the state of a secret version: gated and recorded.

use crate::domain::act::{SecretChange, SecretVerb};
use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::{Answer, Gate};
use crate::domain::ledger::EntryKind;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Policies;
use crate::domain::secret::SecretVersion;
use crate::ports::World;

use super::execute::gate_failure;
use super::record::{self, Journal};
use super::{approvals, debts};

/// Reads the version as it is now and puts the gate in front of the change.
pub async fn prepare(
    world: &World,
    policies: &Policies,
    environment: &Environment,
    secret: &str,
    version: &str,
    verb: SecretVerb,
) -> Result<(SecretChange, Gate), Failure> {
    let versions = world.secrets.versions(&environment.project, secret).await?;
    let found = versions.resolve(version).ok_or_else(|| {
        Failure::new(
            FailureKind::NotFound,
            format!("{secret} has no version {version}"),
            format!("`portcullis secrets versions {secret}` lists them."),
        )
    })?;
    let change = SecretChange {
        environment: environment.name.clone(),
        tier: environment.tier,
        project: environment.project.clone(),
        secret: secret.to_owned(),
        version: found.version,
        etag: found.etag.clone(),
        verb,
    };
    let gate = Gate::before(&change, policies, &[]);
    Ok((change, gate))
}

/// Passes the gate, records, changes.
pub async fn change(
    world: &World,
    change: SecretChange,
    gate: &Gate,
    answer: Answer,
) -> Result<SecretVersion, Failure> {
    let actor = record::actor(world).await;
    let run_id = world.clock.new_run_id();
    // By this a later start settles it, should this one die in between.
    let detail = serde_json::to_string(&change).unwrap_or_default();
    let mut journal =
        Journal::open(&actor, &run_id, &change, answer.reason.as_deref()).with_detail(detail);
    let consents = approvals::consents_for(world, &change, &actor).await?;
    let now = world.clock.now();
    let approved = match gate.pass(change, answer, &consents, now) {
        Ok(approved) => approved,
        Err(refusal) => {
            journal.refuse(world, &refusal.to_string()).await?;
            return Err(gate_failure(&refusal));
        }
    };
    if let Some(overrode) = approved.overrode() {
        debts::break_glass(world, &mut journal, overrode, &actor).await?;
    }
    journal.write(world, EntryKind::Intended).await?;
    match world.secrets.change(approved).await {
        Ok(version) => {
            let recorded = journal.close(world, Outcome::Applied, "").await;
            let what = format!("{} is {}", version.version, version.state.word());
            recorded.map_err(|failure| record::unrecorded(&what, &failure))?;
            Ok(version)
        }
        Err(failure) => {
            journal
                .close(world, Outcome::of_failed_call(&failure), &failure.summary)
                .await?;
            Err(failure)
        }
    }
}
