//! The checks that a tier's policy asks for: freeze windows, a fresh backup, a proof in a lower environment.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::age;
use crate::domain::environment::Environment;
use crate::domain::execution::ExecutionState;
use crate::domain::plan::Plan;
use crate::domain::policy::{FreezeWindow, TierPolicy};
use crate::domain::preflight::{Finding, Severity};
use crate::domain::text::{RemoteText, clean};

use super::facts::Facts;
use super::plan::Request;

const MINUTES_A_DAY: u16 = 24 * 60;

/// Runs the checks that the policy asks for.
pub(super) fn check(
    request: &Request,
    plan: &Plan,
    facts: &Facts,
    policy: &TierPolicy,
    now: Timestamp,
) -> Vec<Finding> {
    let freeze = policy.freeze.iter().map(|window| freeze(window, now));
    let backup = policy.backup_within.map(|within| {
        // When the steps are over, the backup must be there.
        let first = !plan.steps.is_empty() && request.run.is_none();
        backup(facts, within, first, now)
    });
    let promotion = request.promote_from.as_ref().filter(|_| plan.moves);
    let image = promotion.and_then(|lower| same_image(lower, plan, facts));
    let promotion = promotion.map(|lower| promotion_from(lower, plan, facts));
    freeze.chain(backup).chain(promotion).chain(image).collect()
}

/// A zone that is not known keeps the window closed: the config was checked against
/// the zones of the machine that read it.
fn freeze(window: &FreezeWindow, now: Timestamp) -> Finding {
    let Ok(zone) = TimeZone::get(&window.zone) else {
        let message = format!(
            "the time zone {} of a freeze window is not known here",
            window.zone
        );
        return Finding::found("freeze", Severity::Block, message, "install the time zones");
    };
    let local = now.to_zoned_datetime(zone);
    let day = u16::from(local.weekday().to_monday_zero_offset().unsigned_abs());
    let hour = u16::from(local.hour().unsigned_abs());
    let minute = day * MINUTES_A_DAY + hour * 60 + u16::from(local.minute().unsigned_abs());
    if !window.holds(minute) {
        return Finding::pass("freeze", "no freeze window is in force");
    }
    let (day, minute) = (window.to / MINUTES_A_DAY, window.to % MINUTES_A_DAY);
    let names = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let end = format!(
        "{} {:02}:{:02}",
        names[usize::from(day) % 7],
        minute / 60,
        minute % 60
    );
    Finding::found(
        "freeze",
        Severity::Block,
        format!("a freeze window is in force until {end} ({})", window.zone),
        "wait for its end",
    )
}

fn backup(facts: &Facts, within: SignedDuration, first: bool, now: Timestamp) -> Finding {
    let instance = facts
        .instance
        .as_ref()
        .and_then(|answer| answer.as_ref().ok());
    let last = instance.and_then(|instance| instance.last_backup_at);
    let name = instance.map_or("INSTANCE", |instance| instance.name.as_str());
    if first {
        return Finding::pass("backup", format!("a backup of {name} is taken first"));
    }
    let remedy = format!(
        "`--backup` takes one as the first step of the plan, or gcloud sql backups create --instance {name}"
    );
    match last.map(|at| now.duration_since(at)) {
        Some(old) if old <= within => {
            Finding::pass("backup", format!("a backup is {} old", age::short(old)))
        }
        Some(old) => Finding::found(
            "backup",
            Severity::Block,
            format!(
                "the last backup is {} old, and {} is the limit",
                age::short(old),
                age::short(within)
            ),
            remedy,
        ),
        None => Finding::found("backup", Severity::Block, "no backup is known", remedy),
    }
}

fn promotion_from(lower: &Environment, plan: &Plan, facts: &Facts) -> Finding {
    let name = &lower.name;
    let remedy = format!("portcullis run {} -e {name}", plan.operation);
    match &facts.lower {
        Some(Ok(reading)) => {
            let rows = reading.current.as_deref().unwrap_or_default();
            let proven = rows.len() == plan.to.len() && plan.to.iter().all(|id| rows.contains(id));
            if proven && plan.target_known {
                return Finding::pass("promotion", format!("{name} is at the target"));
            }
            Finding::found(
                "promotion",
                Severity::Block,
                format!("{name} is not at the target"),
                remedy,
            )
        }
        Some(Err(failure)) => Finding::found(
            "promotion",
            Severity::Block,
            format!("where {name} stands is not known: {failure}"),
            failure.hint.clone(),
        ),
        None => Finding::found(
            "promotion",
            Severity::Block,
            format!("{name} was not read"),
            remedy,
        ),
    }
}

/// Whether the image that would run is the one that was proven; `None` when either is not known.
fn same_image(lower: &Environment, plan: &Plan, facts: &Facts) -> Option<Finding> {
    const CODE: &str = "promotion-image";
    let mine = plan.image_digest.as_deref()?;
    let verb = plan.args.iter().take(4).map(String::as_str);
    let proven = facts.lower_executions.iter().find(|e| {
        e.state == ExecutionState::Succeeded
            && e.args.iter().take(4).map(RemoteText::raw).eq(verb.clone())
    })?;
    let (_, theirs) = proven.image.raw().split_once('@')?;
    let name = &lower.name;
    Some(if mine == theirs {
        Finding::pass(
            CODE,
            format!("{} ran the same image in {name}", proven.name),
        )
    } else {
        Finding::found(
            CODE,
            Severity::Warn,
            format!(
                "{} ran another image in {name}: {}",
                proven.name,
                clean(theirs)
            ),
            format!(
                "portcullis run {} -e {name}, after its job has this image",
                plan.operation
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekend() -> FreezeWindow {
        FreezeWindow {
            from: 4 * 1440 + 960,
            to: 480,
            zone: "Asia/Kolkata".to_owned(),
        }
    }

    #[test]
    fn a_window_over_the_weekend_holds_in_its_own_zone() {
        let severity = |at: &str| freeze(&weekend(), at.parse().unwrap()).severity;
        // 16:00 on a Friday in Kolkata is 10:30 UTC.
        assert_eq!(severity("2026-11-27T10:29:59Z"), Severity::Pass);
        assert_eq!(severity("2026-11-27T10:30:00Z"), Severity::Block);
        assert_eq!(severity("2026-11-29T12:00:00Z"), Severity::Block);
        assert_eq!(severity("2026-11-30T02:29:00Z"), Severity::Block);
        assert_eq!(severity("2026-11-30T02:30:00Z"), Severity::Pass);
    }

    #[test]
    fn an_unknown_zone_fails_closed() {
        let window = FreezeWindow {
            zone: "Nowhere/Land".to_owned(),
            ..weekend()
        };
        assert_eq!(
            freeze(&window, Timestamp::UNIX_EPOCH).severity,
            Severity::Block
        );
    }
}
