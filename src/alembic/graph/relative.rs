//! The grammar of relative targets: `+2`, `-1`, `ae10+1`, `label@-2`, `label@ae10+1`.

/// A target that counts steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relative<'a> {
    /// The branch, in front of `@`.
    pub(super) label: Option<&'a str>,
    /// The revision to count from; `None` counts from where the database is.
    pub(super) symbol: Option<&'a str>,
    /// How far, upwards when positive.
    pub(super) steps: i64,
    /// The steps as they were written.
    pub(super) written: &'a str,
}

/// Reads a relative target; `None` when it is an absolute one. As in Alembic, what
/// follows the digits is not looked at.
pub(super) fn parse(target: &str) -> Option<Relative<'_>> {
    let line_end = target.find('\n').unwrap_or(target.len());
    let labelled = target[..line_end]
        .match_indices('@')
        .filter(|(at, _)| *at > 0)
        .find_map(|(at, _)| parse_steps(Some(&target[..at]), &target[at + 1..]));
    labelled.or_else(|| parse_steps(None, target))
}

fn parse_steps<'a>(label: Option<&'a str>, rest: &'a str) -> Option<Relative<'a>> {
    let sign = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let number = &rest[sign..];
    if !number.starts_with(['+', '-']) {
        return None;
    }
    let digits = number[1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let written = &number[..=digits];
    // A count that no directory can hold is as good as the largest one.
    let size = written[1..].parse::<i64>().unwrap_or(i64::MAX);
    Some(Relative {
        label,
        symbol: (sign > 0).then(|| &rest[..sign]),
        steps: if written.starts_with('-') {
            -size
        } else {
            size
        },
        written,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(target: &str) -> Option<(Option<&str>, Option<&str>, i64)> {
        parse(target).map(|found| (found.label, found.symbol, found.steps))
    }

    #[test]
    fn every_part_may_be_left_out_but_the_steps() {
        assert_eq!(read("+2"), Some((None, None, 2)));
        assert_eq!(read("-1"), Some((None, None, -1)));
        assert_eq!(read("ae10+1"), Some((None, Some("ae10"), 1)));
        assert_eq!(read("a@-2"), Some((Some("a"), None, -2)));
        assert_eq!(read("a@head-2"), Some((Some("a"), Some("head"), -2)));
        assert_eq!(read("a@b@x+3"), Some((Some("a@b"), Some("x"), 3)));
    }

    #[test]
    fn what_is_not_relative_is_absolute() {
        for target in ["head", "a@head", "", "+", "a.b+1", "@+", "-", "a-b", "é"] {
            assert_eq!(read(target), None, "{target}");
        }
    }

    #[test]
    fn what_follows_the_steps_is_ignored_as_alembic_ignores_it() {
        assert_eq!(read("+1abc"), Some((None, None, 1)));
        assert_eq!(read("+99999999999999999999"), Some((None, None, i64::MAX)));
    }
}
