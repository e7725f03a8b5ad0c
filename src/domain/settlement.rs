//! What became of a run that an earlier start, or another machine, left open.

use jiff::Timestamp;

use super::environment::EnvironmentName;
use super::execution::ExecutionName;
use super::outcome::Outcome;
use super::text::clean;

/// What became of an open run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The run.
    pub run_id: String,
    /// Its environment.
    pub environment: EnvironmentName,
    /// Its operation or verb.
    pub operation: String,
    /// Who began it.
    pub actor: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// Its execution, if it has one.
    pub execution: Option<ExecutionName>,
    /// Its outcome; `Unknown` also while it stays open.
    pub outcome: Outcome,
    /// Whether it is closed now; one that stays open keeps other runs waiting.
    pub closed: bool,
    /// Why, in one clause.
    pub why: String,
}

impl Settlement {
    /// What happened, in one sentence.
    pub fn sentence(&self) -> String {
        let Self {
            environment,
            outcome,
            why,
            ..
        } = self;
        let (operation, actor) = (clean(&self.operation), clean(&self.actor));
        let at = self.begun_at.strftime("%Y-%m-%d %H:%M:%SZ");
        let word = if self.closed {
            format!("is settled: {}", outcome.word())
        } else {
            "is still open".to_owned()
        };
        format!("{environment}: {operation} by {actor}, begun {at}, {word}; {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_it_all() {
        let settled = Settlement {
            run_id: "01J".to_owned(),
            environment: "uat".into(),
            operation: "upgrade".to_owned(),
            actor: "ravi@example.com".to_owned(),
            begun_at: Timestamp::UNIX_EPOCH,
            execution: None,
            outcome: Outcome::Applied,
            closed: true,
            why: "read back from the database: it is at the target".to_owned(),
        };
        assert_eq!(
            settled.sentence(),
            "uat: upgrade by ravi@example.com, begun 1970-01-01 00:00:00Z, is settled: applied; \
             read back from the database: it is at the target"
        );
        let open = Settlement {
            closed: false,
            why: "x is running".to_owned(),
            ..settled
        };
        assert!(open.sentence().ends_with("is still open; x is running"));
    }
}
