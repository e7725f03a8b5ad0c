//! Durations and times of the week, as the config spells them.

use jiff::SignedDuration;

const MINUTES_A_DAY: u16 = 24 * 60;

/// `90s`, `30m`, `12h` or `7d`.
pub fn duration(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    (number > 0)
        .then(|| number.checked_mul(seconds).map(SignedDuration::from_secs))
        .flatten()
}

/// `fri 16:00` as minutes from Monday 00:00.
pub(super) fn minute_of_week(text: &str) -> Option<u16> {
    let (day, time) = text.split_once(' ')?;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = days.iter().position(|d| d.eq_ignore_ascii_case(day))?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let fits = hour < 24 && minute < 60;
    fits.then(|| u16::try_from(day).unwrap_or_default() * MINUTES_A_DAY + hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("30m"), Some(SignedDuration::from_mins(30)));
        assert_eq!(duration("7d"), Some(SignedDuration::from_hours(168)));
        for wrong in [
            "",
            "m",
            "30",
            "-5m",
            "0s",
            "1.5h",
            "5µ",
            "9223372036854775807d",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_of_the_week() {
        assert_eq!(minute_of_week("mon 00:00"), Some(0));
        assert_eq!(minute_of_week("Fri 16:05"), Some(4 * 1440 + 16 * 60 + 5));
        for wrong in ["", "fri", "fri 24:00", "fri 12:60", "day 12:00", "12:00"] {
            assert_eq!(minute_of_week(wrong), None, "{wrong}");
        }
    }
}
