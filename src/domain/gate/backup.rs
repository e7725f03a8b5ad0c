//! What an approved plan allows before the run itself.

use super::Approved;
use crate::domain::plan::{Plan, Step};
use crate::domain::sql_operation::Backup;

impl Approved<Plan> {
    /// The backup that the plan takes first; nothing for a plan that takes none. It uses the
    /// approval up: one approval, one backup, and before the run the gate is passed again.
    pub fn into_backup(self, run_id: &str) -> Option<Approved<Backup>> {
        let plan = self.act;
        let Step::Backup { instance } = plan.steps.first()?.clone();
        let mut parts = plan.job.split('/').skip_while(|part| *part != "projects");
        let act = Backup {
            environment: plan.environment.clone(),
            tier: plan.tier,
            project: parts.nth(1).unwrap_or_default().to_owned(),
            instance,
            run_id: run_id.to_owned(),
        };
        Some(Approved {
            act,
            digest: self.digest,
            reason: self.reason,
            overrode: self.overrode,
            at: self.at,
        })
    }
}
