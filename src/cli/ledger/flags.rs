//! What may stand behind `ledger`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand, ValueEnum};
use jiff::{Timestamp, civil, tz::TimeZone};

use crate::config::duration;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{EntryKind, Filter};

/// Verbs of `ledger`.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// The newest entries.
    List {
        /// Which entries.
        #[command(flatten)]
        which: Which,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// Only entries before this one: the next page.
        #[arg(long, value_name = "SEQ")]
        before: Option<u64>,
    },
    /// The whole story of one run, the oldest entry first.
    Show {
        /// The run.
        #[arg(value_name = "RUN")]
        run: String,
    },
    /// Check the chain of hashes from the first entry on, and the seals.
    Verify {
        /// Forget how far the ledger had come, after an older copy of it was put back on purpose.
        #[arg(long)]
        forget: bool,
    },
    /// Entries for a program, a spreadsheet or a colleague, the oldest first.
    Export {
        /// Which entries.
        #[command(flatten)]
        which: Which,
        /// In which form.
        #[arg(long = "as", value_enum, value_name = "FORM", default_value_t = Form::Jsonl)]
        form: Form,
    },
    /// Settle runs that were left open: find their executions, read the databases back.
    Settle,
    /// Write and read the ledger that a team shares, in a PostgreSQL database.
    ///
    /// Its address holds a password, so it is asked for without echo, or read from a file or
    /// standard input. It is checked, and kept where keys are kept.
    Connect {
        /// The file whose first line is the address.
        #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
        file: Option<PathBuf>,
        /// The first line of standard input is the address.
        #[arg(long)]
        stdin: bool,
    },
    /// Write and read the ledger of this machine again, and forget the address of the shared one.
    Disconnect,
    /// Close the file of keys, on a machine without a keyring, with a passphrase or a key file.
    Protect {
        /// The file whose first line is the passphrase; without it, it is asked for.
        #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
        passphrase_file: Option<PathBuf>,
        /// The file with an age key; it is made if it is not there.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
    },
}

/// In which form entries are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One JSON document for each entry; the chain can be checked elsewhere.
    Jsonl,
    /// A table.
    Csv,
    /// A hand-over: runs, open ones, reviews that are owed, the state of the chain.
    Markdown,
}

/// Which entries are asked for.
#[derive(Debug, Args)]
pub struct Which {
    /// Only of this environment.
    #[arg(from_global)]
    pub environment: Option<String>,
    /// Only of this kind; may be given more than once.
    #[arg(long, value_name = "KIND", value_parser = kind_parser())]
    pub kind: Vec<EntryKind>,
    /// Only by this actor.
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Only of this run.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Only about the plan whose digest begins so.
    #[arg(long, value_name = "DIGEST")]
    pub plan: Option<String>,
    /// Only from this time on: `2d`, `90m`, `2026-11-24`, `2026-11-24T16:00:00Z`.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only before this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only entries with this text in operation, actor, reason, execution or run.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

impl Which {
    /// The filter that is meant, at this time.
    pub(super) fn filter(&self, now: Timestamp) -> Result<Filter, Failure> {
        let time = |given: &Option<String>, flag: &str| {
            let read = given.as_deref().map(|text| moment(text, now, flag));
            read.transpose()
        };
        // The short form of a digest has a dot in it.
        let plan = self.plan.as_ref();
        Ok(Filter {
            environment: self.environment.as_deref().map(Into::into),
            kinds: self.kind.clone(),
            run_id: self.run.clone(),
            plan: plan.map(|digits| digits.replace('·', "").to_lowercase()),
            actor: self.actor.clone(),
            text: self.search.clone(),
            since: time(&self.since, "--since")?,
            until: time(&self.until, "--until")?,
        })
    }

    /// The filter as a person reads it; empty when everything is meant.
    pub(super) fn words(&self) -> Vec<String> {
        let kinds = self.kind.iter().map(|kind| kind.word());
        let kinds = kinds.collect::<Vec<_>>().join(" or ");
        let named = [
            ("environment", self.environment.as_deref()),
            (
                "kind",
                Some(kinds.as_str()).filter(|kinds| !kinds.is_empty()),
            ),
            ("by", self.actor.as_deref()),
            ("run", self.run.as_deref()),
            ("plan", self.plan.as_deref()),
            ("since", self.since.as_deref()),
            ("until", self.until.as_deref()),
            ("with the text", self.search.as_deref()),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        named
            .map(|(name, value)| format!("{name} {value}"))
            .collect()
    }
}

fn kind_parser() -> impl clap::builder::TypedValueParser<Value = EntryKind> {
    let words = EntryKind::ALL.map(EntryKind::word);
    PossibleValuesParser::new(words).map(|word| {
        let found = EntryKind::ALL.into_iter().find(|kind| kind.word() == word);
        found.expect("the parser lets only these words through")
    })
}

/// A time: so long ago, a day in UTC, or a moment.
fn moment(text: &str, now: Timestamp, flag: &str) -> Result<Timestamp, Failure> {
    let ago = || now.checked_sub(duration(text)?).ok();
    let day = || {
        let day: civil::Date = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    let exact = || text.parse().ok();
    exact().or_else(|| is_day(text).then(day).flatten()).or_else(ago).ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            format!("`{flag} {text}` is no time"),
            "Say how long ago (`2d`, `90m`), a day (`2026-11-24`) or a moment (`2026-11-24T16:00:00Z`).",
        )
    })
}

/// A civil date would also be read out of longer texts, and its rest dropped.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spans_days_and_moments() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let read = |text: &str| moment(text, now, "--since").map(|at| at.to_string());
        for (text, expected) in [
            ("2d", "2026-11-22T12:00:00Z"),
            ("90m", "2026-11-24T10:30:00Z"),
            ("12h", "2026-11-24T00:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T05:30:00+05:30", "2026-11-01T00:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "9999999y",
            "2026-11-01T05",
            "-",
        ] {
            assert_eq!(read(text).unwrap_err().kind, FailureKind::Usage, "{text}");
        }
    }
}
