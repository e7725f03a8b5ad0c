//! From bytes to text as Python does it: UTF-8 unless a coding cookie says otherwise.

use std::borrow::Cow;
use std::ops::Range;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged as _;

use super::{Reason, depth};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How the bytes of a file become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Utf8,
    /// Every byte is the character of the same number.
    Latin1,
    /// Only seven bits.
    Ascii,
    /// One byte per character, the lower half as in ASCII; the upper half is not
    /// needed to read a revision and becomes a replacement character.
    SingleByte,
}

/// The text of a file; an error carries the line that is wrong.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, (usize, Reason)> {
    // `contains` looks at many bytes at once, `position` at one.
    if bytes.contains(&0) {
        let at = bytes.iter().position(|byte| *byte == 0).unwrap_or_default();
        let reason = "holds a zero byte; Python refuses that, and it is likely no text at all";
        return Err((line_at(bytes, at), Reason::Encoding(reason.to_owned())));
    }
    let (has_bom, body) = match bytes.strip_prefix(BOM) {
        Some(body) => (true, body),
        None => (false, bytes),
    };
    let text = match declared(body, has_bom)? {
        Codec::Utf8 => utf8(body)?,
        Codec::Latin1 => Cow::Owned(body.iter().copied().map(char::from).collect()),
        Codec::Ascii => ascii(body)?,
        Codec::SingleByte => Cow::Owned(body.iter().copied().map(lower_half).collect()),
    };
    Ok(one_kind_of_newline(text))
}

/// Every end of a line becomes `\n`, within strings too, as in Python.
fn one_kind_of_newline(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

fn utf8(body: &[u8]) -> Result<Cow<'_, str>, (usize, Reason)> {
    let error = match std::str::from_utf8(body) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error,
    };
    if let Some(text) = damaged_in_comments(body) {
        return Ok(Cow::Owned(text));
    }
    let reason = "is not UTF-8, and names no other encoding in its first two lines";
    let line = line_at(body, error.valid_up_to());
    Err((line, Reason::Encoding(reason.to_owned())))
}

/// Python decodes a comment only where it names a coding in the first two lines, so bytes that
/// are no UTF-8 do no harm in any other. The text with replacement characters; `None` when
/// there are any elsewhere.
fn damaged_in_comments(body: &[u8]) -> Option<String> {
    let (mut text, mut damaged) = (String::with_capacity(body.len()), Vec::new());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            damaged.push(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    depth::check(&text).ok()?;
    let parsed = parse_module(&text).ok()?;
    let comments = parsed
        .tokens()
        .iter()
        .filter(|token| token.kind() == TokenKind::Comment)
        .map(|token| token.range().start().to_usize()..token.range().end().to_usize());
    let comments: Vec<_> = comments.collect();
    let names_coding = |comment: &Range<usize>| {
        let is_early = text[..comment.start].matches('\n').count() < 2;
        is_early && text[comment.clone()].contains("coding")
    };
    let is_harmless = |at: &usize| {
        let mut around = comments.iter().filter(|comment| comment.contains(at));
        around.next().is_some_and(|comment| !names_coding(comment))
    };
    damaged.iter().all(is_harmless).then_some(text)
}

fn ascii(body: &[u8]) -> Result<Cow<'_, str>, (usize, Reason)> {
    match body.iter().position(|byte| !byte.is_ascii()) {
        Some(at) => {
            let reason = "declares itself as ASCII, and is not".to_owned();
            Err((line_at(body, at), Reason::Encoding(reason)))
        }
        None => utf8(body),
    }
}

fn lower_half(byte: u8) -> char {
    if byte.is_ascii() {
        char::from(byte)
    } else {
        char::REPLACEMENT_CHARACTER
    }
}

/// The codec of the coding cookie, which stands in the first line or, behind a
/// comment or an empty line, in the second.
fn declared(body: &[u8], has_bom: bool) -> Result<Codec, (usize, Reason)> {
    for (at, line) in body.split(|byte| *byte == b'\n').take(2).enumerate() {
        let text = line.trim_ascii_start();
        if let Some(name) = cookie(text) {
            return codec(&name, has_bom).map_err(|reason| (at + 1, Reason::Encoding(reason)));
        }
        if !text.is_empty() && !text.starts_with(b"#") {
            break;
        }
    }
    Ok(Codec::Utf8)
}

/// The name in `# -*- coding: NAME -*-` and its many spellings.
fn cookie(line: &[u8]) -> Option<String> {
    let comment = line.strip_prefix(b"#")?;
    let text: String = comment.iter().copied().map(char::from).collect();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("coding") {
        rest = &rest[at + "coding".len()..];
        let Some(name) = rest.strip_prefix([':', '=']) else {
            continue;
        };
        let name = name.trim_start_matches([' ', '\t']);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
        let name = &name[..end.unwrap_or(name.len())];
        if !name.is_empty() {
            return Some(name.to_ascii_lowercase().replace('_', "-"));
        }
    }
    None
}

fn codec(name: &str, has_bom: bool) -> Result<Codec, String> {
    let codec = match name {
        "utf-8" | "utf8" | "utf-8-sig" | "u8" | "utf" => Codec::Utf8,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" | "cp819" => Codec::Latin1,
        "ascii" | "us-ascii" => Codec::Ascii,
        other if is_single_byte(other) => Codec::SingleByte,
        other if other.starts_with("utf-8-") => Codec::Utf8,
        other => {
            return Err(format!(
                "declares the encoding `{other}`, which cannot be read here"
            ));
        }
    };
    if has_bom && codec != Codec::Utf8 {
        return Err(format!(
            "begins with a UTF-8 mark, and declares itself as `{name}`"
        ));
    }
    Ok(codec)
}

fn is_single_byte(name: &str) -> bool {
    [
        "iso-8859-",
        "iso8859-",
        "latin-",
        "latin",
        "windows-125",
        "cp125",
        "koi8-",
    ]
    .iter()
    .filter_map(|family| name.strip_prefix(family))
    .any(|member| matches!(member, "r" | "u") || member.parse::<u8>().is_ok())
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes[..at].split(|byte| *byte == b'\n').count()
}
