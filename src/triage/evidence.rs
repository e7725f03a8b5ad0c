//! The line that shows a cause, made fit to be shown: no password, no control character, not too long.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::text::clean;

/// Longer lines are cut around what was found.
const LONGEST: usize = 400;

/// User and password of a URL.
static CREDENTIALS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?P<scheme>\w+://[^\s:/@]*):[^\s/]*@").expect("a valid pattern"));

/// `found` is the part of the line that matched, in bytes.
pub(super) fn shown(
    line: &[u8],
    found: std::ops::Range<usize>,
    hides: Option<&regex::bytes::Regex>,
) -> String {
    let line = match hides {
        Some(hides) => hides.replace(line, &b"***"[..]).into_owned(),
        None => line.to_vec(),
    };
    let text = String::from_utf8_lossy(&line);
    let masked = CREDENTIALS.replace_all(&text, "$scheme:***@");
    let cleaned = clean(masked.trim());
    cut(&cleaned, found.start)
}

fn cut(text: &str, around: usize) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let begin = around.saturating_sub(LONGEST / 4);
    let before = if begin == 0 { "" } else { "…" };
    let part: String = text.chars().skip(begin).take(LONGEST).collect();
    let after = if begin + LONGEST < text.chars().count() {
        "…"
    } else {
        ""
    };
    format!("{before}{part}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_url_is_not_shown() {
        for line in [
            "could not connect: postgresql+asyncpg://plant:hunter2@10.0.0.3/plant",
            "postgresql://plant:hun@ter2@/plant?host=/cloudsql/x",
        ] {
            let shown = shown(line.as_bytes(), 0..3, None);
            assert!(!shown.contains("hun"), "{shown}");
            assert!(shown.contains("plant:***@"), "{shown}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_what_was_found() {
        let line = format!("{}NEEDLE{}", "x".repeat(50_000), "y".repeat(50_000));
        let shown = shown(line.as_bytes(), 50_000..50_006, None);
        assert!(shown.contains("NEEDLE"));
        assert!(shown.chars().count() <= LONGEST + 2);
    }

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        let shown = shown(b"\x1b[2J\x00deadlock \xff\xfe detected", 0..3, None);
        assert!(!shown.contains(['\u{1b}', '\u{0}']), "{shown:?}");
    }
}
