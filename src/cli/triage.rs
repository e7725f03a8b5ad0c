//! `triage`: the causes that a log shows, from a file or standard input, offline.

use std::io::Read;

use serde_json::{Value, json};

use crate::domain::failure::{Failure, FailureKind};
use crate::triage::catalogue::Flaw;
use crate::triage::{Catalogue, Changed, Facts, Found, Reader};

use super::output::Output;

/// So much is read at once.
const PIECE: usize = 256 * 1024;

/// Files of causes: name and text.
pub type CauseFiles = Vec<(String, String)>;

/// Tells the causes of a log, with what is known besides it.
pub fn triage(
    output: Output,
    own: &CauseFiles,
    log: &mut dyn Read,
    facts: &Facts,
) -> Result<u8, Failure> {
    let catalogue = catalogue(own)?;
    let mut reader = Reader::new(&catalogue);
    let mut piece = vec![0; PIECE];
    loop {
        match log.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => reader.feed(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    let (lines, found) = reader.finish(facts);
    let document = json!({
        "causes": found.iter().map(wire).collect::<Vec<_>>(),
        "lines": lines,
    });
    output.answer(&document, || text(&found, lines))?;
    Ok(0)
}

/// Checks a team's own causes: every fixture must give its own cause first.
pub fn check(output: Output, files: &CauseFiles) -> Result<u8, Failure> {
    let catalogue = catalogue(files)?;
    let wrong = catalogue.check();
    if let Some(first) = wrong.first() {
        let more = match wrong.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        return Err(Failure::new(
            FailureKind::Config,
            format!("{first}{more}"),
            "A cause is meant where its pattern fits and no cause with a lower precedence does.",
        ));
    }
    let count = catalogue.len();
    output.answer(&json!({ "causes": count, "sound": true }), || {
        format!("{count} causes, each found first on its own fixtures")
    })?;
    Ok(0)
}

fn catalogue(files: &CauseFiles) -> Result<Catalogue, Failure> {
    Catalogue::with(files).map_err(|flaws| {
        let all: Vec<_> = flaws.iter().map(Flaw::to_string).collect();
        Failure::new(
            FailureKind::Config,
            all.join("; "),
            "docs/causes.md says what a file of causes may hold.",
        )
    })
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the log cannot be read: {error}"),
        "Name a file, or give the log on standard input.",
    )
}

/// A cause as JSON.
pub(super) fn wire(found: &Found) -> Value {
    json!({
        "id": found.id, "title": found.title, "line": found.line,
        "line_number": found.line_number, "times": found.times, "cause": found.cause,
        "remedy": found.remedy, "changed": found.changed.word(), "symptom": found.symptom,
        "links": found.links,
    })
}

fn text(found: &[Found], lines: u64) -> String {
    if found.is_empty() {
        return format!("no known cause in {lines} lines");
    }
    let cards: Vec<_> = found.iter().map(card).collect();
    cards.join("\n\n")
}

/// A cause for people.
pub(super) fn card(found: &Found) -> String {
    let mark = if found.symptom { "!" } else { "✗" };
    let times = match found.times {
        1 => String::new(),
        times => format!(", {times} times"),
    };
    let changed = match found.changed {
        Changed::Nothing => "nothing",
        Changed::Unknown => "not known: read the database back",
    };
    format!(
        "{mark} {}  {}\n  line {}{times}\n    {}\n  why      {}\n  changed  {changed}\n  do       {}",
        found.id, found.title, found.line_number, found.line, found.cause, found.remedy
    )
}
