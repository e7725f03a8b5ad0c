//! The ledger as a table for spreadsheets, none of whose cells they take for a formula.

use std::borrow::Cow;

use super::unwritable;
use crate::domain::failure::Failure;
use crate::domain::ledger::Entry;
use crate::domain::text::clean;

const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor",
    "run_id",
    "kind",
    "environment",
    "operation",
    "plan",
    "execution",
    "outcome",
    "reason",
    "previous",
    "hash",
];

/// What makes a spreadsheet compute, also in the wide forms of East Asian keyboards.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The names of the columns.
pub(super) fn head() -> Result<String, Failure> {
    written(|sheet| sheet.write_record(COLUMNS))
}

/// A row for each entry.
pub(super) fn rows(page: &[Entry]) -> Result<String, Failure> {
    written(|sheet| {
        page.iter()
            .try_for_each(|entry| sheet.write_record(row(entry)))
    })
}

fn written(
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
) -> Result<String, Failure> {
    let mut sheet = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    write(&mut sheet).map_err(|error| unwritable(&error))?;
    let bytes = sheet.into_inner().map_err(|error| unwritable(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritable(&error))
}

fn row(entry: &Entry) -> [String; 13] {
    let record = &entry.record;
    let optional = |text: Option<&str>| cell(text.unwrap_or_default());
    [
        entry.seq.to_string(),
        entry.at.to_string(),
        cell(&record.actor),
        cell(&record.run_id),
        record.kind.word().to_owned(),
        cell(record.environment.as_str()),
        cell(&record.operation),
        cell(record.plan.as_str()),
        optional(record.execution.as_deref()),
        optional(record.outcome.map(crate::domain::outcome::Outcome::word)),
        optional(record.reason.as_deref()),
        cell(entry.previous.as_str()),
        cell(entry.hash.as_str()),
    ]
}

/// Text from outside as a cell: clean, and with an apostrophe before what would be computed.
fn cell(text: &str) -> String {
    let text: Cow<'_, str> = clean(text);
    if text.trim_start().starts_with(FORMULAS) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        for (given, expected) in [
            ("=1+1", "'=1+1"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("\t=cmd", "' =cmd"),
            ("＝1", "'＝1"),
            ("OPS-1 = done", "OPS-1 = done"),
            ("\u{1b}[31m=1", "'=1"),
            ("", ""),
        ] {
            assert_eq!(cell(given), expected);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_like_a_formula(text in any::<String>()) {
            let cell = cell(&text);
            prop_assert!(!cell.trim_start().starts_with(FORMULAS), "{}", cell);
            prop_assert!(!cell.contains(['\n', '\r', '\t']));
        }
    }
}
