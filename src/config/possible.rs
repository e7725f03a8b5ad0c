//! Whether a tier's policy can be met at all. One that cannot would close its gate for good, in a
//! night in which somebody needs it; so it is an error of the config.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use crate::domain::environment::{Environment, Tier};
use crate::domain::policy::{FreezeWindow, Policies, ReasonRule, TierPolicy};

use super::reader::{Problems, Section};

/// Nobody wakes so many colleagues.
const MOST_APPROVALS: u32 = 9;
/// What lasts longer binds nobody to what he saw.
const LONGEST_APPROVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What is armed for longer is not read-only.
const LONGEST_ARMED: SignedDuration = SignedDuration::from_hours(24);

const MINUTES_A_DAY: u16 = 24 * 60;

/// Complains about what a tier asks for and nobody can give.
pub(super) fn tier(policy: &TierPolicy, section: &Section<'_>, problems: &mut Problems<'_>) {
    if policy.ticket.is_some() && policy.reason == ReasonRule::None {
        complain(
            section,
            "ticket",
            "nobody is asked for the reason that must hold this ticket",
            "Say `reason = \"required\"` or `\"optional\"`, or leave the ticket out.",
            problems,
        );
    }
    if policy.approvals > MOST_APPROVALS {
        complain(
            section,
            "approvals",
            "so many people will not agree in time",
            &format!("At most {MOST_APPROVALS}."),
            problems,
        );
    }
    let week = "At most 7d: a plan from last week is no plan.";
    let long = [
        (
            "approval_expires",
            policy.approval_expires,
            LONGEST_APPROVAL,
            week,
        ),
        (
            "approval_lasts",
            policy.approval_lasts,
            LONGEST_APPROVAL,
            week,
        ),
        (
            "armed_for",
            policy.armed_for,
            LONGEST_ARMED,
            "At most 24h: what is always armed says `read_only = false`.",
        ),
    ];
    for (key, duration, longest, hint) in long {
        if duration > longest {
            complain(section, key, "this is too long", hint, problems);
        }
    }
    if never_opens(&policy.freeze) {
        complain(
            section,
            "freeze",
            "together these windows cover the whole week: nothing could ever run",
            "Leave a time in which something may.",
            problems,
        );
    }
}

/// Complains about environments that would have to be proven before themselves.
pub(super) fn promotion(
    policies: &Policies,
    sections: &[(Tier, Section<'_>)],
    environments: &[Environment],
    problems: &mut Problems<'_>,
) {
    for (tier, section) in sections {
        let Some(way) = circle(policies, *tier, environments) else {
            continue;
        };
        let message = match way.as_slice() {
            [only] => {
                format!("`{only}` is itself {tier}: it would have to be proven before itself")
            }
            way => format!("this leads in a circle: {}", way.join(" before ")),
        };
        complain(
            section,
            "promote_from",
            &message,
            "Name an environment of a less dangerous tier.",
            problems,
        );
    }
}

/// The environments on the way from a tier back to itself.
fn circle(policies: &Policies, start: Tier, environments: &[Environment]) -> Option<Vec<String>> {
    let mut way = Vec::new();
    let mut tier = start;
    for _ in Tier::ALL {
        let name = policies.of(tier).promote_from?;
        let next = environments.iter().find(|e| e.name == name)?;
        way.push(name.to_string());
        tier = next.tier;
        if tier == start {
            return Some(way);
        }
    }
    None
}

fn complain(section: &Section<'_>, key: &str, what: &str, hint: &str, problems: &mut Problems<'_>) {
    let message = format!("`{}`: {what}", section.path(key));
    problems.add(Some(section.place(key)), message, hint.to_owned());
}

/// Whether some windows leave no minute of any week. They do exactly when each of them ends inside
/// another one. Zones move against each other, so every month of a year is looked at.
fn never_opens(windows: &[FreezeWindow]) -> bool {
    let zones: Option<Vec<_>> = windows
        .iter()
        .map(|w| Some((w, TimeZone::get(&w.zone).ok()?)))
        .collect();
    let Some(zones) = zones.filter(|zones| !zones.is_empty()) else {
        return false;
    };
    let inside = |at: Timestamp| {
        zones
            .iter()
            .any(|(window, zone)| window.holds(minute_of_week(&at.to_zoned_datetime(zone.clone()))))
    };
    (1..=12).all(|month| {
        zones
            .iter()
            .all(|(window, zone)| end(window, zone, month).is_some_and(inside))
    })
}

/// When a window ends in the week after the middle of a month.
fn end(window: &FreezeWindow, zone: &TimeZone, month: i8) -> Option<Timestamp> {
    let middle = Date::new(2026, month, 14).ok()?;
    let monday = middle.nth_weekday(1, Weekday::Monday).ok()?;
    let day = monday
        .checked_add(jiff::Span::new().days(window.to / MINUTES_A_DAY))
        .ok()?;
    let minute = window.to % MINUTES_A_DAY;
    let hour = i8::try_from(minute / 60).ok()?;
    let at = day.at(hour, i8::try_from(minute % 60).ok()?, 0, 0);
    Some(at.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

fn minute_of_week(at: &ZonedDateTime) -> u16 {
    let day = u16::from(at.weekday().to_monday_zero_offset().unsigned_abs());
    let hour = u16::from(at.hour().unsigned_abs());
    day * MINUTES_A_DAY + hour * 60 + u16::from(at.minute().unsigned_abs())
}
