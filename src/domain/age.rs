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

/// A length of time: `2.1s`, `38s`, `2m10s`, `1h04m`, `3d05h`.
pub fn length(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    match seconds {
        0..10 => format!("{:.1}s", span.as_secs_f64().max(0.0)),
        10..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_begins_where_the_one_below_ends() {
        let text = |seconds| short(SignedDuration::from_secs(seconds));
        let seen = [-5, 0, 59, 60, 3_599, 3_600, 172_799, 172_800].map(text);
        assert_eq!(seen, ["0s", "0s", "59s", "1m", "59m", "1h", "47h", "2d"]);
    }

    #[test]
    fn lengths_are_short() {
        let text = |millis| length(SignedDuration::from_millis(millis));
        assert_eq!(text(2_130), "2.1s");
        assert_eq!(text(38_000), "38s");
        assert_eq!(text(130_000), "2m10s");
        assert_eq!(text(3_840_000), "1h04m");
        assert_eq!(text(277_200_000), "3d05h");
    }
}
