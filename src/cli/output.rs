//! Where answers go: one document to standard output, the rest to standard error.
#![expect(
    clippy::print_stderr,
    reason = "this is the one place that writes to standard error"
)]

use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::domain::failure::{Failure, FailureKind, Flaw};

use super::arguments::Format;

/// Where answers go, and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
    progress: bool,
}

impl Output {
    /// Answers in this form; progress is told when standard error is a terminal.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            progress: std::io::stderr().is_terminal(),
        }
    }

    /// Whether answers are for programs.
    pub fn is_json(&self) -> bool {
        self.format != Format::Text
    }

    /// Whether answers are SARIF.
    pub fn is_sarif(&self) -> bool {
        self.format == Format::Sarif
    }

    /// Answers with a JSON document, or with the text for people.
    pub fn answer(
        &self,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = match self.format {
            Format::Json | Format::Sarif => {
                serde_json::to_string_pretty(document).map_err(|error| {
                    Failure::new(
                        FailureKind::Internal,
                        format!("an answer is no JSON: {error}"),
                        "",
                    )
                })?
            }
            Format::Text => text(),
        };
        self.line(&text)
    }

    /// Writes one piece of an answer that comes in pieces. A reader that went away is no failure.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.piece(&format!("{}\n", text.trim_end_matches('\n')))
            .map(drop)
    }

    /// Writes some lines as they are; tells whether somebody still reads.
    pub fn piece(&self, text: &str) -> Result<bool, Failure> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match written {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::new(
                FailureKind::Internal,
                format!("standard output cannot be written: {error}"),
                "",
            )),
        }
    }

    /// The columns of the terminal that answers go to; none when they go elsewhere.
    pub fn width(&self) -> Option<u16> {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        Some(size.ws_col).filter(|columns| *columns > 0)
    }

    /// Tells what goes on, when somebody watches.
    pub fn progress(&self, text: &str) {
        if self.progress {
            eprintln!("{text}");
        }
    }

    /// Tells something that must be read also when nobody watches, unless it would spoil JSON errors.
    pub fn note(&self, text: &str) {
        if !self.is_json() {
            eprintln!("{text}");
        }
    }

    /// Tells a failure.
    pub fn failure(&self, failure: &Failure) {
        if self.is_json() {
            eprintln!("{}", document(failure));
        } else {
            eprintln!("portcullis: {failure}");
            // One place is named in the sentence already.
            for flaw in failure.flaws.iter().filter(|_| failure.flaws.len() > 1) {
                eprintln!("  {flaw}");
            }
            if !failure.hint.is_empty() {
                eprintln!("  {}", crate::domain::text::clean(&failure.hint));
            }
        }
    }
}

/// A failure as JSON.
fn document(failure: &Failure) -> Value {
    let mut error = json!({
        "kind": failure.word(), "message": failure.to_string(), "hint": failure.hint,
    });
    if let Some(first) = failure.flaws.first() {
        error["file"] = json!(first.file);
        error["line"] = json!(first.line);
        let flaw = |flaw: &Flaw| {
            json!({
                "kind": flaw.word, "file": flaw.file, "line": flaw.line, "message": flaw.message,
            })
        };
        error["problems"] = failure.flaws.iter().map(flaw).collect();
    }
    json!({ "error": error })
}

/// A table with columns as wide as their widest cell.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.width());
        cells.chain([head[column].width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}
