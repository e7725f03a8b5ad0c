//! A set of revisions, as bits.

use super::Index;

/// A set of positions in the graph; every operation is linear in the graph at worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// An empty set with room for `size` revisions.
    pub(super) fn new(size: usize) -> Self {
        Self {
            words: vec![0; size.div_ceil(64)],
        }
    }

    /// Adds one; tells whether it was not there before.
    pub(super) fn insert(&mut self, node: Index) -> bool {
        let (word, bit) = (node / 64, 1 << (node % 64));
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    pub(super) fn remove(&mut self, node: Index) {
        self.words[node / 64] &= !(1 << (node % 64));
    }

    pub(super) fn contains(&self, node: Index) -> bool {
        self.words[node / 64] & (1 << (node % 64)) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Keeps what is in both.
    pub(super) fn retain_in(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    /// Drops what is in `other`.
    pub(super) fn drop_in(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
    }

    /// The members, in the order of the directory.
    pub(super) fn iter(&self) -> impl Iterator<Item = Index> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    at * 64 + bit
                })
            })
        })
    }
}
