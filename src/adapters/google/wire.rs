//! Small steps from the wire's types to ours.

use google_cloud_wkt as wkt;
use jiff::{SignedDuration, Timestamp};

/// A time; `None` when it is absent or beyond what can be written.
pub(super) fn time(wire: Option<&wkt::Timestamp>) -> Option<Timestamp> {
    let wire = wire?;
    Timestamp::new(wire.seconds(), wire.nanos()).ok()
}

/// A span of time.
pub(super) fn span(wire: &wkt::Duration) -> SignedDuration {
    SignedDuration::new(wire.seconds(), wire.nanos())
}

/// The last part of a resource name.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A count that is never negative.
pub(super) fn count(wire: i32) -> u32 {
    u32::try_from(wire).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_nanoseconds() {
        let wire = wkt::Timestamp::clamp(1_700_000_000, 5);
        assert_eq!(
            time(Some(&wire)).unwrap().as_nanosecond(),
            1_700_000_000_000_000_005
        );
        assert_eq!(time(None), None);
    }

    #[test]
    fn a_short_name_is_its_own_last_part() {
        assert_eq!(short("projects/p/secrets/s"), "s");
        assert_eq!(short("s"), "s");
    }
}
