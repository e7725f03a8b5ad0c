//! The migration directory, read without running it.

use std::sync::Arc;

use crate::domain::baseline::Baseline;
use crate::domain::database::Table;
use crate::domain::directory::Checkout;
use crate::domain::failure::Failure;
use crate::domain::migration::{Directory, Standing};
use crate::domain::review::{EnvReview, Review};
use crate::domain::revision::RevisionId;

/// A target of a move: as Alembic spells it (`head`, `+1`, `ae10`, `base`).
pub type Target<'a> = &'a str;

/// A migration directory that was read and found sound.
pub trait Migrations: Send + Sync {
    /// What is in it. Read again only when something changed on disk.
    fn directory(&self) -> Result<Arc<Directory>, Failure>;
    /// The commit that it is checked out at; `None` when that is not known, never a failure.
    /// It may take a while the first time, so it is asked beside the directory and not with it.
    fn checkout(&self) -> Option<Checkout>;
    /// Where a database with these rows stands; source and time are the caller's to fill in.
    fn standing(&self, current: &[RevisionId]) -> Result<Standing, Failure>;
    /// Where a database without a version table stands, by its tables; `None` when nothing in it
    /// is known here. The revision files are read for it when it is first asked for.
    fn baseline(&self, tables: &[Table]) -> Option<Baseline>;
    /// The revisions that an upgrade (or, for a target below, a downgrade) would
    /// run in order, and the rows afterwards.
    fn path(&self, from: &[RevisionId], to: Target<'_>) -> Result<Path, Failure>;
    /// What these revisions do to a live database, in the order in which they are named.
    /// A file is read and reviewed when it is first asked for, and again only after a change.
    fn reviews(&self, ids: &[RevisionId]) -> Result<Vec<Arc<Review>>, Failure>;
    /// What `env.py` makes of a run; none where a bare folder of revisions has no such file.
    fn env(&self) -> Result<Option<Arc<EnvReview>>, Failure>;
}

/// What a move would run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Rows of `alembic_version` before, by their whole ids.
    pub from: Vec<RevisionId>,
    /// Revisions in the order in which they run.
    pub steps: Vec<RevisionId>,
    /// Rows of `alembic_version` afterwards.
    pub arrives: Vec<RevisionId>,
    /// Whether it goes down.
    pub downgrade: bool,
}
