//! Policies: who has which role. They follow from the jobs and from what was taken away.

use super::World;
use super::model::EnvSource;

/// The permission that a job's account needs on its secrets.
const READS: &str = "secretmanager.versions.access";

impl World {
    /// Takes these permissions away, and gives all others back.
    pub fn deny_only(&self, denials: Vec<super::Denial>) {
        self.change(|state| state.access.denials = denials);
    }

    /// Whether an account may read the payload of a secret.
    pub fn reads(&self, account: &str, secret: &str) -> bool {
        let state = self.state();
        let resource = format!("projects/{}/secrets/{secret}", state.project.id);
        state.access.allows_account(account, READS, &resource)
    }

    /// The accounts that a secret's policy lets read it: those of the jobs that refer to it.
    pub fn readers(&self, secret: &str) -> Vec<String> {
        let refers = |source: &EnvSource| matches!(source, EnvSource::Secret { secret: named, .. } if named == secret);
        let mut accounts: Vec<_> = self
            .jobs()
            .into_iter()
            .filter(|job| job.template.env.iter().any(|var| refers(&var.source)))
            .map(|job| job.template.service_account)
            .filter(|account| self.reads(account, secret))
            .collect();
        accounts.sort();
        accounts.dedup();
        accounts
    }

    /// The address of whoever owns the project.
    pub fn owner(&self) -> String {
        self.state().access.operator.email.clone()
    }
}
