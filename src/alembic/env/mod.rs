//! What `env.py` makes of a run, without running it: whether anything is committed, and what is in force meanwhile.
//!
//! Each way through the file is followed as the `alembic` command goes it: a small interpreter that knows
//! who began a transaction and who ends it. Conditions that are not known are taken both ways; what cannot
//! be looked into is said, never guessed.

mod call;
mod expression;
mod flow;
mod known;
mod machine;
mod rules;
mod session;
mod settings;
mod strings;
mod value;
mod verdicts;

#[cfg(test)]
mod tests;

use std::path::Path;

use ruff_text_size::TextSize;

pub use self::rules::RULES;

use self::machine::{Choices, Machine, Ran};
use self::session::End;
use self::settings::Kind;
use super::review::EnvFacts;
use super::{parse, script};
use crate::domain::review::EnvReview;

/// More ways than this are not followed,
const MOST_WAYS: usize = 1_024;
/// nor more steps on all of them together.
const MOST_STEPS: usize = 200_000;

/// What is known of an `env.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env {
    /// What the rules say.
    pub review: EnvReview,
    /// What revisions can rely on.
    pub facts: EnvFacts,
}

/// One way through the file, as far as revisions hang on it.
struct Way {
    ran: Ran,
    end: Option<End>,
    is_foreign: bool,
    is_legacy: bool,
    executed: Vec<Kind>,
    /// Whether something that cannot be looked into had a connection, or a lock in its name.
    is_touched: bool,
}

/// All ways through the file on which revisions run.
struct Ways {
    ran: Vec<Way>,
    are_all: bool,
}

/// Reviews an `env.py`; `file` is its name for people.
pub fn review(file: &str, bytes: &[u8]) -> Env {
    let module = match parse::module(Path::new(file), bytes) {
        Ok(module) => module,
        Err(problem) => {
            return Env {
                review: verdicts::unreadable(file, problem.line, &problem.reason.to_string()),
                facts: EnvFacts::default(),
            };
        }
    };
    let source = &*module.source;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(source.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let ways = follow(source, &starts, module.parsed.suite());
    let line = |at: TextSize| starts.partition_point(|start| *start <= at.to_usize());
    let remarks = script::remarks(source, &module.parsed, line);
    verdicts::judge(file, source, &ways, &remarks)
}

/// The review of a directory whose `env.py` is missing.
pub fn missing(file: &str) -> EnvReview {
    verdicts::missing(file)
}

/// The review of an `env.py` that cannot be opened.
pub fn unreadable(file: &str, why: &str) -> EnvReview {
    verdicts::unreadable(file, 1, &format!("cannot be read: {why}"))
}

fn follow(source: &str, starts: &[usize], suite: &[ruff_python_ast::Stmt]) -> Ways {
    let mut ways = Ways {
        ran: Vec::new(),
        are_all: true,
    };
    let (mut choices, mut steps) = (Vec::new(), 0);
    for _ in 0..MOST_WAYS {
        if steps > MOST_STEPS {
            break;
        }
        let mut machine = Machine::new(source, starts, Choices::of(choices));
        machine.follow(suite);
        steps += machine.steps;
        let (end, is_foreign) = (machine.end(), machine.is_foreign());
        choices = machine.choices.taken;
        if let Some(ran) = machine.ran {
            ways.ran.push(Way {
                ran,
                end,
                is_foreign,
                is_legacy: machine.is_legacy,
                executed: machine.executed,
                is_touched: machine.is_touched,
            });
        }
        while choices.last() == Some(&true) {
            choices.pop();
        }
        match choices.last_mut() {
            Some(last) => *last = true,
            None => return ways,
        }
    }
    ways.are_all = false;
    ways
}
