//! The rules: what each is called, how bad its findings are, and what it looks at.

mod data;
mod foreign;
mod known;
mod locks;
mod transaction;
mod whole;

pub use known::{RULES, Rule, rule};

use super::EnvFacts;
use super::trace::Trace;
use crate::alembic::script::Script;
use crate::domain::preflight::Severity;
use crate::domain::review::{Undo, Verdict};
use crate::domain::revision::RevisionId;

/// What the rules look at.
pub(super) struct Case<'a> {
    pub(super) id: &'a RevisionId,
    pub(super) script: &'a Script,
    pub(super) trace: &'a Trace,
    pub(super) undo: Undo,
    pub(super) env: &'a EnvFacts,
}

/// All findings, in no order.
pub(super) fn judge(case: &Case<'_>) -> Vec<Verdict> {
    let mut findings = Findings::default();
    whole::look(case, &mut findings);
    locks::look(case, &mut findings);
    data::look(case, &mut findings);
    transaction::look(case, &mut findings);
    foreign::look(case, &mut findings);
    findings.0
}

/// Findings as they come in.
#[derive(Default)]
pub(super) struct Findings(Vec<Verdict>);

impl Findings {
    /// A finding with the severity of its rule.
    fn add(&mut self, name: &'static str, line: usize, table: Option<&str>, message: String) {
        let rule = rule(name).expect("rules name themselves as the table does");
        self.push(rule, rule.severity, line, table, message);
    }

    /// A finding that is milder than its rule.
    fn warn(&mut self, name: &'static str, line: usize, table: Option<&str>, message: String) {
        let rule = rule(name).expect("rules name themselves as the table does");
        self.push(rule, Severity::Warn, line, table, message);
    }

    fn push(
        &mut self,
        rule: &Rule,
        severity: Severity,
        line: usize,
        table: Option<&str>,
        message: String,
    ) {
        self.0.push(Verdict {
            rule: rule.name.to_owned(),
            severity,
            message,
            remedy: rule.remedy.to_owned(),
            line,
            table: table.map(str::to_owned),
            silenced: None,
        });
    }
}
