//! The vocabulary of preflight: findings about a plan, each with a remedy.

use serde::{Deserialize, Serialize};

use super::environment::Tier;
use super::policy::Policies;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Pass,
    /// Look at it.
    Warn,
    /// The plan may not run.
    Block,
}

impl Severity {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

/// One check on a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name of the check, as in the config.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// A check that passed.
    pub fn pass(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity: Severity::Pass,
            message: message.into(),
            remedy: String::new(),
        }
    }

    /// A check that found something.
    pub fn found(
        code: &str,
        severity: Severity,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// Every check there is, by the name that the config and the JSON use.
pub const CODES: &[&str] = &[
    "retries",
    "tasks",
    "parallelism",
    "timeout",
    "image",
    "secret",
    "secret-disabled",
    "secret-missing",
    "secret-unreadable",
    "secret-access",
    "instance",
    "instance-stopped",
    "instance-unreadable",
    "instance-busy",
    "maintenance",
    "locks",
    "egress",
    "permission",
    "permission-missing",
    "permission-unknown",
    "sign-in",
    "run-active",
    "run-unknown",
    "freeze",
    "backup",
    "promotion",
    "promotion-image",
    "revision",
    "revision-unknown",
    "unversioned",
    "ahead",
    "diverged",
    "directory",
    "risk",
    "policy",
];

/// Checks whose block means that the act cannot work at all, or that a run would be doubled: they
/// block in every tier, and no config weakens them.
pub const FIRM: &[&str] = &[
    "secret-disabled",
    "secret-missing",
    "instance-stopped",
    "permission-missing",
    "run-active",
    "run-unknown",
];

/// Checks that a tier's policy asks for; nothing about the plan itself keeps it from working. What
/// they block can be overridden by whoever breaks the glass, and owes a review for it.
pub const POLICY: &[&str] = &["freeze", "backup", "promotion"];

/// Fits a finding to the tier and the config: what would block in production
/// warns elsewhere, and the config has the last word, unless the check is a firm one.
pub fn fit(mut finding: Finding, tier: Tier, policies: &Policies) -> Option<Finding> {
    if FIRM.contains(&finding.code.as_str()) {
        return Some(finding);
    }
    if finding.severity == Severity::Block && tier != Tier::Production {
        finding.severity = Severity::Warn;
    }
    match policies.preflight.get(&finding.code) {
        Some(None) => None,
        Some(Some(severity)) if finding.severity != Severity::Pass => {
            finding.severity = *severity;
            Some(finding)
        }
        _ => Some(finding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(code: &str) -> Finding {
        Finding::found(code, Severity::Block, "message", "remedy")
    }

    #[test]
    fn what_would_block_in_production_warns_below_it() {
        let policies = Policies::default();
        let severity = |code, tier| fit(blocks(code), tier, &policies).unwrap().severity;
        assert_eq!(severity("retries", Tier::Production), Severity::Block);
        assert_eq!(severity("retries", Tier::Staging), Severity::Warn);
    }

    #[test]
    fn what_cannot_work_or_doubles_a_run_blocks_everywhere_whatever_the_config_says() {
        for code in FIRM {
            for severity in [None, Some(Severity::Warn)] {
                let policies = Policies {
                    preflight: [((*code).to_owned(), severity)].into(),
                    ..Policies::default()
                };
                for tier in Tier::ALL {
                    let finding = fit(blocks(code), tier, &policies).unwrap();
                    assert_eq!(finding.severity, Severity::Block, "{code}");
                }
            }
        }
    }

    #[test]
    fn every_check_is_documented_and_nothing_else_is() {
        let page = include_str!("../../docs/preflight.md");
        let mut headings: Vec<_> = page
            .lines()
            .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
            .collect();
        let mut rows: Vec<_> = page
            .lines()
            .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0))
            .collect();
        let mut codes = CODES.to_vec();
        for list in [&mut headings, &mut rows, &mut codes] {
            list.sort_unstable();
        }
        assert_eq!(headings, codes, "a paragraph for each check");
        assert_eq!(rows, codes, "a row for each check");
    }

    #[test]
    fn the_config_has_the_last_word_but_makes_nothing_up() {
        let preflight = [
            ("retries".to_owned(), Some(Severity::Warn)),
            ("tasks".to_owned(), None),
        ];
        let policies = Policies {
            preflight: preflight.into(),
            ..Policies::default()
        };
        let finding = fit(blocks("retries"), Tier::Production, &policies).unwrap();
        assert_eq!(finding.severity, Severity::Warn);
        assert_eq!(fit(blocks("tasks"), Tier::Production, &policies), None);
        let passed = fit(Finding::pass("retries", ""), Tier::Production, &policies).unwrap();
        assert_eq!(passed.severity, Severity::Pass);
    }
}
