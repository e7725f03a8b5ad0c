//! Whether a plan may go on: it is the one that was shown, no check blocks it, its gate opens.

use crate::domain::act::Act as _;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Refusal;
use crate::domain::plan::{self, Plan};
use crate::domain::preflight::{Finding, Severity};
use crate::ops::plan::Prepared;
use crate::ops::record::Journal;
use crate::ports::World;

/// Whether the fresh plan is the one that was shown, and preflight lets it through.
pub(super) fn admit(shown: &Plan, fresh: &Prepared, glass_broken: bool) -> Result<(), Failure> {
    if shown.digest() != fresh.plan.digest() {
        let changes = plan::differences(shown, &fresh.plan).join("; ");
        return Err(Failure::new(
            FailureKind::Stale,
            format!("something changed since the plan was shown: {changes}"),
            "Look at the new plan and decide again.",
        ));
    }
    let standing = fresh.gate.blocks(glass_broken);
    let mut findings = fresh.findings.clone();
    findings.retain(|f| standing.contains(&f.code.as_str()));
    blocked(&findings).map_or(Ok(()), Err)
}

/// The failure that blocking findings amount to; an active run has its own kind.
pub fn blocked(findings: &[Finding]) -> Option<Failure> {
    let worst: Vec<_> = findings
        .iter()
        .filter(|f| f.severity == Severity::Block)
        .collect();
    let first = worst.first()?;
    let busy = worst.iter().all(|f| f.code.starts_with("run-"));
    let kind = if busy {
        FailureKind::Busy
    } else {
        FailureKind::Preflight
    };
    let messages = worst
        .iter()
        .map(|f| f.message.clone())
        .collect::<Vec<_>>()
        .join("; ");
    Some(Failure::new(kind, messages, first.remedy.clone()))
}

/// A gate's refusal as a failure.
pub fn gate_failure(refusal: &Refusal) -> Failure {
    let hint = match refusal {
        Refusal::NotArmed(environment) => {
            format!("Headless, `--confirm {environment}` arms it for this run.")
        }
        Refusal::NotConfirmed(_) | Refusal::Mistyped(_) => {
            "Headless: `--confirm ENVIRONMENT`; `--yes` where one key is enough.".to_owned()
        }
        Refusal::NoReason | Refusal::NoTicket(_) => "Give it with `--reason`.".to_owned(),
        Refusal::NeedsApproval(_) => "`portcullis approvals list` shows who was asked.".to_owned(),
        Refusal::NotAsked(_)
        | Refusal::ApprovalExpired(_)
        | Refusal::Declined { .. }
        | Refusal::Used { .. } => {
            "Ask with `portcullis approvals request`; a colleague approves it.".to_owned()
        }
        Refusal::NobodyBreaks => {
            "Sign in with a credential that tells its e-mail address.".to_owned()
        }
        Refusal::NothingToBreak => "Say it without `--break-glass`.".to_owned(),
        Refusal::NoGlass => "`break_glass = true` in the tier's policy would.".to_owned(),
        Refusal::AnotherAct => "Make the plan again.".to_owned(),
        Refusal::Blocked(_) | Refusal::Expired => String::new(),
    };
    Failure::new(FailureKind::Gate, refusal.to_string(), hint)
}

/// Records a refusal. The act is refused all the same when the record fails, and says so.
pub(in crate::ops) async fn refused(
    world: &World,
    journal: &mut Journal,
    failure: Failure,
) -> Failure {
    match journal.refuse(world, &failure.summary).await {
        Ok(_) => failure,
        Err(unwritten) => Failure {
            hint: format!(
                "{} (The refusal could not be recorded: {unwritten})",
                failure.hint
            ),
            ..failure
        },
    }
}
