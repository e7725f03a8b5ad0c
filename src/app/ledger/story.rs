//! One run's whole story: every entry of it, the oldest first, with the time between them.

use jiff::Timestamp;
use serde_json::Value;

use crate::app::effect::RequestId;
use crate::app::logs::LogView;
use crate::app::page::{Ink, Page, Span};
use crate::domain::age;
use crate::domain::ledger::{Entry, EntryKind, Record};
use crate::domain::observed::Remote;
use crate::domain::outcome::Outcome;
use crate::domain::text::clean;

/// Columns of a label.
const LABEL: usize = 10;
/// Where the texts of an entry begin: behind its time and the time since the entry before.
const BESIDE: usize = 18;
/// What does not fit into any line is not measured.
const LINE: usize = 400;
/// Facts of an entry that are told beside it.
const FACTS: usize = 6;

/// One run's story on the screen.
#[derive(Clone, Debug)]
pub struct StoryScreen {
    /// The run.
    pub run_id: String,
    /// Its entries, the oldest first.
    pub entries: Remote<Vec<Entry>>,
    /// The request that reads them.
    pub request: Option<RequestId>,
    /// What is looked at.
    pub view: LogView,
}

impl StoryScreen {
    /// The top of a story that is being read; what is known of it is shown at once.
    pub fn new(run_id: String, request: RequestId) -> Self {
        let view = LogView {
            follow: false,
            ..LogView::default()
        };
        Self {
            run_id,
            entries: Remote {
                loading: true,
                ..Remote::default()
            },
            request: Some(request),
            view,
        }
    }

    /// The story as a page.
    pub fn page(&self, width: u16) -> Page {
        let mut page = Page::new(width);
        if let Some(failure) = &self.entries.failure {
            page.told(("✗ ".into(), Ink::Bad), &failure.to_string(), Ink::Bad);
            if !failure.hint.is_empty() {
                page.told(("→ ".into(), Ink::Accent), &failure.hint, Ink::Accent);
            }
        }
        match self.entries.value().map(Vec::as_slice) {
            None if self.entries.loading => page.line(vec![("reading…".into(), Ink::Dim)]),
            None => {}
            Some([]) => page.line(vec![(
                "the ledger has no entry of this run".into(),
                Ink::Dim,
            )]),
            Some(entries) => {
                summary(entries, &mut page);
                happened(entries, &mut page);
            }
        }
        page
    }
}

/// The symbol, the word and the ink of an entry; what was refused or forced is known without colour.
pub fn mark(record: &Record) -> (&'static str, &'static str, Ink) {
    match record.kind {
        EntryKind::Intended => ("→", "intended", Ink::Accent),
        EntryKind::Looked => ("→", "looks", Ink::Text),
        EntryKind::Step => ("·", "step", Ink::Text),
        EntryKind::Started => ("●", "started", Ink::Accent),
        EntryKind::Lost => ("?", "LOST", Ink::Warn),
        EntryKind::Unsettled => ("?", "UNKNOWN", Ink::Warn),
        EntryKind::Settled => settled(record.outcome),
        EntryKind::Refused => ("⊘", "REFUSED", Ink::Bad),
        EntryKind::Left => ("←", "left", Ink::Dim),
        EntryKind::Armed => ("!", "armed", Ink::Warn),
        EntryKind::Disarmed => ("·", "disarmed", Ink::Dim),
        EntryKind::Requested => ("?", "requested", Ink::Accent),
        EntryKind::Approved => ("✓", "approved", Ink::Good),
        EntryKind::Declined => ("✗", "DECLINED", Ink::Bad),
        EntryKind::BrokeGlass => ("‼", "BROKE GLASS", Ink::Alarm),
        EntryKind::Reviewed => ("✓", "reviewed", Ink::Good),
        EntryKind::Seen => ("○", "seen", Ink::Dim),
    }
}

fn settled(outcome: Option<Outcome>) -> (&'static str, &'static str, Ink) {
    match outcome {
        Some(Outcome::Applied) => ("✓", "APPLIED", Ink::Good),
        Some(Outcome::Unchanged) => ("=", "unchanged", Ink::Good),
        Some(Outcome::Failed) => ("✗", "FAILED", Ink::Bad),
        Some(Outcome::Refused) => ("⊘", "REFUSED", Ink::Bad),
        Some(Outcome::Unknown) | None => ("?", "UNKNOWN", Ink::Warn),
    }
}

/// One entry in full, for a pane beside the list.
pub fn told(entry: &Entry, width: u16) -> Page {
    let mut page = Page::new(width);
    let record = &entry.record;
    let (symbol, word, ink) = mark(record);
    page.line(vec![
        (format!("{symbol} {word}  "), ink),
        (format!("#{}", entry.seq), Ink::Dim),
    ]);
    page.told(label("when"), &moment(entry.at), Ink::Text);
    page.told(label("who"), &record.actor, Ink::Text);
    page.told(label("where"), record.environment.as_str(), Ink::Strong);
    page.told(label("what"), &record.operation, Ink::Text);
    for reason in record.reason.iter().filter(|reason| !reason.is_empty()) {
        page.told(label("reason"), reason, Ink::Text);
    }
    if let Some(execution) = &record.execution {
        page.told(label("execution"), execution, Ink::Text);
    }
    for (name, value) in facts(record.detail.as_deref()) {
        page.told(label(&name), &value, Ink::Text);
    }
    page.told(label("run"), &record.run_id, Ink::Dim);
    page.told(label("plan"), record.plan.as_str(), Ink::Dim);
    page.told(label("hash"), entry.hash.as_str(), Ink::Dim);
    page
}

/// What it is about, who began it, how it ended, and how long that took.
fn summary(entries: &[Entry], page: &mut Page) {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return;
    };
    let (symbol, word, ink) = mark(&last.record);
    page.line(vec![
        (format!("{} ", clean(&first.record.operation)), Ink::Strong),
        (
            format!("on {}   ", clean(first.record.environment.as_str())),
            Ink::Text,
        ),
        (format!("{symbol} {word}"), ink),
    ]);
    page.told(label("run"), &first.record.run_id, Ink::Text);
    page.told(label("plan"), first.record.plan.as_str(), Ink::Text);
    page.told(label("by"), &first.record.actor, Ink::Text);
    page.told(label("from"), &moment(first.at), Ink::Text);
    let took = age::length(last.at.duration_since(first.at));
    page.told(
        label("to"),
        &format!("{}, {took}", moment(last.at)),
        Ink::Text,
    );
}

fn happened(entries: &[Entry], page: &mut Page) {
    let count = match entries.len() {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    };
    page.head("what happened", vec![(count, Ink::Dim)]);
    let mut before: Option<&Entry> = None;
    for entry in entries {
        step(entry, before, page);
        before = Some(entry);
    }
}

fn step(entry: &Entry, before: Option<&Entry>, page: &mut Page) {
    let record = &entry.record;
    let day = entry.at.strftime("%Y-%m-%d").to_string();
    if before.is_some_and(|b| b.at.strftime("%Y-%m-%d").to_string() != day) {
        page.line(vec![(day, Ink::Dim)]);
    }
    let gap = before.map_or_else(String::new, |before| {
        format!("+{}", age::length(entry.at.duration_since(before.at)))
    });
    let (symbol, word, ink) = mark(record);
    let mut spans: Vec<Span> = vec![
        (entry.at.strftime("%H:%M:%S ").to_string(), Ink::Text),
        (format!("{gap:>8} "), Ink::Dim),
        (format!("{symbol} {word:<12}"), ink),
    ];
    if before.is_none_or(|b| b.record.actor != record.actor) {
        spans.push((format!("by {}  ", clean(&record.actor)), Ink::Text));
    }
    spans.push((format!("#{}", entry.seq), Ink::Dim));
    page.line(spans);
    let mut tell = |text: &str, ink| {
        if !text.is_empty() {
            page.told((" ".repeat(BESIDE), Ink::Text), text, ink);
        }
    };
    tell(&news(record, before), Ink::Text);
    if let Some(execution) = record
        .execution
        .as_deref()
        .filter(|e| before.and_then(|b| b.record.execution.as_deref()) != Some(*e))
    {
        tell(&format!("execution {execution}"), Ink::Dim);
    }
    if before.is_some_and(|b| b.record.plan != record.plan) {
        tell(&format!("plan {}", record.plan), Ink::Warn);
    }
    if before.is_none_or(|b| b.record.detail != record.detail) {
        for (name, value) in facts(record.detail.as_deref()) {
            tell(&format!("{name} {value}"), Ink::Dim);
        }
    }
}

/// The part of the reason that the entry before did not say already.
fn news(record: &Record, before: Option<&Entry>) -> String {
    let reason = record.reason.as_deref().unwrap_or_default();
    let known = before.and_then(|b| b.record.reason.as_deref());
    match known.filter(|known| !known.is_empty()) {
        Some(known) if reason == known => String::new(),
        Some(known) => reason
            .strip_prefix(known)
            .map_or(reason, |rest| rest.trim_start_matches(" · "))
            .to_owned(),
        None => reason.to_owned(),
    }
}

/// Why an entry was written, or else what it is about, in one line.
pub fn why(record: &Record) -> String {
    let reason = record.reason.as_deref().filter(|text| !text.is_empty());
    let text = reason.or(record.execution.as_deref());
    let short = |text: &str| text.chars().take(LINE).collect();
    match (text, record.kind) {
        (Some(text), _) => short(text),
        (None, EntryKind::Armed | EntryKind::Disarmed | EntryKind::Seen) => {
            let told = facts(record.detail.as_deref()).into_iter().next();
            told.map_or_else(String::new, |(name, value)| {
                short(&format!("{name} {value}"))
            })
        }
        (None, _) => String::new(),
    }
}

/// The facts of an entry that a person reads, the telling ones of a plan first.
fn facts(detail: Option<&str>) -> Vec<(String, String)> {
    let Some(Value::Object(found)) = detail.and_then(|json| serde_json::from_str(json).ok()) else {
        return Vec::new();
    };
    let line = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Array(all) => {
            let words: Option<Vec<_>> = all.iter().map(Value::as_str).collect();
            words.filter(|w| !w.is_empty()).map(|words| words.join(" "))
        }
        _ => None,
    };
    let of_plan = ["from", "to", "args", "image_digest"];
    let keys: Vec<&str> = if of_plan.iter().all(|key| found.contains_key(*key)) {
        of_plan.to_vec()
    } else {
        found.keys().map(String::as_str).collect()
    };
    let told = keys.into_iter().filter_map(|key| {
        let value = line(found.get(key)?).filter(|text| !text.is_empty())?;
        Some((key.replace('_', " "), value))
    });
    told.take(FACTS).collect()
}

fn label(word: &str) -> Span {
    (format!("{word:<LABEL$} "), Ink::Heading)
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
