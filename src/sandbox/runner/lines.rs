//! Cuts a stream of bytes into lines.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest line that is kept whole; Cloud Logging cuts too, at a higher number.
pub(super) const LONGEST: usize = 16 * 1024;

/// Reads a stream to its end and hands over what lines each read has completed.
pub(super) async fn read(mut stream: impl AsyncRead + Unpin, mut take: impl FnMut(Vec<String>)) {
    let mut chunk = vec![0; 32 * 1024];
    let mut cutter = Cutter::default();
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                let lines = cutter.feed(&chunk[..count]);
                if !lines.is_empty() {
                    take(lines);
                }
            }
        }
    }
    let rest = cutter.finish();
    if !rest.is_empty() {
        take(rest);
    }
}

#[derive(Default)]
struct Cutter {
    line: Vec<u8>,
    cut: bool,
}

impl Cutter {
    fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = LONGEST.saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            self.cut |= text.len() > room;
            if ends {
                lines.push(self.take());
            }
        }
        lines
    }

    fn finish(mut self) -> Vec<String> {
        if self.line.is_empty() {
            Vec::new()
        } else {
            vec![self.take()]
        }
    }

    fn take(&mut self) -> String {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let mut text = String::from_utf8_lossy(line).into_owned();
        if std::mem::take(&mut self.cut) {
            text.push_str(" […]");
        }
        self.line.clear();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_their_ends_however_they_arrive() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.feed(b"one\r\ntw"), ["one"]);
        assert_eq!(cutter.feed(b"o\n\nthree"), ["two", ""]);
        assert_eq!(cutter.finish(), ["three"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut cutter = Cutter::default();
        for _ in 0..10 {
            assert!(cutter.feed(&[b'x'; LONGEST]).is_empty());
        }
        let line = cutter.feed(b"\n").pop().expect("a line");
        assert!(line.ends_with("[…]") && line.len() < LONGEST + 10);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(Cutter::default().feed(b"a\xffb\n"), ["a\u{fffd}b"]);
    }
}
