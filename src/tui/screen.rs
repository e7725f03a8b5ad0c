//! The screen: a frame becomes one write, and nothing at all when no cell changed.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::{Frame, Terminal};

/// Begin and end of a synchronized update: terminals that know it show the frame at once.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Draws frames and says which bytes put them on the terminal.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Bytes>,
}

impl Screen {
    /// An empty screen of this size.
    pub fn new(size: (u16, u16)) -> io::Result<Self> {
        Ok(Self {
            terminal: Terminal::new(Bytes::new(size))?,
        })
    }

    /// The terminal has this size now; the next frame is drawn whole.
    pub fn resize(&mut self, (width, height): (u16, u16)) {
        self.terminal.backend_mut().size = Size { width, height };
    }

    /// Nothing is known of what the terminal shows: the next frame is drawn whole.
    pub fn forget(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().cursor = None;
        self.terminal.clear()
    }

    /// Draws a frame; the bytes that show it, none when nothing differs.
    pub fn draw<T: Default>(
        &mut self,
        paint: impl FnOnce(&mut Frame<'_>) -> T,
    ) -> io::Result<(T, Vec<u8>)> {
        let mut painted = T::default();
        self.terminal.draw(|frame| painted = paint(frame))?;
        Ok((
            painted,
            std::mem::take(&mut self.terminal.backend_mut().frame),
        ))
    }
}

/// Where the cursor is: hidden, or at a cell.
type Cursor = Option<Position>;

/// A backend that collects a frame and writes nowhere.
#[derive(Debug)]
struct Bytes {
    encoder: CrosstermBackend<Collected>,
    collected: Collected,
    size: Size,
    /// Where the cursor is to be.
    wanted: Cursor,
    /// Where the terminal has it; `None` when that is not known.
    cursor: Option<Cursor>,
    frame: Vec<u8>,
}

/// What the encoder wrote.
#[derive(Clone, Debug, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Bytes {
    fn new((width, height): (u16, u16)) -> Self {
        let collected = Collected::default();
        Self {
            encoder: CrosstermBackend::new(collected.clone()),
            collected,
            size: Size { width, height },
            wanted: None,
            cursor: None,
            frame: Vec::new(),
        }
    }
}

impl Backend for Bytes {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // The encoder ends even an empty frame with a reset of the colours.
        let mut content = content.peekable();
        if content.peek().is_some() {
            self.encoder.draw(content)?;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.wanted.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.encoder.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut cells = self.collected.0.borrow_mut();
        if cells.is_empty() && self.cursor == Some(self.wanted) {
            return Ok(());
        }
        self.frame.extend_from_slice(BEGIN);
        if !cells.is_empty() && self.cursor != Some(None) {
            self.frame.extend_from_slice(b"\x1b[?25l");
        }
        self.frame.append(&mut cells);
        match self.wanted {
            Some(at) => write!(self.frame, "\x1b[{};{}H\x1b[?25h", at.y + 1, at.x + 1)?,
            None if self.cursor != Some(None) => self.frame.extend_from_slice(b"\x1b[?25l"),
            None => {}
        }
        self.frame.extend_from_slice(END);
        self.cursor = Some(self.wanted);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::text::Text;

    fn show(screen: &mut Screen, text: &str) -> Vec<u8> {
        screen
            .draw(|frame| frame.render_widget(Text::from(text), frame.area()))
            .unwrap()
            .1
    }

    #[test]
    fn a_frame_that_changes_nothing_writes_nothing() {
        let mut screen = Screen::new((20, 5)).unwrap();
        assert!(!show(&mut screen, "one").is_empty());
        assert_eq!(show(&mut screen, "one"), b"");
        let bytes = show(&mut screen, "two");
        assert!(bytes.starts_with(BEGIN) && bytes.ends_with(END));
    }

    #[test]
    fn a_cursor_that_stays_writes_nothing() {
        let mut screen = Screen::new((20, 5)).unwrap();
        let mut at = |x| {
            screen
                .draw(|frame| frame.set_cursor_position((x, 0)))
                .unwrap()
                .1
        };
        assert!(!at(1).is_empty());
        assert_eq!(at(1), b"");
        assert!(!at(2).is_empty());
    }

    #[test]
    fn a_forgotten_screen_is_drawn_whole() {
        let mut screen = Screen::new((20, 5)).unwrap();
        show(&mut screen, "whole");
        screen.forget().unwrap();
        let bytes = show(&mut screen, "whole");
        assert!(String::from_utf8_lossy(&bytes).contains("whole"));
    }

    #[test]
    fn more_cells_than_sixteen_bits_count_are_drawn() {
        let (width, height) = (500, 200);
        let mut screen = Screen::new((width, height)).unwrap();
        let row = "x".repeat(usize::from(width));
        let all = vec![row; usize::from(height)].join("\n");
        let mut terminal = vt100::Parser::new(height, width, 0);
        terminal.process(&show(&mut screen, &all));
        let shown = terminal.screen().contents();
        assert_eq!(
            shown.matches('x').count(),
            usize::from(width) * usize::from(height)
        );
    }

    #[test]
    fn every_size_down_to_nothing_is_drawn() {
        let mut screen = Screen::new((80, 24)).unwrap();
        for size in [(1, 1), (2, 2), (500, 200), (0, 0), (20, 5)] {
            screen.resize(size);
            show(&mut screen, "some text that is longer than one cell");
        }
    }
}
