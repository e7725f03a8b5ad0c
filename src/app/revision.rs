//! One revision as a page: what it is, what it does, whom it keeps waiting, its verdicts and its SQL.

use super::logs::LogView;
use super::model::Model;
use super::page::{Ink, Page, Span};
use super::standings::{Mark, Marks};
use crate::domain::gist::{keeps_waiting, strongest_locks};
use crate::domain::migration::RevisionSummary;
use crate::domain::preflight::Severity;
use crate::domain::review::{Certainty, Change, Object, Review, Verb, Verdict};
use crate::domain::revision::RevisionId;
use crate::domain::text::clean;

/// One revision on the screen.
#[derive(Clone, Debug)]
pub struct RevisionScreen {
    /// Index of the environment that the person came from.
    pub station: usize,
    /// The revision.
    pub id: RevisionId,
    /// What is looked at.
    pub view: LogView,
}

impl RevisionScreen {
    /// The top of a revision's page.
    pub fn new(station: usize, id: RevisionId) -> Self {
        let view = LogView {
            follow: false,
            ..LogView::default()
        };
        Self { station, id, view }
    }
}

impl Model {
    /// The page of the revision on the screen.
    pub fn revision_page(&self, screen: &RevisionScreen, width: u16) -> Page {
        let mut page = Page::new(width);
        self.facts(&screen.id, &mut page);
        match self.reviews.get(&screen.id) {
            Some(review) => {
                reviewed(review, &mut page);
                sql(review, screen.view.wrap, &mut page);
            }
            None => self.not_reviewed(&screen.id, &mut page),
        }
        page
    }

    /// The same without SQL, for a pane beside a list.
    pub fn revision_pane(&self, id: &RevisionId, width: u16) -> Page {
        let mut page = Page::new(width);
        self.facts(id, &mut page);
        match self.reviews.get(id) {
            Some(review) => reviewed(review, &mut page),
            None => self.not_reviewed(id, &mut page),
        }
        page
    }

    /// What the directory says of a revision.
    pub fn revision(&self, id: &RevisionId) -> Option<&RevisionSummary> {
        let directory = self.directory.value()?;
        let row = self.layout.row(id)?;
        directory.revisions.iter().rev().nth(row)
    }

    fn facts(&self, id: &RevisionId, page: &mut Page) {
        let Some(summary) = self.revision(id) else {
            page.told(
                ("✗ ".to_owned(), Ink::Bad),
                "the migration directory does not have it; only a database knows it",
                Ink::Bad,
            );
            self.stands(id, page);
            return;
        };
        if !summary.message.is_empty() {
            page.told((String::new(), Ink::Text), &summary.message, Ink::Strong);
        }
        if let Some(review) = self.reviews.get(id) {
            page.told(label("file"), &review.file, Ink::Text);
        }
        let after = match summary.down.as_slice() {
            [] => "nothing: a base".to_owned(),
            [_] => ids(&summary.down),
            several => format!("{}: a merge", ids(several)),
        };
        page.told(label("after"), &after, Ink::Text);
        if !summary.depends_on.is_empty() {
            page.told(label("depends on"), &ids(&summary.depends_on), Ink::Text);
        }
        if !summary.branch_labels.is_empty() {
            page.told(
                label("label"),
                &summary.branch_labels.join(", "),
                Ink::Accent,
            );
        }
        page.told(label("before"), &self.followers(id), Ink::Text);
        self.stands(id, page);
    }

    /// What follows a revision.
    fn followers(&self, id: &RevisionId) -> String {
        let directory = self.directory.value();
        let all = directory.into_iter().flat_map(|d| &d.revisions);
        let next: Vec<_> = all
            .filter(|r| r.down.contains(id))
            .map(|r| r.id.clone())
            .collect();
        match next.as_slice() {
            [] => "nothing: a head".to_owned(),
            [_] => ids(&next),
            several => format!("{}: a branch point", ids(several)),
        }
    }

    /// Where each environment stands with it.
    fn stands(&self, id: &RevisionId, page: &mut Page) {
        let words: Vec<_> = self
            .stations
            .iter()
            .map(|status| {
                let mark = match &status.standing {
                    Some(s) if s.current.contains(id) => Mark::Current,
                    standing => Marks::of(standing.as_ref()).mark(id),
                };
                let word = match mark {
                    Mark::Current | Mark::Foreign => "is here".to_owned(),
                    Mark::Applied => "has it".to_owned(),
                    Mark::Pending(at) => format!("pending {at}"),
                    Mark::Unknown => "not known".to_owned(),
                };
                format!("{} {word}", status.environment.name)
            })
            .collect();
        page.told(label("stands"), &words.join(", "), Ink::Text);
    }

    fn not_reviewed(&self, id: &RevisionId, page: &mut Page) {
        page.line(Vec::new());
        match self.reviews.failure() {
            _ if self.revision(id).is_none() && self.directory.value().is_some() => {}
            Some(failure) if !self.reviews.is_missing(id) => {
                page.told(("✗ ".to_owned(), Ink::Bad), &failure.to_string(), Ink::Bad);
                page.told(("→ ".to_owned(), Ink::Accent), &failure.hint, Ink::Accent);
            }
            _ if self.reviews.is_missing(id) => {
                page.told((String::new(), Ink::Dim), "reading its file…", Ink::Dim);
            }
            _ => page.told(
                (String::new(), Ink::Dim),
                "nothing is known of what it does",
                Ink::Dim,
            ),
        }
    }
}

fn label(word: &str) -> Span {
    (format!("{word:<11}"), Ink::Heading)
}

fn ids(ids: &[RevisionId]) -> String {
    let words: Vec<_> = ids.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn reviewed(review: &Review, page: &mut Page) {
    does(review, page);
    locks(review, page);
    verdicts(review, page);
}

/// What `upgrade` does, step by step.
fn does(review: &Review, page: &mut Page) {
    let undo = if review.undo.is_possible() && !review.destroys() {
        Ink::Good
    } else {
        Ink::Warn
    };
    page.head("what it does", vec![(review.way_back().to_owned(), undo)]);
    for change in &review.changes {
        let ink = if change.destroys { Ink::Bad } else { Ink::Text };
        page.told(line_mark(change.line), &change_words(change), ink);
    }
    for opaque in &review.opaque {
        let text = format!("? {}: {}", opaque.code, opaque.why);
        page.told(line_mark(opaque.line), &text, Ink::Warn);
    }
    if review.changes.is_empty() && review.opaque.is_empty() {
        page.told((String::new(), Ink::Dim), "nothing", Ink::Dim);
    }
}

fn line_mark(line: usize) -> Span {
    (format!("{line:>5}  "), Ink::Dim)
}

/// A change in a sentence.
fn change_words(change: &Change) -> String {
    let mut text = format!("{} {}", change.verb.word(), change.object.word());
    if change.object == Object::Other || matches!(change.verb, Verb::Other) {
        let first = change.sql.lines().next().unwrap_or_default();
        text = format!("{} `{}`", change.verb.word(), first.trim());
    } else if let Some(name) = &change.name {
        text = format!("{text} {name}");
    }
    if let Some(table) = change
        .table
        .as_ref()
        .filter(|table| change.object != Object::Table || change.name.as_ref() != Some(table))
    {
        text = format!("{text} of {table}");
    }
    if change.destroys {
        text.push_str(", data is lost");
    }
    match change.certainty {
        Certainty::Always => {}
        Certainty::Perhaps => text.push_str(", perhaps: under a condition"),
        Certainty::Repeated => text.push_str(", repeatedly: in a loop"),
    }
    if !change.transactional {
        text.push_str(", outside the transaction");
    }
    text
}

/// The strongest lock of each table, in words.
fn locks(review: &Review, page: &mut Page) {
    let locks = strongest_locks(review);
    let right = vec![("held until its transaction ends".to_owned(), Ink::Dim)];
    page.head("locks", if locks.is_empty() { Vec::new() } else { right });
    for (table, mode) in &locks {
        let ink = match (mode.blocks_reads(), mode.blocks_writes()) {
            (true, _) => Ink::Bad,
            (_, true) => Ink::Warn,
            _ => Ink::Text,
        };
        let text = format!("{} ({mode})", keeps_waiting(*mode));
        page.told((format!("{}  ", clean(table)), Ink::Strong), &text, ink);
    }
    if locks.is_empty() {
        let (text, ink) = if review.opaque.is_empty() {
            ("none on a table that was there before", Ink::Dim)
        } else {
            (
                "none is known; what cannot be read may take some",
                Ink::Warn,
            )
        };
        page.told((String::new(), Ink::Dim), text, ink);
    }
}

/// Findings, worst first, then those that the file silences.
fn verdicts(review: &Review, page: &mut Page) {
    let of = |severity| review.standing().filter(|v| v.severity == severity).count();
    let right = [(Severity::Block, "block"), (Severity::Warn, "warn")]
        .into_iter()
        .filter(|(severity, _)| of(*severity) > 0)
        .map(|(severity, word)| (format!("{} {word} ", of(severity)), Ink::of(severity).0))
        .collect();
    page.head("verdicts", right);
    for verdict in review.standing() {
        found(verdict, page);
    }
    for verdict in review.verdicts.iter().filter(|v| v.silenced.is_some()) {
        silenced(verdict, page);
    }
    if review.verdicts.is_empty() {
        let text = "no rule found anything";
        page.told(("✓ ".to_owned(), Ink::Good), text, Ink::Dim);
    }
}

fn found(verdict: &Verdict, page: &mut Page) {
    let (ink, mark) = Ink::of(verdict.severity);
    page.told((format!("{mark} "), ink), &verdict.message, Ink::Text);
    if !verdict.remedy.is_empty() {
        page.told(
            ("  → ".to_owned(), Ink::Accent),
            &verdict.remedy,
            Ink::Accent,
        );
    }
    page.told(("    ".to_owned(), Ink::Dim), &whence(verdict), Ink::Dim);
}

fn silenced(verdict: &Verdict, page: &mut Page) {
    let reason = verdict.silenced.as_deref().unwrap_or_default();
    page.told(("– ".to_owned(), Ink::Dim), &verdict.message, Ink::Dim);
    let text = format!("silenced: {reason}");
    page.told(("    ".to_owned(), Ink::Dim), &text, Ink::Dim);
    page.told(("    ".to_owned(), Ink::Dim), &whence(verdict), Ink::Dim);
}

/// Rule, line and page.
fn whence(verdict: &Verdict) -> String {
    format!(
        "{} · line {} · {}",
        verdict.rule,
        verdict.line,
        verdict.page()
    )
}

/// The statements, as they are rendered here.
fn sql(review: &Review, broken: bool, page: &mut Page) {
    let right = vec![(
        "static preview: rendered here, not by Alembic".to_owned(),
        Ink::Dim,
    )];
    page.head("sql", right);
    for (at, change) in review.changes.iter().enumerate() {
        if at > 0 {
            page.line(Vec::new());
        }
        page.line(provenance(change));
        page.statement(&change.sql, broken);
    }
    for opaque in &review.opaque {
        page.line(Vec::new());
        let text = format!("-- line {}: not known: {}", opaque.line, opaque.why);
        page.told((String::new(), Ink::Warn), &text, Ink::Warn);
    }
    if review.changes.is_empty() && review.opaque.is_empty() {
        page.told((String::new(), Ink::Dim), "-- nothing", Ink::Dim);
    }
}

/// Where a statement comes from, and how far it can be relied on.
fn provenance(change: &Change) -> Vec<Span> {
    let mut spans = vec![(format!("-- line {}", change.line), Ink::Dim)];
    if !change.exact {
        let text = " · not exact: a part is only known when the file runs";
        spans.push((text.to_owned(), Ink::Warn));
    }
    match change.certainty {
        Certainty::Always => {}
        Certainty::Perhaps => spans.push((" · under a condition".to_owned(), Ink::Warn)),
        Certainty::Repeated => spans.push((" · in a loop".to_owned(), Ink::Warn)),
    }
    if !change.transactional {
        spans.push((" · outside the transaction".to_owned(), Ink::Accent));
    }
    spans
}
