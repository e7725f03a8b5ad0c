//! Words, symbols and ages as the screens write them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::age;
pub(super) use crate::domain::age::length;
use crate::domain::database::InstanceState;
use crate::domain::environment::Tier;
use crate::domain::execution::{Execution, ExecutionState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::observed::Remote;
use crate::domain::outcome::Outcome;
use crate::domain::preflight::Severity;
use crate::domain::secret::VersionState;
use crate::tui::theme::Role;

/// The tier as a role, a symbol and a word; production shouts.
pub(super) fn tier(tier: Tier) -> (Role, &'static str, &'static str) {
    match tier {
        Tier::Production => (Role::Production, "◆", "PRODUCTION"),
        Tier::Staging => (Role::Staging, "◇", "staging"),
        Tier::Development => (Role::Development, "○", "development"),
    }
}

/// The mark at the left of an environment's row.
pub(super) fn tier_mark(tier: Tier) -> &'static str {
    match tier {
        Tier::Production => "█",
        Tier::Staging => "▌",
        Tier::Development => "▏",
    }
}

/// The state of an instance.
pub(super) fn instance(state: InstanceState) -> (Role, &'static str) {
    match state {
        InstanceState::Runnable => (Role::Good, "●"),
        InstanceState::Stopped | InstanceState::Failed => (Role::Bad, "✗"),
        InstanceState::Maintenance | InstanceState::PendingCreate => (Role::Warn, "◐"),
        InstanceState::Unknown => (Role::Warn, "?"),
    }
}

/// The state of an execution.
pub(super) fn execution(state: ExecutionState) -> (Role, &'static str) {
    match state {
        ExecutionState::Pending => (Role::Accent, "◌"),
        ExecutionState::Running => (Role::Accent, "●"),
        ExecutionState::Succeeded => (Role::Good, "✓"),
        ExecutionState::Failed => (Role::Bad, "✗"),
        ExecutionState::Cancelled => (Role::Warn, "⊘"),
        ExecutionState::Unknown => (Role::Warn, "?"),
    }
}

/// The state of a secret version.
pub(super) fn version(state: VersionState) -> (Role, &'static str) {
    match state {
        VersionState::Enabled => (Role::Good, "●"),
        VersionState::Disabled | VersionState::Destroyed => (Role::Bad, "✗"),
        VersionState::Unknown => (Role::Warn, "?"),
    }
}

/// A severity.
pub(super) fn severity(severity: Severity) -> (Role, &'static str) {
    match severity {
        Severity::Pass => (Role::Good, "✓"),
        Severity::Warn => (Role::Warn, "!"),
        Severity::Block => (Role::Bad, "✗"),
    }
}

/// An outcome: role, symbol and word.
pub(super) fn outcome(outcome: Outcome) -> (Role, &'static str, &'static str) {
    match outcome {
        Outcome::Applied => (Role::Good, "✓", "APPLIED"),
        Outcome::Unchanged => (Role::Good, "=", "UNCHANGED"),
        Outcome::Failed => (Role::Bad, "✗", "FAILED"),
        Outcome::Unknown => (Role::Warn, "?", "UNKNOWN"),
        Outcome::Refused => (Role::Bad, "⊘", "REFUSED"),
    }
}

/// A failure in one word, where a table has no room for a sentence.
pub(super) fn failure_word(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::SignedOut => "sign-in",
        FailureKind::Denied => "denied",
        FailureKind::NotFound => "missing",
        FailureKind::Unreachable => "unread",
        FailureKind::Config => "config",
        _ => "failed",
    }
}

/// An age that does not tick: seconds are not worth a repaint.
pub(super) fn ago(span: SignedDuration) -> String {
    if span.as_secs() < 60 {
        "<1m".to_owned()
    } else {
        age::short(span)
    }
}

/// The age of a moment.
pub(super) fn since(at: Timestamp, now: Timestamp) -> String {
    ago(now.duration_since(at))
}

/// The age of an execution: from its end, or from its creation while it goes on.
pub(super) fn execution_age(execution: &Execution, now: Timestamp) -> String {
    since(execution.completed_at.unwrap_or(execution.created_at), now)
}

/// The time of day, in UTC as everything here.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// Day and time, in UTC.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Whether a value can be believed, by its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freshness {
    /// Within its refresh.
    Fresh,
    /// Older than its refresh: the age is shown.
    Old,
    /// Much older: it is called stale.
    Stale,
    /// There is no value yet.
    Missing,
}

/// How fresh a value is that is read again after an interval.
pub(super) fn freshness<T>(
    remote: &Remote<T>,
    interval: SignedDuration,
    now: Timestamp,
) -> Freshness {
    let Some(seen) = &remote.last else {
        return Freshness::Missing;
    };
    let seconds = seen.age(now).as_secs();
    let interval = interval.as_secs().max(1);
    if seconds <= interval + interval / 2 + 5 {
        Freshness::Fresh
    } else if seconds <= interval * 4 {
        Freshness::Old
    } else {
        Freshness::Stale
    }
}

/// A sparkline of lengths, the oldest first, as wide as asked at most.
pub(super) fn sparkline(lengths: &[SignedDuration], width: usize) -> String {
    // The two highest bars are left out: rows of full blocks would grow together.
    const BARS: [char; 6] = ['▁', '▂', '▃', '▄', '▅', '▆'];
    let shown = &lengths[lengths.len().saturating_sub(width)..];
    let most = shown
        .iter()
        .map(SignedDuration::as_millis)
        .max()
        .unwrap_or(0)
        .max(1);
    shown
        .iter()
        .map(|length| {
            let share = length.as_millis().max(0) * 5 / most;
            BARS[usize::try_from(share).unwrap_or(0).min(5)]
        })
        .collect()
}

/// The name in an address; what is none stays whole.
pub(super) fn name(actor: &str) -> &str {
    actor.split_once('@').map_or(actor, |(name, _)| name)
}

/// `1 other person`, `2 other people`.
pub(super) fn people(number: u32) -> String {
    match number {
        1 => "1 other person".to_owned(),
        many => format!("{many} other people"),
    }
}

/// `1 revision`, `2 revisions`.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: i64) -> SignedDuration {
        SignedDuration::from_secs(n)
    }

    #[test]
    fn age_makes_old_then_stale() {
        let seen = Remote::ready((), "test", Timestamp::UNIX_EPOCH);
        let at = |s| Timestamp::UNIX_EPOCH.checked_add(seconds(s)).unwrap();
        assert_eq!(freshness(&seen, seconds(30), at(40)), Freshness::Fresh);
        assert_eq!(freshness(&seen, seconds(30), at(60)), Freshness::Old);
        assert_eq!(freshness(&seen, seconds(30), at(200)), Freshness::Stale);
        let none = Remote::<()>::default();
        assert_eq!(freshness(&none, seconds(30), at(0)), Freshness::Missing);
    }

    #[test]
    fn a_sparkline_shows_the_newest() {
        let lengths: Vec<_> = [80, 10, 20, 40].map(seconds).to_vec();
        assert_eq!(sparkline(&lengths, 3), "▂▃▆");
        assert_eq!(sparkline(&[], 3), "");
    }
}
