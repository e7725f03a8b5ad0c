//! The hand-over: what happened, run by run, for a colleague who was not there.

use std::fmt::Write as _;

use crate::cli::Context;
use crate::domain::failure::Failure;
use crate::domain::ledger::{Entry, EntryKind, Filter};
use crate::domain::text::clean;

use super::story::{Ends, Owed, Stories};
use crate::cli::ledger::Which;
use crate::cli::ledger::pages::newest_first;
use crate::cli::ledger::verify;

/// Writes the hand-over.
pub(super) async fn hand_over(
    context: &Context,
    which: &Which,
    filter: &Filter,
) -> Result<(), Failure> {
    let ledger = context.world.ledger.as_ref();
    let mut ends = Ends::default();
    let mut pages = newest_first(ledger, filter, |entry| ends.look(entry)).await?;
    let head = head(context, which, &ends).await?;
    let unfinished = unfinished(context, filter).await?;
    context
        .output
        .piece(&format!("{head}\n{unfinished}\n## Runs\n"))?;
    let mut stories = Stories::new(ends);
    while let Some(page) = pages.next().await? {
        let told = page.into_iter().filter_map(|entry| stories.take(entry));
        let told: String = told.map(|run| story(&run)).collect();
        if !context.output.piece(&told)? {
            break;
        }
    }
    Ok(())
}

async fn head(context: &Context, which: &Which, ends: &Ends) -> Result<String, Failure> {
    let world = &context.world;
    let found = world.ledger.soundness().await?;
    let whereabouts = world.ledgers.whereabouts().await?;
    let words = which.words();
    let chosen = if words.is_empty() {
        "everything".to_owned()
    } else {
        words.join(", ")
    };
    let mut text = format!("# Ledger hand-over\n\nWritten {}", world.clock.now());
    let _ = writeln!(text, " from {}.", safe(&whereabouts.name));
    let _ = writeln!(text, "\n- Shown: {}", safe(&chosen));
    let _ = write!(text, "- Entries: {}, runs: {}", ends.entries(), ends.runs());
    if let Some((first, last)) = ends.span() {
        let _ = write!(text, ", from {} to {}", first.at, last.at);
    }
    let chain = match &found.broken {
        None => format!("whole, {} entries", found.entries),
        Some(broken) => format!("**broken** after {} entries: {broken}", found.entries),
    };
    let _ = writeln!(text, "\n- Chain: {chain}");
    let mark = if found.seal.is_broken() {
        "**broken**: "
    } else {
        ""
    };
    let _ = writeln!(text, "- Seal: {mark}{}", verify::seal(&found));
    Ok(text)
}

/// What the colleague has to look after: it comes first, whatever times were asked for.
async fn unfinished(context: &Context, filter: &Filter) -> Result<String, Failure> {
    let ledger = context.world.ledger.as_ref();
    let is_meant = |entry: &Entry| {
        let environment = filter.environment.as_ref();
        environment.is_none_or(|named| *named == entry.record.environment)
    };
    let mut open = ledger.open_runs().await?;
    open.retain(is_meant);
    let glass = Filter {
        environment: filter.environment.clone(),
        kinds: vec![EntryKind::BrokeGlass, EntryKind::Reviewed],
        ..Filter::default()
    };
    let mut owed = Owed::default();
    newest_first(ledger, &glass, |entry| owed.look(entry)).await?;
    let open = list("Open runs", "No run is open.", &open);
    let owed = list("Reviews that are owed", "No review is owed.", &owed.list());
    Ok(format!("{open}\n{owed}"))
}

fn list(title: &str, none: &str, entries: &[Entry]) -> String {
    let mut text = format!("## {title}\n\n");
    if entries.is_empty() {
        let _ = writeln!(text, "{none}");
    }
    for entry in entries {
        let record = &entry.record;
        let _ = writeln!(
            text,
            "- {} on {}, run {}: {} at {} by {}{}",
            safe(&record.operation),
            safe(record.environment.as_str()),
            safe(&record.run_id),
            word(record.kind),
            entry.at,
            safe(&record.actor),
            reason(entry),
        );
    }
    text
}

/// One run: what, where, how it ended, and its entries as a table.
fn story(run: &[Entry]) -> String {
    let Some((first, last)) = run.first().zip(run.last()) else {
        return String::new();
    };
    let record = &first.record;
    let outcome = run.iter().rev().find_map(|entry| entry.record.outcome);
    let ended = outcome.map_or_else(|| word(last.record.kind), |outcome| outcome.word().into());
    let mut text = format!(
        "\n### {} {} on {}: {ended}\n\nRun {}, plan {}.\n\n| at | what | by | outcome | execution | reason |\n| --- | --- | --- | --- | --- | --- |\n",
        first.at,
        safe(&record.operation),
        safe(record.environment.as_str()),
        safe(&record.run_id),
        record.plan.short(),
    );
    for entry in run {
        let record = &entry.record;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            entry.at,
            word(record.kind),
            safe(&record.actor),
            record.outcome.map_or("", |outcome| outcome.word()),
            safe(record.execution.as_deref().unwrap_or_default()),
            safe(record.reason.as_deref().unwrap_or_default()),
        );
    }
    text
}

fn reason(entry: &Entry) -> String {
    let reason = entry.record.reason.as_deref();
    reason.map_or_else(String::new, |reason| format!(" ({})", safe(reason)))
}

fn word(kind: EntryKind) -> String {
    kind.word().replace('_', " ")
}

/// Text from outside that is nothing but text: neither a link, nor HTML, nor the end of a cell.
fn safe(text: &str) -> String {
    let clean = clean(text);
    let mut safe = String::with_capacity(clean.len());
    for c in clean.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ':' | '/' | '@' | '-' | '=' | '\'')
        {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn text_stays_text() {
        assert_eq!(safe("OPS-1: a|b\n<b>"), r"OPS-1: a\|b \<b\>");
        assert_eq!(safe("[x](http://y)"), r"\[x\]\(http://y\)");
        assert_eq!(safe("\u{1b}[31mred `x`"), r"red \`x\`");
        assert_eq!(safe("ravi@example.com"), "ravi@example.com");
    }
}
