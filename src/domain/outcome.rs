//! The outcome of a run: decided by the read-back, not by the exit code.

use serde::{Deserialize, Serialize};

use super::execution::ExecutionState;
use super::failure::Failure;
use super::plan::Plan;
use super::revision::RevisionId;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The database is where the plan said, read back from it.
    Applied,
    /// Nothing was to be done, and nothing changed.
    Unchanged,
    /// The read-back shows that nothing or not all was applied.
    Failed,
    /// Not known until read back.
    Unknown,
    /// It never ran.
    Refused,
}

impl Outcome {
    /// What a call that brought a failure did: refused by the server it did nothing, but a
    /// lost answer proves nothing.
    pub fn of_failed_call(failure: &Failure) -> Self {
        if failure.kind.is_passing() {
            Self::Unknown
        } else {
            Self::Failed
        }
    }

    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}

/// What the database said after a run; `None` when it could not be read.
pub type ReadBack<'a> = Option<&'a [RevisionId]>;

/// Decides the outcome of a run that is over or lost.
///
/// A plan that moves the revision is judged by the read-back alone, with one
/// exception: while the execution is not over, the database may still move, so
/// only having arrived is proof. A plan that moves nothing (a seed, a read) has
/// no revision to prove it by; there the platform's word is taken, and only a
/// clean end counts.
pub fn decide(plan: &Plan, state: ExecutionState, after: ReadBack<'_>) -> Outcome {
    if !plan.moves {
        return decide_without_target(plan, state, after);
    }
    let Some(after) = after else {
        return Outcome::Unknown;
    };
    if !plan.target_known {
        return decide_without_known_target(plan, state, after);
    }
    match (same(after, &plan.to), same(&plan.from, &plan.to)) {
        (true, true) if state == ExecutionState::Succeeded => Outcome::Unchanged,
        (true, false) => Outcome::Applied,
        _ if state.is_over() => Outcome::Failed,
        _ => Outcome::Unknown,
    }
}

/// Without knowing the target only one thing can be proven: that an end that was not
/// clean left the database where it was.
fn decide_without_known_target(
    plan: &Plan,
    state: ExecutionState,
    after: &[RevisionId],
) -> Outcome {
    let died = matches!(state, ExecutionState::Failed | ExecutionState::Cancelled);
    if died && plan.from_known && same(after, &plan.from) {
        return Outcome::Failed;
    }
    Outcome::Unknown
}

fn decide_without_target(plan: &Plan, state: ExecutionState, after: ReadBack<'_>) -> Outcome {
    let moved = plan.from_known && after.is_some_and(|after| !same(after, &plan.from));
    match state {
        ExecutionState::Succeeded if plan.risk == super::operation::Risk::Read => {
            Outcome::Unchanged
        }
        ExecutionState::Succeeded => Outcome::Applied,
        ExecutionState::Failed if moved => Outcome::Unknown,
        ExecutionState::Failed => Outcome::Failed,
        _ => Outcome::Unknown,
    }
}

/// Whether two sets of revisions are the same; rows of `alembic_version` have no order.
fn same(a: &[RevisionId], b: &[RevisionId]) -> bool {
    a.len() == b.len() && a.iter().all(|id| b.contains(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::tests::plan;
    use proptest::prelude::*;

    fn ids(names: &[&str]) -> Vec<RevisionId> {
        names.iter().map(|name| RevisionId::new(*name)).collect()
    }

    const STATES: [ExecutionState; 6] = [
        ExecutionState::Pending,
        ExecutionState::Running,
        ExecutionState::Succeeded,
        ExecutionState::Failed,
        ExecutionState::Cancelled,
        ExecutionState::Unknown,
    ];

    #[test]
    fn exit_code_zero_without_the_revision_is_failed() {
        let plan = plan();
        let outcome = decide(&plan, ExecutionState::Succeeded, Some(&plan.from));
        assert_eq!(outcome, Outcome::Failed);
    }

    #[test]
    fn a_run_that_died_but_arrived_is_applied() {
        let plan = plan();
        for state in STATES {
            assert_eq!(
                decide(&plan, state, Some(&plan.to)),
                Outcome::Applied,
                "{state:?}"
            );
        }
    }

    #[test]
    fn a_run_that_is_not_over_may_still_move() {
        let plan = plan();
        for state in [
            ExecutionState::Pending,
            ExecutionState::Running,
            ExecutionState::Unknown,
        ] {
            assert_eq!(
                decide(&plan, state, Some(&plan.from)),
                Outcome::Unknown,
                "{state:?}"
            );
        }
    }

    #[test]
    fn an_operation_that_moves_nothing_is_taken_by_its_clean_end_alone() {
        let seed = Plan {
            moves: false,
            target_known: false,
            to: vec![],
            pending: vec![],
            ..plan()
        };
        assert_eq!(
            decide(&seed, ExecutionState::Succeeded, None),
            Outcome::Applied
        );
        assert_eq!(decide(&seed, ExecutionState::Failed, None), Outcome::Failed);
        assert_eq!(
            decide(&seed, ExecutionState::Cancelled, None),
            Outcome::Unknown
        );
    }

    fn rows() -> impl Strategy<Value = Vec<RevisionId>> {
        prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4).prop_map(|names| ids(&names))
    }

    proptest! {
        /// The promise itself: for a plan that moves the revision, `Applied` is said only
        /// when the rows that were read back are exactly the target.
        #[test]
        fn applied_is_never_said_without_proof(
            from in rows(), to in rows(), after in proptest::option::of(rows()),
            state in prop::sample::select(STATES.to_vec()), target_known in any::<bool>(),
        ) {
            let plan = Plan { from, target_known, to, ..plan() };
            let outcome = decide(&plan, state, after.as_deref());
            if outcome == Outcome::Applied {
                let mut read = after.clone().expect("rows were read");
                let mut target = plan.to.clone();
                read.sort();
                target.sort();
                prop_assert_eq!(read, target);
            }
            if after.is_none() {
                prop_assert_eq!(outcome, Outcome::Unknown);
            }
        }
    }
}
