//! `[tiers.TIER]` and `[preflight]`.

use std::collections::BTreeMap;

use regex::Regex;
use toml::de::DeValue;

use crate::domain::environment::{Environment, EnvironmentName, Tier};
use crate::domain::policy::{Confirm, FreezeWindow, Policies, ReasonRule, TierPolicy};
use crate::domain::preflight::Severity;

use super::reader::{Problems, Section, nearest};
use super::time;

const KEYS: &[&str] = &[
    "read_only",
    "confirm",
    "reason",
    "ticket",
    "approvals",
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

/// The safe defaults, and what the file says over them.
pub(super) fn read(
    top: &Section<'_>,
    environments: &[Environment],
    problems: &mut Problems<'_>,
) -> Policies {
    let mut policies = Policies::default();
    if let Some(section) = top.section("tiers", problems) {
        section.known(&Tier::ALL.map(Tier::word), problems);
        for tier in Tier::ALL {
            if let Some(section) = section.section(tier.word(), problems) {
                policies
                    .tiers
                    .insert(tier, policy(tier, &section, environments, problems));
            }
        }
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
        promote_from: promote_from(section, environments, problems),
        backup_within: section.text("backup_within", problems).and_then(|text| {
            let duration = time::duration(&text);
            if duration.is_none() {
                section.wrong(
                    "backup_within",
                    "a duration such as \"30m\" or \"12h\"",
                    problems,
                );
            }
            duration
        }),
        freeze: freeze(section, problems),
    }
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
    let wanted = "a list of { from = \"fri 16:00\", to = \"mon 08:00\", zone = \"Asia/Kolkata\" }";
    let windows = match section.value("freeze").map(toml::Spanned::get_ref) {
        None => return Vec::new(),
        Some(DeValue::Array(items)) => items.iter().map(|i| window(i.get_ref())).collect(),
        Some(_) => None,
    };
    windows.unwrap_or_else(|| {
        section.wrong("freeze", wanted, problems);
        Vec::new()
    })
}

fn window(value: &DeValue<'_>) -> Option<FreezeWindow> {
    let DeValue::Table(table) = value else {
        return None;
    };
    let text = |key: &str| match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    };
    let zone = text("zone")?;
    jiff::tz::TimeZone::get(zone).ok()?;
    let window = FreezeWindow {
        from: time::minute_of_week(text("from")?)?,
        to: time::minute_of_week(text("to")?)?,
        zone: zone.to_owned(),
    };
    (table.len() == 3 && window.from != window.to).then_some(window)
}

fn preflight(top: &Section<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Option<Severity>> {
    let Some(section) = top.section("preflight", problems) else {
        return BTreeMap::new();
    };
    let codes = section.keys();
    let read = |(code, _): &(&str, _)| {
        Some((
            (*code).to_owned(),
            section.word(code, SEVERITIES, problems)?,
        ))
    };
    codes.iter().filter_map(read).collect()
}
