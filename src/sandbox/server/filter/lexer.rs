//! Cuts a filter into tokens, each with its place.

use super::FilterError;

/// A token and where it starts and ends in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Comma,
    /// A leading `-`: the short form of `NOT`.
    Minus,
    Operator(&'static str),
    Member(Vec<Segment>),
}

/// One part of a dotted member; `labels."a.b"` has two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) text: String,
    pub(super) quoted: bool,
}

/// Longest first, so that `>=` is not read as `>` and `=`.
const OPERATORS: [&str; 9] = ["=~", "!~", "!=", ">=", "<=", "=", ">", "<", ":"];

/// All tokens of `source`.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, FilterError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = source[at..].chars().next() {
        let rest = &source[at..];
        if next.is_whitespace() {
            at += next.len_utf8();
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let token = token(source, at, &found)?;
            at = token.end;
            found.push(token);
        }
    }
    Ok(found)
}

fn token(source: &str, at: usize, before: &[Token]) -> Result<Token, FilterError> {
    let rest = &source[at..];
    let after_operator = matches!(
        before.last(),
        Some(Token {
            kind: Kind::Operator(_),
            ..
        })
    );
    let (kind, length) = match rest.as_bytes()[0] {
        b'(' => (Kind::Open, 1),
        b')' => (Kind::Close, 1),
        b',' => (Kind::Comma, 1),
        b'-' if !after_operator && rest.len() > 1 => (Kind::Minus, 1),
        _ => match OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator))
        {
            Some(operator) => (Kind::Operator(operator), operator.len()),
            None => member(source, at, after_operator)?,
        },
    };
    Ok(Token {
        kind,
        start: at,
        end: at + length,
    })
}

/// Reads `word`, `"quoted"`, or a dotted chain of both without spaces.
fn member(source: &str, start: usize, value: bool) -> Result<(Kind, usize), FilterError> {
    let mut segments = Vec::new();
    let mut at = start;
    loop {
        let (segment, end) = segment(source, at, value)?;
        segments.push(segment);
        at = end;
        if !source[at..].starts_with('.') {
            return Ok((Kind::Member(segments), at - start));
        }
        at += 1;
    }
}

fn segment(source: &str, at: usize, value: bool) -> Result<(Segment, usize), FilterError> {
    let rest = &source[at..];
    if rest.starts_with('"') {
        return quoted(source, at);
    }
    let mut end = 0;
    for c in rest.chars() {
        // A bare time such as 2026-01-16T03:00:00Z may stand on the right-hand side.
        let in_time = c == ':' && value && rest[..end].contains('T') && starts_like_a_year(rest);
        if !(is_bare(c) || in_time) {
            break;
        }
        end += c.len_utf8();
    }
    if end == 0 {
        let found = rest
            .chars()
            .next()
            .map_or_else(|| "<EOF>".to_owned(), String::from);
        return Err(FilterError::at(source, at, &found, "syntax error"));
    }
    Ok((
        Segment {
            text: rest[..end].to_owned(),
            quoted: false,
        },
        at + end,
    ))
}

fn starts_like_a_year(text: &str) -> bool {
    text.len() > 4 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit)
}

/// Bare text holds everything but blanks and the characters that mean something.
fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !r#".:=~()<>!,|"'"#.contains(c)
}

fn quoted(source: &str, at: usize) -> Result<(Segment, usize), FilterError> {
    let mut text = String::new();
    let mut chars = source[at + 1..].char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => return Ok((Segment { text, quoted: true }, at + 1 + offset + 1)),
            '\\' => match chars.next() {
                Some((_, escaped)) => text.push_str(&unescaped(escaped)),
                None => break,
            },
            _ => text.push(c),
        }
    }
    Err(FilterError::at(
        source,
        at,
        "\"",
        "a quoted string without its end",
    ))
}

/// Only the quote, the backslash and the usual blanks are escapes; anything else keeps its
/// backslash, because regular expressions are written so.
fn unescaped(c: char) -> String {
    match c {
        '"' | '\\' => c.to_string(),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        other => format!("\\{other}"),
    }
}
