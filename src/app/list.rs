//! Where the cursor stands in a list, and what of the list is visible.

use super::command::Move;
use super::text::TextField;

/// Cursor, first visible row and filter of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// Row of the cursor.
    pub cursor: usize,
    /// First visible row.
    pub offset: usize,
    /// What the rows must hold.
    pub filter: TextField,
}

impl ListState {
    /// Moves the cursor in a list of `len` rows of which `rows` are visible.
    pub fn step(&mut self, step: Move, len: usize, rows: usize) {
        self.cursor = moved(self.cursor, step, len, rows);
        self.settle(len, rows);
    }

    /// Keeps cursor and view within a list that may have changed.
    pub fn settle(&mut self, len: usize, rows: usize) {
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.offset = first_visible(self.cursor, self.offset, len, rows);
    }

    /// Whether a row with this text is shown.
    pub fn lets_through(&self, text: &str) -> bool {
        self.filter.is_empty()
            || text
                .to_lowercase()
                .contains(&self.filter.text().to_lowercase())
    }
}

/// Scrolls a text of `len` rows of which `rows` are visible.
pub fn scrolled(offset: usize, step: Move, len: usize, rows: usize) -> usize {
    moved(offset, step, len.saturating_sub(rows) + 1, rows)
}

/// The first visible row, so that the cursor is visible and no row is wasted.
pub fn first_visible(cursor: usize, offset: usize, len: usize, rows: usize) -> usize {
    let rows = rows.max(1);
    let lowest = (cursor + 1).saturating_sub(rows);
    offset
        .clamp(lowest, cursor.max(lowest))
        .min(len.saturating_sub(rows))
}

fn moved(at: usize, step: Move, len: usize, rows: usize) -> usize {
    let page = rows.saturating_sub(1).max(1);
    let last = len.saturating_sub(1);
    match step {
        Move::Up => at.saturating_sub(1),
        Move::Down => at.saturating_add(1),
        Move::PageUp => at.saturating_sub(page),
        Move::PageDown => at.saturating_add(page),
        Move::First => 0,
        Move::Last => last,
    }
    .min(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_visible(
            steps in prop::collection::vec(0usize..6, 0..40), len in 0usize..50, rows in 0usize..20,
        ) {
            let all = [Move::Up, Move::Down, Move::PageUp, Move::PageDown, Move::First, Move::Last];
            let mut list = ListState::default();
            for step in steps {
                list.step(all[step], len, rows);
                prop_assert!(list.cursor < len.max(1));
                prop_assert!(list.offset <= list.cursor);
                prop_assert!(list.cursor < list.offset + rows.max(1));
            }
        }
    }
}
