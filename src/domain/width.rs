//! How wide text is on a terminal, and how it is cut and broken to fit.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::text::clean;

/// How many columns a text takes: the sum of its characters, as each gets cells of its own.
pub fn columns(text: &str) -> u16 {
    let wide = if text.is_ascii() {
        text.len()
    } else {
        text.graphemes(true).map(UnicodeWidthStr::width).sum()
    };
    u16::try_from(wide).unwrap_or(u16::MAX)
}

/// The text, cut to a width; an ellipsis says that something is missing.
pub fn fit(text: &str, width: u16) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    let width = usize::from(width);
    if width == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = grapheme.width();
        if used + wide > width - 1 {
            break;
        }
        used += wide;
        end = at + grapheme.len();
    }
    Cow::Owned(format!("{}…", text[..end].trim_end()))
}

/// Breaks a text into lines of a width, at spaces where there are any.
pub fn wrap(text: &str, width: u16) -> Vec<String> {
    let width = usize::from(width.max(1));
    let text = clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_word_bounds() {
        let wide = usize::from(columns(word));
        if used + wide > width && !line.is_empty() && wide <= width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
            if word.trim().is_empty() {
                continue;
            }
        }
        for grapheme in word.graphemes(true) {
            // One character may be wider than the whole line: it cannot be cut, only left out.
            let (shown, wide) = match grapheme.width() {
                wide if wide > width => ("…", 1),
                wide => (grapheme, wide),
            };
            if used + wide > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(shown);
            used += wide;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The text without its first columns; of a character that is cut in half a blank is left.
pub fn skip_columns(text: &str, skip: u16) -> Cow<'_, str> {
    let skip = usize::from(skip);
    let mut gone = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if gone == skip {
            return Cow::Borrowed(&text[at..]);
        }
        gone += grapheme.width();
        if gone > skip {
            let blanks = " ".repeat(gone - skip);
            return Cow::Owned(format!("{blanks}{}", &text[at + grapheme.len()..]));
        }
    }
    Cow::Borrowed("")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wide_characters_are_not_cut_in_half() {
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("日本語", 1), "…");
        assert_eq!(fit("日本語", 0), "");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(
            wrap("the next run will not start", 12),
            ["the next run", "will not", "start"]
        );
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn what_is_cut_at_the_left_leaves_the_rest_in_its_columns() {
        assert_eq!(skip_columns("select", 2), "lect");
        assert_eq!(skip_columns("select", 0), "select");
        assert_eq!(skip_columns("select", 9), "");
        assert_eq!(skip_columns("日本", 1), " 本");
    }

    #[test]
    fn a_character_wider_than_the_line_is_left_out() {
        assert_eq!(wrap(" \u{1133f}\u{1ce1}", 2), ["…"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_place(text in any::<String>(), width in 0u16..30) {
            prop_assert!(columns(&fit(&clean(&text), width)) <= width);
            for line in wrap(&text, width.max(2)) {
                prop_assert!(columns(&line) <= width.max(2));
            }
        }
    }
}
