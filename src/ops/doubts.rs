//! What is odd about the config itself, told with the plan that it is odd for: it stands, and is said.

use crate::domain::plan::Plan;
use crate::domain::policy::Policies;
use crate::domain::preflight::{Finding, Severity, fit};

use super::plan::Request;

/// What is said about a plan's policy, and about the risk that the config gives it.
pub(super) fn check(
    request: &Request,
    plan: &Plan,
    policies: &Policies,
    shared: bool,
) -> Vec<Finding> {
    let gated = plan.risk.gated_as(plan.tier);
    let policy = policies.of(gated);
    let reads = plan.risk == crate::domain::operation::Risk::Read;
    let weaker = policies.weaker_than_below(gated).into_iter();
    let weaker = weaker.filter(|_| !reads).map(|what| {
        Finding::found(
            "policy",
            Severity::Warn,
            what,
            "ask for as much in the more dangerous tier",
        )
    });
    let alone = policy.approvals > 0 && !shared && !reads;
    let alone = alone.then(|| {
        Finding::found(
            "policy",
            Severity::Warn,
            format!(
                "{} other person(s) must agree, and the ledger is a file: only who uses this state folder can",
                policy.approvals
            ),
            "connect a shared ledger (docs/gates.md)",
        )
    });
    raised(request, plan)
        .into_iter()
        .chain(weaker)
        .chain(alone)
        .filter_map(|finding| fit(finding, plan.tier, policies))
        .collect()
}

/// A config that gives a verb less than its risk is not followed, and told so.
fn raised(request: &Request, plan: &Plan) -> Option<Finding> {
    let declared = request.operation.risk;
    (declared < plan.risk).then(|| {
        Finding::found(
            "risk",
            Severity::Warn,
            format!(
                "the config calls `{}` `{}`, but what it runs is `{}`: that is how it is gated",
                plan.operation,
                declared.word(),
                plan.risk.word()
            ),
            format!("say `risk = \"{}\"` in the config", plan.risk.word()),
        )
    })
}
