//! `[tiers.TIER]` and `[preflight]`.

use std::collections::BTreeMap;

use crate::domain::environment::{Environment, EnvironmentName, Tier};
use crate::domain::policy::{Confirm, FreezeWindow, Policies, ReasonRule, TierPolicy};
use crate::domain::preflight::{CODES, FIRM, Severity};
use jiff::SignedDuration;
use regex::Regex;

use super::possible;
use super::reader::{Problems, Section, nearest, required};
use super::time;

const KEYS: &[&str] = &[
    "read_only",
    "armed_for",
    "confirm",
    "reason",
    "ticket",
    "approvals",
    "approval_expires",
    "approval_lasts",
    "break_glass",
    "promote_from",
    "backup_within",
    "freeze",
];
const CONFIRMS: &[(&str, Confirm)] = &[
    ("none", Confirm::None),
    ("key", Confirm::Key),
    ("type-target", Confirm::TypeTarget),
];
const REASONS: &[(&str, ReasonRule)] = &[
    ("none", ReasonRule::None),
    ("optional", ReasonRule::Optional),
    ("required", ReasonRule::Required),
];
const SEVERITIES: &[(&str, Option<Severity>)] = &[
    ("block", Some(Severity::Block)),
    ("warn", Some(Severity::Warn)),
    ("off", None),
];

/// What a freeze window looks like.
const WINDOW: &str =
    "a list of { from = \"fri 16:00\", to = \"mon 08:00\", zone = \"Asia/Kolkata\" }";

/// The safe defaults, and what the file says over them.
pub(super) fn read(
    top: &Section<'_>,
    environments: &[Environment],
    problems: &mut Problems<'_>,
) -> Policies {
    let mut policies = Policies::default();
    if let Some(section) = top.section("tiers", problems) {
        section.known(&Tier::ALL.map(Tier::word), problems);
        let named = |tier: Tier| Some((tier, section.section(tier.word(), problems)?));
        let sections: Vec<_> = Tier::ALL.into_iter().filter_map(named).collect();
        for (tier, section) in &sections {
            let policy = policy(*tier, section, environments, problems);
            possible::tier(&policy, section, problems);
            policies.tiers.insert(*tier, policy);
        }
        possible::promotion(&policies, &sections, environments, problems);
    }
    policies.preflight = preflight(top, problems);
    policies
}

fn policy(
    tier: Tier,
    section: &Section<'_>,
    environments: &[Environment],
    problems: &mut Problems<'_>,
) -> TierPolicy {
    section.known(KEYS, problems);
    let default = TierPolicy::default_of(tier);
    TierPolicy {
        read_only: section
            .boolean("read_only", problems)
            .unwrap_or(default.read_only),
        armed_for: duration(section, "armed_for", problems).unwrap_or(default.armed_for),
        confirm: section
            .word("confirm", CONFIRMS, problems)
            .unwrap_or(default.confirm),
        reason: section
            .word("reason", REASONS, problems)
            .unwrap_or(default.reason),
        ticket: ticket(section, problems),
        approvals: section
            .count("approvals", problems)
            .unwrap_or(default.approvals),
        approval_expires: duration(section, "approval_expires", problems)
            .unwrap_or(default.approval_expires),
        approval_lasts: duration(section, "approval_lasts", problems)
            .unwrap_or(default.approval_lasts),
        break_glass: section
            .boolean("break_glass", problems)
            .unwrap_or(default.break_glass),
        promote_from: promote_from(section, environments, problems),
        backup_within: duration(section, "backup_within", problems),
        freeze: freeze(section, problems),
    }
}

fn duration(
    section: &Section<'_>,
    key: &str,
    problems: &mut Problems<'_>,
) -> Option<SignedDuration> {
    let text = section.text(key, problems)?;
    let duration = time::duration(&text);
    if duration.is_none() {
        section.wrong(key, "a duration such as \"30m\" or \"12h\"", problems);
    }
    duration
}

fn ticket(section: &Section<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let pattern = section.text("ticket", problems)?;
    if let Err(error) = Regex::new(&pattern) {
        let last = error.to_string();
        let last = last
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        section.wrong("ticket", &format!("a regular expression: {last}"), problems);
        return None;
    }
    Some(pattern)
}

fn promote_from(
    section: &Section<'_>,
    environments: &[Environment],
    problems: &mut Problems<'_>,
) -> Option<EnvironmentName> {
    let name = section.text("promote_from", problems)?;
    if environments.iter().all(|e| e.name.as_str() != name) {
        let known: Vec<_> = environments.iter().map(|e| e.name.as_str()).collect();
        let message = format!(
            "`{}` names no environment: `{name}`",
            section.path("promote_from")
        );
        problems.add(
            Some(section.place("promote_from")),
            message,
            nearest(&name, &known),
        );
    }
    Some(EnvironmentName::new(name))
}

fn freeze(section: &Section<'_>, problems: &mut Problems<'_>) -> Vec<FreezeWindow> {
    let windows = section.tables("freeze", WINDOW, problems);
    windows
        .iter()
        .filter_map(|entry| window(entry, problems))
        .collect()
}

fn window(section: &Section<'_>, problems: &mut Problems<'_>) -> Option<FreezeWindow> {
    section.known(&["from", "to", "zone"], problems);
    let from = moment(section, "from", problems);
    let to = moment(section, "to", problems);
    let zone = required(section, "zone", problems, |s, p| s.text("zone", p)).filter(|zone| {
        let known = jiff::tz::TimeZone::get(zone).is_ok();
        if !known {
            section.wrong(
                "zone",
                "an IANA time zone such as \"Asia/Kolkata\"",
                problems,
            );
        }
        known
    });
    let window = FreezeWindow {
        from: from?,
        to: to?,
        zone: zone?,
    };
    if window.from == window.to {
        section.wrong(
            "to",
            "another time than `from`: this window never ends",
            problems,
        );
        return None;
    }
    Some(window)
}

/// A time of the week.
fn moment(section: &Section<'_>, key: &str, problems: &mut Problems<'_>) -> Option<u16> {
    let text = required(section, key, problems, |s, p| s.text(key, p))?;
    let minute = time::minute_of_week(&text);
    if minute.is_none() {
        section.wrong(key, "a time of the week such as \"fri 16:00\"", problems);
    }
    minute
}

fn preflight(top: &Section<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Option<Severity>> {
    let Some(section) = top.section("preflight", problems) else {
        return BTreeMap::new();
    };
    section.known(CODES, problems);
    let codes: Vec<_> = section
        .keys()
        .into_iter()
        .filter(|(code, _)| CODES.contains(code))
        .collect();
    let read = |(code, _): &(&str, _)| {
        let severity = section.word(code, SEVERITIES, problems)?;
        if FIRM.contains(code) && severity != Some(Severity::Block) {
            weakened(&section, code, problems);
        }
        Some(((*code).to_owned(), severity))
    };
    codes.iter().filter_map(read).collect()
}

/// What keeps an act from working, or would run it twice, is no matter of taste.
fn weakened(section: &Section<'_>, code: &str, problems: &mut Problems<'_>) {
    let message = format!(
        "`{}` cannot be weakened: without it a run cannot work, or runs twice",
        section.path(code)
    );
    let hint = format!("These always block: {}.", FIRM.join(", "));
    problems.add(Some(section.place(code)), message, hint);
}
