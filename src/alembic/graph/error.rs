//! Why a target cannot be reached from where a database is.

use crate::domain::revision::RevisionId;

/// The kind of such an error, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No revision and no branch has this name.
    UnknownRevision,
    /// The beginning of an id fits several revisions.
    AmbiguousId,
    /// One head was asked for, and there are several.
    SeveralHeads,
    /// The target does not lie on a way from here.
    Unreachable,
    /// A relative step could go several ways.
    AmbiguousStep,
    /// Revisions that were named together lie on one line.
    Overlap,
}

impl ErrorKind {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownRevision => "unknown_revision",
            Self::AmbiguousId => "ambiguous_id",
            Self::SeveralHeads => "several_heads",
            Self::Unreachable => "unreachable",
            Self::AmbiguousStep => "ambiguous_step",
            Self::Overlap => "overlap",
        }
    }
}

/// Why a target cannot be reached from where a database is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PendingError {
    /// No revision and no branch has this name.
    #[error("no revision or branch is called `{0}`")]
    Unknown(String),
    /// The revision exists, but on another branch.
    #[error("revision {id} is not on branch `{branch}`")]
    NotOnBranch {
        /// The revision.
        id: RevisionId,
        /// The branch that was asked for.
        branch: String,
    },
    /// The beginning of an id fits several revisions.
    #[error("`{asked}` fits several revisions: {}", list(.candidates))]
    AmbiguousId {
        /// What was asked for.
        asked: String,
        /// What it fits.
        candidates: Vec<RevisionId>,
    },
    /// One head was asked for, and there are several.
    #[error("`{asked}` stands for several heads: {}", list(.heads))]
    SeveralHeads {
        /// What was asked for.
        asked: String,
        /// The heads it stands for.
        heads: Vec<RevisionId>,
    },
    /// The target is not below what the database has.
    #[error("`{target}` is not below the current revisions")]
    NotBelow {
        /// The target.
        target: String,
    },
    /// There are not that many revisions in this direction.
    #[error("`{0}` goes further than there are revisions")]
    TooFar(String),
    /// A relative step could go several ways.
    #[error("a step from {from} can go several ways: {}", list(.ways))]
    AmbiguousStep {
        /// Where the step starts.
        from: String,
        /// Where it could go.
        ways: Vec<RevisionId>,
    },
    /// A relative step starts at several revisions.
    #[error("`{asked}` could start at several current revisions: {}", .starts.join(", "))]
    AmbiguousStart {
        /// What was asked for.
        asked: String,
        /// Where it could start.
        starts: Vec<String>,
    },
    /// Revisions that were named together lie on one line.
    #[error("revision {id} overlaps with {}", list(.others))]
    Overlap {
        /// The one.
        id: RevisionId,
        /// The others.
        others: Vec<RevisionId>,
    },
}

impl PendingError {
    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown(_) | Self::NotOnBranch { .. } => ErrorKind::UnknownRevision,
            Self::AmbiguousId { .. } => ErrorKind::AmbiguousId,
            Self::SeveralHeads { .. } => ErrorKind::SeveralHeads,
            Self::NotBelow { .. } | Self::TooFar(_) => ErrorKind::Unreachable,
            Self::AmbiguousStep { .. } | Self::AmbiguousStart { .. } => ErrorKind::AmbiguousStep,
            Self::Overlap { .. } => ErrorKind::Overlap,
        }
    }
}

/// Ids for a sentence: the first few, and how many more.
pub(super) fn list(ids: &[RevisionId]) -> String {
    const SHOWN: usize = 5;
    let mut text = ids
        .iter()
        .take(SHOWN)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    if ids.len() > SHOWN {
        let more = ids.len() - SHOWN;
        text = format!("{text} and {more} more");
    }
    text
}
