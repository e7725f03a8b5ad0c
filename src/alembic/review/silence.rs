//! `# portcullis: allow <rule> because <reason>`.

use super::rules::{RULES, rule};
use crate::alembic::script::Remark;
use crate::domain::preflight::Severity;
use crate::domain::review::Verdict;

/// How alike two names must be to be taken for a slip of the pen.
const ALIKE: f64 = 0.6;

/// Silences what the file silences, finds what is wrong with that, and puts the worst first.
pub(in crate::alembic) fn apply(remarks: &[Remark], mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut wrong = Vec::new();
    for remark in remarks {
        match read(&remark.text) {
            Err(why) => wrong.push(finding("silence-without-reason", remark, why)),
            Ok((names, reason)) => {
                for name in names {
                    if rule(name).is_none() {
                        wrong.push(finding("silence-unknown-rule", remark, unknown(name)));
                    } else if !silence(&mut verdicts, remarks, remark, name, reason) {
                        let why = format!("{name} finds nothing here that this could silence");
                        wrong.push(finding("silence-unused", remark, why));
                    }
                }
            }
        }
    }
    verdicts.append(&mut wrong);
    verdicts.sort_by(|a, b| {
        let silent = (a.silenced.is_some(), b.silenced.is_some());
        (silent.0.cmp(&silent.1))
            .then(b.severity.cmp(&a.severity))
            .then(a.line.cmp(&b.line))
    });
    verdicts
}

/// The rules and the reason of a remark.
fn read(text: &str) -> Result<(Vec<&str>, &str), String> {
    let words = text.strip_prefix("allow ").ok_or_else(|| {
        format!("`{text}` is not understood: only `allow <rule> because <reason>` is")
    })?;
    let (names, reason) = words.split_once(" because").unwrap_or((words, ""));
    let reason = reason.trim().trim_start_matches(':').trim();
    // A full stop is no reason.
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(format!("allows {} without a reason", names.trim()));
    }
    let names = names.split(',').map(str::trim);
    Ok((names.filter(|name| !name.is_empty()).collect(), reason))
}

/// Silences every finding of a rule within reach of a remark; `false` when there was none.
fn silence(
    verdicts: &mut [Verdict],
    remarks: &[Remark],
    remark: &Remark,
    name: &str,
    reason: &str,
) -> bool {
    let line = reach(remarks, remark);
    let mut found = false;
    let reached = verdicts
        .iter_mut()
        .filter(|verdict| verdict.rule == name)
        .filter(|verdict| remark.top_level || verdict.line == line);
    for verdict in reached {
        found = true;
        verdict.silenced.get_or_insert_with(|| reason.to_owned());
    }
    found
}

/// The line that a remark speaks of: its own, or the next that is no remark.
fn reach(remarks: &[Remark], remark: &Remark) -> usize {
    if remark.trailing {
        return remark.line;
    }
    let mut line = remark.line + 1;
    while remarks
        .iter()
        .any(|other| other.line == line && !other.trailing)
    {
        line += 1;
    }
    line
}

fn unknown(name: &str) -> String {
    let near = RULES
        .iter()
        .map(|rule| (strsim::jaro_winkler(rule.name, name), rule.name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, near)) => format!("there is no rule {name}; did you mean {near}?"),
        None => format!("there is no rule {name}"),
    }
}

fn finding(name: &str, remark: &Remark, message: String) -> Verdict {
    let rule = rule(name);
    Verdict {
        rule: name.to_owned(),
        severity: rule.map_or(Severity::Warn, |rule| rule.severity),
        message,
        remedy: rule.map_or_else(String::new, |rule| rule.remedy.to_owned()),
        line: remark.line,
        table: None,
        silenced: None,
    }
}
