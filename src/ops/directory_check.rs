//! The check of whose revisions a plan was made with: the image's own, or those of a checkout
//! that may be older or newer than it.

use crate::domain::directory::{Comparison, ImageRevisions, Told};
use crate::domain::plan::Plan;
use crate::domain::preflight::{Finding, Severity};
use crate::domain::revision::RevisionId;

const CODE: &str = "directory";

/// By whose revisions a target was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ResolvedBy {
    /// By those of the checkout: they are the image's as well, or the image's are not known.
    Checkout,
    /// By the image's own, which differ or stand alone.
    Image,
    /// By those of the checkout, because the image's own do not lead there.
    CheckoutAlone {
        /// What Alembic will say.
        why: String,
    },
}

/// The finding; `None` for a plan that moves nothing.
pub(super) fn check(plan: &Plan, directory: &Comparison, by: &ResolvedBy) -> Option<Finding> {
    if !plan.moves {
        return None;
    }
    let here = directory.here();
    Some(match (&directory.image, directory.difference(), by) {
        (ImageRevisions::Untold, ..) => Finding::pass(
            CODE,
            format!("the revisions are those of {here}; the image's own are not known"),
        ),
        (ImageRevisions::Changed(told), ..) => changed(plan, told),
        (ImageRevisions::Known(_), _, ResolvedBy::CheckoutAlone { why }) => Finding::found(
            CODE,
            Severity::Block,
            format!("the image's revisions do not lead there: {why}"),
            format!("deploy an image that has the revisions of {here}, or choose another target"),
        ),
        (ImageRevisions::Known(told), None, _) if directory.heads.is_empty() => Finding::pass(
            CODE,
            format!("the revisions are the image's, told by {}", told.execution),
        ),
        (ImageRevisions::Known(told), None, _) => Finding::pass(
            CODE,
            format!(
                "image and {here} have the same revisions, told by {}",
                told.execution
            ),
        ),
        (ImageRevisions::Known(told), Some(found), by) => {
            let lost = missing(plan, told);
            if lost.is_empty() {
                let whose = match by {
                    ResolvedBy::Image => "; the plan is made with the image's",
                    _ => "",
                };
                Finding::found(
                    CODE,
                    Severity::Warn,
                    format!(
                        "the image's revisions are not those of {here}: {}{whose}",
                        found.words()
                    ),
                    "check out the commit that the image was built from, or deploy an image of this one",
                )
            } else {
                absent(&lost, &here)
            }
        }
    })
}

fn changed(plan: &Plan, told: &Told) -> Finding {
    Finding::found(
        CODE,
        Severity::Warn,
        format!(
            "the image's revisions are not known since it changed: {} told of another one",
            told.execution
        ),
        format!("portcullis run history -e {}", plan.environment),
    )
}

/// Revisions of the plan that the image does not have, as far as the run told.
fn missing<'a>(plan: &'a Plan, told: &Told) -> Vec<&'a RevisionId> {
    let ids = plan.pending.iter().chain(&plan.to);
    let mut lost: Vec<_> = ids.filter(|id| told.has(id) == Some(false)).collect();
    lost.dedup();
    // A run that told only the heads is still certain about where `head` leads.
    let follows_heads = plan
        .args
        .iter()
        .any(|arg| matches!(arg.as_str(), "head" | "heads"));
    if told.revisions.is_none() && follows_heads {
        lost.extend(plan.to.iter().filter(|id| !told.heads.contains(id)));
    }
    lost
}

fn absent(lost: &[&RevisionId], here: &str) -> Finding {
    let more = match lost.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    Finding::found(
        CODE,
        Severity::Block,
        format!(
            "the image does not have {}{more}, only {here} does",
            lost[0]
        ),
        "deploy an image that has it, or choose a target that the image has",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::Differences;
    use crate::domain::migration::RevisionSummary;
    use crate::domain::plan::tests::plan;

    fn told(ids: Option<&[&str]>, heads: &[&str]) -> Told {
        let revision = |id: &&str| RevisionSummary {
            id: (*id).into(),
            down: Vec::new(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: String::new(),
        };
        Told {
            execution: "run-1".into(),
            image: "i@sha256:1".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            heads: heads.iter().map(|id| (*id).into()).collect(),
            revisions: ids.map(|ids| ids.iter().map(revision).collect()),
        }
    }

    fn severity(image: ImageRevisions, differs: bool, by: &ResolvedBy) -> Severity {
        let differences = image.known().map(|_| Differences {
            only_here: if differs { vec!["x".into()] } else { vec![] },
            ..Differences::default()
        });
        let directory = Comparison {
            heads: vec!["007".into()],
            image,
            differences,
            ..Comparison::default()
        };
        let found = check(&plan(), &directory, by).unwrap();
        assert_eq!(found.code, CODE);
        assert_eq!(found.severity == Severity::Pass, found.remedy.is_empty());
        found.severity
    }

    #[test]
    fn what_the_image_does_not_have_blocks_and_what_is_not_known_warns() {
        use ImageRevisions::{Changed, Known, Untold};
        use ResolvedBy::{Checkout, CheckoutAlone, Image};
        let all = || told(Some(&["005", "006", "007"]), &["007"]);
        let why = || CheckoutAlone {
            why: "no".to_owned(),
        };
        assert_eq!(severity(Untold, false, &Checkout), Severity::Pass);
        assert_eq!(severity(Changed(all()), false, &Checkout), Severity::Warn);
        assert_eq!(severity(Known(all()), false, &Checkout), Severity::Pass);
        assert_eq!(severity(Known(all()), true, &Image), Severity::Warn);
        assert_eq!(severity(Known(all()), true, &why()), Severity::Block);
        let older = told(Some(&["005", "006"]), &["006"]);
        assert_eq!(severity(Known(older), true, &Checkout), Severity::Block);
        let same_heads = told(None, &["007"]);
        assert_eq!(severity(Known(same_heads), true, &Checkout), Severity::Warn);
        let other_heads = told(None, &["006"]);
        assert_eq!(
            severity(Known(other_heads), true, &Checkout),
            Severity::Block
        );
    }

    #[test]
    fn a_plan_that_moves_nothing_needs_no_revisions() {
        let still = Plan {
            moves: false,
            ..plan()
        };
        assert_eq!(
            check(&still, &Comparison::default(), &ResolvedBy::Checkout),
            None
        );
    }
}
