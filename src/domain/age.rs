//! Ages and durations in the few characters that a table has for them.

use jiff::SignedDuration;

/// The largest unit alone: `4s`, `41m`, `6h`, `3d`; what lies in the future is `0s`.
pub fn short(age: SignedDuration) -> String {
    let seconds = age.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A running clock: `00:00:31`, and days in front when there are any.
pub fn clock(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let time = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 {
        format!("{days}d {time}")
    } else {
        time
    }
}

/// When the text of [`short`] changes next, counted from now.
pub fn until_change(age: SignedDuration) -> SignedDuration {
    let seconds = age.as_secs().max(0);
    let unit = match seconds {
        0..60 => 1,
        60..3_600 => 60,
        3_600..172_800 => 3_600,
        _ => 86_400,
    };
    SignedDuration::from_secs(unit - seconds % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_changes_exactly_when_it_is_said_to() {
        for seconds in [
            0, 1, 59, 60, 61, 3_599, 3_600, 7_300, 172_799, 172_800, 200_000,
        ] {
            let age = SignedDuration::from_secs(seconds);
            let step = until_change(age);
            assert_eq!(
                short(age + step - SignedDuration::from_secs(1)),
                short(age),
                "{seconds}"
            );
            assert_ne!(short(age + step), short(age), "{seconds}");
        }
    }
}
