//! The rules about `env.py`; `docs/rules.md` explains each.

use super::rules::RULES;
use super::session::{End, Place};
use super::settings::Kind;
use super::{Env, Way, Ways, strings};
use crate::alembic::review::{EnvFacts, silence};
use crate::alembic::script::Remark;
use crate::domain::preflight::Severity;
use crate::domain::review::{EnvReview, Verdict};

/// The review of all ways.
pub(super) fn judge(file: &str, source: &str, ways: &Ways, remarks: &[Remark]) -> Env {
    let mut verdicts = Vec::new();
    verdicts.extend(rolls_back(ways));
    verdicts.extend(opaque(ways));
    let missing = NEEDED.iter().filter_map(|needed| needed.find(source, ways));
    verdicts.extend(missing);
    let facts = EnvFacts {
        lock_timeout: holds(ways, Kind::LockTimeout),
        statement_timeout: holds(ways, Kind::StatementTimeout),
        transaction_per_migration: !ways.ran.is_empty()
            && ways.ran.iter().all(|way| way.ran.per_migration),
    };
    if facts.transaction_per_migration {
        let place = ways.ran[0].ran.place.line;
        verdicts.push(verdict(
            "env-transaction-per-migration",
            place,
            "each revision has a transaction of its own: what ran before a failure stays",
        ));
    }
    let verdicts = silence(remarks, verdicts);
    Env {
        review: EnvReview {
            file: file.to_owned(),
            verdicts,
        },
        facts,
    }
}

fn holds(ways: &Ways, kind: Kind) -> bool {
    !ways.ran.is_empty() && ways.ran.iter().all(|way| way.ran.in_force.contains(&kind))
}

/// Exit 0, and nothing applied.
fn rolls_back(ways: &Ways) -> Option<Verdict> {
    let lost = |way: &&Way| {
        let is_known = way.ran.session.is_some() && way.ran.doubt.is_none();
        way.end == Some(End::Lost) && is_known && !way.is_legacy
    };
    let lost: Vec<&Way> = ways.ran.iter().filter(lost).collect();
    let way = lost.iter().find(|way| !way.is_foreign).or(lost.first())?;
    let ran = &way.ran;
    let (place, why) = match &ran.begun {
        Some(begun) if ran.external => (
            begun,
            format!(
                "`{}` begins a transaction before `context.configure`; Alembic leaves it to others, and nobody commits it",
                begun.what
            ),
        ),
        _ => (
            &ran.place,
            "nobody commits what `context.run_migrations` does: there is no `with context.begin_transaction():` around it".to_owned(),
        ),
    };
    let unless = if way.is_foreign {
        ", unless the engine, which is made elsewhere, is in AUTOCOMMIT"
    } else {
        ""
    };
    let sometimes = if lost.len() < ways.ran.len() {
        " on one way through the file"
    } else {
        ""
    };
    let message = format!("{why}: `upgrade` exits 0 and applies nothing{sometimes}{unless}");
    let mut found = verdict("env-rolls-back", place.line, &message);
    if way.is_foreign {
        found.severity = Severity::Warn;
    }
    Some(found)
}

/// What keeps from knowing.
fn opaque(ways: &Ways) -> Option<Verdict> {
    let say = |line, why: &str| Some(verdict("env-opaque", line, why));
    if ways.ran.is_empty() {
        return say(
            1,
            "no way through the file leads to `context.run_migrations`; what runs the revisions cannot be known",
        );
    }
    let unknown = |way: &&Way| way.end != Some(End::Kept) && way.ran.doubt.is_some();
    if let Some(Place { line, what }) = ways
        .ran
        .iter()
        .find(unknown)
        .and_then(|w| w.ran.doubt.as_ref())
    {
        let why = format!(
            "what `{what}` does with the connection cannot be known; if it leaves a transaction open, `upgrade` exits 0 and applies nothing"
        );
        return say(*line, &why);
    }
    if let Some(way) = ways.ran.iter().find(|way| way.ran.session.is_none()) {
        return say(
            way.ran.place.line,
            "which connection the revisions run on cannot be known, nor who commits them",
        );
    }
    if ways.are_all {
        return None;
    }
    say(
        1,
        "there are too many ways through the file to follow them all",
    )
}

/// Something that should be in force while revisions run.
struct Needed {
    rule: &'static str,
    kind: Kind,
    what: &'static str,
    consequence: &'static str,
}

const NEEDED: [Needed; 3] = [
    Needed {
        rule: "env-no-lock",
        kind: Kind::Lock,
        what: "no lock",
        consequence: "two runs at once collide, or run a revision twice",
    },
    Needed {
        rule: "env-no-lock-timeout",
        kind: Kind::LockTimeout,
        what: "no `lock_timeout`",
        consequence: "a revision that waits for a lock makes all others wait behind it, without end",
    },
    Needed {
        rule: "env-no-statement-timeout",
        kind: Kind::StatementTimeout,
        what: "no `statement_timeout`",
        consequence: "a statement goes on in the database after the job that sent it has timed out",
    },
];

impl Needed {
    fn find(&self, source: &str, ways: &Ways) -> Option<Verdict> {
        let lacks = |way: &&Way| !way.ran.in_force.contains(&self.kind) && !way.is_touched;
        let way = ways.ran.iter().find(lacks)?;
        // Where it is in force on one way, the condition of the other may well be right.
        if ways
            .ran
            .iter()
            .any(|way| way.ran.in_force.contains(&self.kind))
        {
            return None;
        }
        let is_sent = ways.ran.iter().any(|way| way.executed.contains(&self.kind));
        // Mentioned, and never sent as far as can be seen: nothing is known.
        if !is_sent && strings::mentioned(source).contains(&self.kind) {
            return None;
        }
        let what = self.what;
        let state = if is_sent {
            format!("{what} is in force when the revisions run, though one is set: it ended before")
        } else {
            format!("{what} is in force while the revisions run")
        };
        let message = format!("{state}; {}", self.consequence);
        Some(verdict(self.rule, way.ran.place.line, &message))
    }
}

/// A file that cannot be read.
pub(super) fn unreadable(file: &str, line: usize, why: &str) -> EnvReview {
    EnvReview {
        file: file.to_owned(),
        verdicts: vec![verdict(
            "env-opaque",
            line,
            &format!("the file {why}; Alembic cannot run anything with it"),
        )],
    }
}

/// A directory without the file.
pub(super) fn missing(file: &str) -> EnvReview {
    EnvReview {
        file: file.to_owned(),
        verdicts: vec![verdict(
            "env-missing",
            1,
            "there is no env.py; Alembic cannot run anything",
        )],
    }
}

/// A finding of a rule, as bad as the table says and with its remedy.
fn verdict(name: &str, line: usize, message: &str) -> Verdict {
    let rule = RULES.iter().find(|rule| rule.name == name);
    Verdict {
        rule: name.to_owned(),
        severity: rule.map_or(Severity::Warn, |rule| rule.severity),
        message: message.to_owned(),
        remedy: rule.map_or_else(String::new, |rule| rule.remedy.to_owned()),
        line,
        table: None,
        silenced: None,
    }
}
