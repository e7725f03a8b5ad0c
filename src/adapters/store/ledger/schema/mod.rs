//! The schemas of the ledger, by version: one for each kind of database.

pub(super) mod postgres;
pub(super) mod sqlite;

/// Why a database cannot be used as the ledger.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    /// A later version wrote it.
    #[error("it was written by a newer version (format {found}; this one knows {known})")]
    Newer {
        /// Its format.
        found: i64,
        /// The newest format that is known here.
        known: usize,
    },
    /// It is the database of another program.
    #[error("it belongs to another program")]
    Foreign,
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The steps that are done already, if the format is one that is known here.
fn done(found: i64, steps: &[&str]) -> Result<usize, SchemaError> {
    let known = steps.len();
    match usize::try_from(found) {
        Ok(version) if version <= known => Ok(version),
        _ => Err(SchemaError::Newer { found, known }),
    }
}
