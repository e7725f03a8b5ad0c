//! Reads a log of any length and says which causes it shows.
//!
//! All patterns are one automaton that only says where the next line with a cause ends; that
//! line alone is then looked at closely. So a log without causes costs one pass.

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::cause::Changed;
use super::evidence;
use super::facts::Facts;

/// So much is looked at in one go.
const PIECE: usize = 1024 * 1024;
/// So far around a line a cause may look for what belongs to it.
const AROUND: usize = 4 * 1024;
/// A line that is longer is looked at in parts.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// A cause that a log shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id in the catalogue.
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// Why.
    pub cause: String,
    /// What to do first, filled with what is known.
    pub remedy: String,
    /// What it says about the database.
    pub changed: Changed,
    /// Where more is written.
    pub links: Vec<String>,
    /// Whether it is only a symptom.
    pub symptom: bool,
    /// The first line that shows it, fit to be shown.
    pub line: String,
    /// Number of that line, from 1.
    pub line_number: u64,
    /// How many lines show it.
    pub times: u64,
}

/// Where a cause was seen first.
#[derive(Clone, Debug)]
struct Hit {
    line: String,
    line_number: u64,
    captures: BTreeMap<String, String>,
    times: u64,
}

/// A log under way; bytes come in pieces of any size.
#[derive(Debug)]
pub struct Reader<'c> {
    catalogue: &'c Catalogue,
    /// What was looked at and may still belong to a line, then what was not looked at.
    bytes: Vec<u8>,
    /// Where the part begins that was not looked at.
    fresh: usize,
    /// Lines before that part.
    lines: u64,
    hits: BTreeMap<usize, Hit>,
}

impl<'c> Reader<'c> {
    /// A reader at the beginning of a log.
    pub fn new(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            bytes: Vec::new(),
            fresh: 0,
            lines: 0,
            hits: BTreeMap::new(),
        }
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        while self.bytes.len() - self.fresh >= PIECE + AROUND {
            let most = self.bytes.len() - AROUND;
            let ready = &self.bytes[self.fresh..most];
            let end = match ready.iter().rposition(|byte| *byte == b'\n') {
                Some(newline) => self.fresh + newline + 1,
                None if ready.len() >= LONGEST_LINE => most,
                None => return,
            };
            self.look(end);
            self.forget(end);
        }
    }

    /// The end of the log: how many lines it had, and what it shows, the earliest first, symptoms last.
    pub fn finish(mut self, facts: &Facts) -> (u64, Vec<Found>) {
        self.look(self.bytes.len());
        let mut found: Vec<_> = self
            .hits
            .into_iter()
            .map(|(at, hit)| {
                let cause = &self.catalogue.causes[at];
                let told = cause.tell(facts, &hit.captures);
                Found {
                    id: cause.id.clone(),
                    title: cause.title.clone(),
                    cause: told.cause,
                    remedy: told.remedy,
                    changed: told.changed,
                    links: cause.links.clone(),
                    symptom: cause.symptom,
                    line: hit.line,
                    line_number: hit.line_number,
                    times: hit.times,
                }
            })
            .collect();
        found.sort_by_key(|found| (found.symptom, found.line_number));
        (self.lines, found)
    }

    fn look(&mut self, end: usize) {
        let mut at = self.fresh;
        while let Some(match_end) = self.catalogue.any.shortest_match_at(&self.bytes[..end], at) {
            let inside = match_end.saturating_sub(1).max(at);
            let start = self.bytes[at..inside]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(at, |newline| at + newline + 1);
            let stop = self.bytes[inside..end]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(end, |newline| inside + newline);
            self.lines += newlines(&self.bytes[at..start]);
            self.look_at_line(start, stop);
            if stop >= end {
                self.lines += 1;
                self.fresh = end;
                return;
            }
            self.lines += 1;
            at = stop + 1;
        }
        let rest = &self.bytes[at..end];
        self.lines += newlines(rest) + u64::from(rest.last().is_some_and(|byte| *byte != b'\n'));
        self.fresh = end;
    }

    /// What is too far behind to belong to a later line goes away.
    fn forget(&mut self, end: usize) {
        let keep = end.saturating_sub(AROUND);
        self.bytes.drain(..keep);
        self.fresh = end - keep;
    }

    fn look_at_line(&mut self, start: usize, stop: usize) {
        let line = &self.bytes[start..stop];
        let near_start = start.saturating_sub(AROUND);
        let near_stop = (stop + AROUND).min(self.bytes.len());
        let around = &self.bytes[near_start..near_stop];
        let causes = &self.catalogue.causes;
        let meant = self
            .catalogue
            .each
            .matches(line)
            .into_iter()
            .filter(|at| {
                causes[*at]
                    .near
                    .as_ref()
                    .is_none_or(|near| near.is_match(around))
            })
            .min_by_key(|at| (causes[*at].symptom, causes[*at].precedence, *at));
        let Some(at) = meant else { return };
        if let Some(hit) = self.hits.get_mut(&at) {
            hit.times += 1;
            return;
        }
        let cause = &causes[at];
        let Some(captures) = cause.pattern.captures(line) else {
            return;
        };
        let range = captures.get(0).map_or(0..0, |found| found.range());
        let named = cause.pattern.capture_names().flatten().filter_map(|name| {
            let value = String::from_utf8_lossy(captures.name(name)?.as_bytes());
            Some((name.to_owned(), value.into_owned()))
        });
        let hit = Hit {
            line: evidence::shown(line, range, cause.hides.as_ref()),
            line_number: self.lines + 1,
            captures: named.collect(),
            times: 1,
        };
        self.hits.insert(at, hit);
    }
}

#[expect(
    clippy::naive_bytecount,
    reason = "the compiler makes vectors of it; a crate for one count is too much"
)]
fn newlines(bytes: &[u8]) -> u64 {
    let count = bytes.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
