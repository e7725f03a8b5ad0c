//! The filter of the ledger in words: `env:prod kind:refused by:ravi since:2d`, and a text.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::domain::ledger::{EntryKind, Filter};

/// What may be completed: words that begin like one of these mean it.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// Names of environments.
    pub environments: Vec<&'a str>,
    /// Who acted.
    pub actors: Vec<&'a str>,
}

/// The words, for a hint.
pub const WORDS: &str = "env: kind: by: run: plan: since: until:";

/// Reads a filter as it was typed; what is wrong is said in one line.
pub fn parse(text: &str, known: &Known<'_>, now: Timestamp) -> Result<Filter, String> {
    let mut filter = Filter::default();
    let mut rest = Vec::new();
    for word in text.split_whitespace() {
        let Some((key, value)) = word.split_once(':') else {
            rest.push(word);
            continue;
        };
        // A word that is still being typed lets everything through.
        let value = Some(value).filter(|value| !value.is_empty());
        match key.to_lowercase().as_str() {
            "env" | "environment" => {
                let name = value
                    .map(|v| completed(v, &known.environments))
                    .transpose()?;
                filter.environment = name.map(|name| name.as_str().into());
            }
            "kind" | "is" => filter
                .kinds
                .extend(value.map(kinds).transpose()?.unwrap_or_default()),
            "by" | "actor" => {
                filter.actor = value.map(|v| completed(v, &known.actors)).transpose()?;
            }
            "run" => filter.run_id = value.map(str::to_owned),
            "plan" => filter.plan = value.map(|v| v.replace('·', "").to_lowercase()),
            "since" => filter.since = value.map(|v| moment(v, false, now)).transpose()?,
            "until" => filter.until = value.map(|v| moment(v, true, now)).transpose()?,
            _ => rest.push(word),
        }
    }
    filter.text = (!rest.is_empty()).then(|| rest.join(" "));
    Ok(filter)
}

/// The one that begins so; one that is not known is taken as it is.
fn completed(value: &str, known: &[&str]) -> Result<String, String> {
    if known.contains(&value) {
        return Ok(value.to_owned());
    }
    let begins = |name: &&&str| name.to_lowercase().starts_with(&value.to_lowercase());
    let found: Vec<_> = known.iter().filter(begins).copied().collect();
    match found.as_slice() {
        [] => Ok(value.to_owned()),
        [one] => Ok((*one).to_owned()),
        several => Err(format!("`{value}` could be {}", several.join(", "))),
    }
}

/// Kinds, parted by commas; a beginning is enough where only one kind begins so.
fn kinds(value: &str) -> Result<Vec<EntryKind>, String> {
    let mut out = Vec::new();
    for word in value.split(',').filter(|word| !word.is_empty()) {
        let wanted = word.to_lowercase().replace(['-', ' '], "_");
        let exact = EntryKind::ALL.iter().filter(|kind| kind.word() == wanted);
        let found: Vec<_> = match exact.count() {
            0 => EntryKind::ALL
                .into_iter()
                .filter(|kind| kind.word().starts_with(&wanted))
                .collect(),
            _ => EntryKind::ALL
                .into_iter()
                .filter(|kind| kind.word() == wanted)
                .collect(),
        };
        if found.is_empty() {
            let all: Vec<_> = EntryKind::ALL.iter().map(|kind| kind.word()).collect();
            return Err(format!("there is no kind `{word}`: {}", all.join(" ")));
        }
        out.extend(found);
    }
    Ok(out)
}

/// `2d`, `3h`, `45m`, `1w` ago; a day; a day with a time. All in UTC.
fn moment(value: &str, end: bool, now: Timestamp) -> Result<Timestamp, String> {
    ago(value, now)
        .or_else(|| day(value, end, now))
        .or_else(|| {
            let time: DateTime = value.trim_end_matches('Z').parse().ok()?;
            Offset::UTC.to_timestamp(time).ok()
        })
        .ok_or_else(|| format!("`{value}` is no time: 2d, 3h, today, 2026-11-20, 2026-11-20T10:00"))
}

fn ago(value: &str, now: Timestamp) -> Option<Timestamp> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|n| *n >= 0)?;
    let hours = match unit {
        "m" => {
            return now
                .checked_sub(SignedDuration::from_secs(number.checked_mul(60)?))
                .ok();
        }
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return None,
    };
    let seconds = number.checked_mul(hours)?.checked_mul(3_600)?;
    now.checked_sub(SignedDuration::from_secs(seconds)).ok()
}

/// The begin of a day, or its end.
fn day(value: &str, end: bool, now: Timestamp) -> Option<Timestamp> {
    let today = Offset::UTC.to_datetime(now).date();
    let day: Date = match value {
        "today" => today,
        "yesterday" => today.yesterday().ok()?,
        other => other.parse().ok().filter(|_| !other.contains(['T', 't']))?,
    };
    let day = if end { day.tomorrow().ok()? } else { day };
    Offset::UTC.to_timestamp(day.into()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T22:14:05Z".parse().unwrap()
    }

    fn known() -> Known<'static> {
        Known {
            environments: vec!["demo", "prod", "prod-eu", "uat"],
            actors: vec!["ravi@example.com", "rosa@example.com"],
        }
    }

    fn read(text: &str) -> Result<Filter, String> {
        parse(text, &known(), now())
    }

    #[test]
    fn words_narrow_and_the_rest_is_text() {
        let filter = read("env:u kind:refused,left by:ravi since:2d OPS-412 audit").unwrap();
        assert_eq!(filter.environment, Some("uat".into()));
        assert_eq!(filter.kinds, [EntryKind::Refused, EntryKind::Left]);
        assert_eq!(filter.actor.as_deref(), Some("ravi@example.com"));
        assert_eq!(filter.since, Some("2026-11-22T22:14:05Z".parse().unwrap()));
        assert_eq!(filter.text.as_deref(), Some("OPS-412 audit"));
        assert_eq!(read("  ").unwrap(), Filter::default());
    }

    #[test]
    fn a_whole_name_wins_over_a_longer_one() {
        assert_eq!(read("env:prod").unwrap().environment, Some("prod".into()));
        assert!(read("env:pro").unwrap_err().contains("prod, prod-eu"));
        assert!(read("by:r").unwrap_err().contains("rosa@example.com"));
        assert_eq!(read("by:ci").unwrap().actor.as_deref(), Some("ci"));
    }

    #[test]
    fn times_are_of_utc_and_an_end_includes_its_day() {
        let until = |text: &str| read(text).unwrap().until.unwrap().to_string();
        let since = |text: &str| read(text).unwrap().since.unwrap().to_string();
        assert_eq!(since("since:2026-11-20"), "2026-11-20T00:00:00Z");
        assert_eq!(until("until:2026-11-20"), "2026-11-21T00:00:00Z");
        assert_eq!(since("since:2026-11-20T10:30"), "2026-11-20T10:30:00Z");
        assert_eq!(since("since:yesterday"), "2026-11-23T00:00:00Z");
        assert_eq!(since("since:90m"), "2026-11-24T20:44:05Z");
    }

    #[test]
    fn what_is_wrong_is_said_and_what_is_unfinished_is_not() {
        for (text, word) in [
            ("kind:nonsense", "there is no kind `nonsense`"),
            ("since:soon", "`soon` is no time"),
            ("since:99999999999999d", "is no time"),
        ] {
            assert!(read(text).unwrap_err().contains(word), "{text}");
        }
        for text in ["env:", "kind:", "since:", "by:", "run:"] {
            assert_eq!(read(text).unwrap(), Filter::default(), "{text}");
        }
        assert_eq!(
            read("kind:broke-glass").unwrap().kinds,
            [EntryKind::BrokeGlass]
        );
        assert_eq!(read("12:30").unwrap().text.as_deref(), Some("12:30"));
    }

    proptest! {
        #[test]
        fn anything_that_is_typed_is_read(text in "\\PC*", words in "(since|until|kind|env|by):\\PC{0,12}") {
            let _ = read(&text);
            let _ = read(&words);
        }
    }
}
