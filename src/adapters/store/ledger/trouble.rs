//! What keeps the ledger from doing what was asked, with a remedy for each.

use super::place::Place;
use super::schema::SchemaError;
use crate::adapters::database::trouble::Trouble;
use crate::adapters::database::url::UrlError;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Broken, SealState};

/// Why the ledger did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LedgerError {
    #[error("{}", .0.kind())]
    Folder(std::io::Error),
    #[error("its address {0}")]
    Address(#[from] UrlError),
    #[error("its address names no host")]
    NoHost,
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Broken(#[from] Broken),
    #[error("{}", sealed(.0))]
    Seal(SealState),
    #[error("it did not answer in time")]
    Slow,
    #[error("the entry has {0} bytes, more than one may have")]
    Huge(usize),
    #[error("the answer was lost, and whether entry {0} was written could not be asked")]
    Unsure(u64),
}

fn sealed(state: &SealState) -> String {
    match state {
        SealState::Truncated { seq, last } => {
            format!("it was sealed up to entry {seq}, and ends with {last}")
        }
        SealState::Rewritten { seq } => {
            format!("entry {seq} is another than the one that was sealed")
        }
        _ => "a seal was not made by its key".to_owned(),
    }
}

impl LedgerError {
    /// Whether the connection that met it may still be used.
    pub(super) fn leaves_connection(&self) -> bool {
        !matches!(
            self,
            Self::Slow
                | Self::Unsure(_)
                | Self::Database(
                    sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut
                )
        )
    }

    /// The failure, in words for a person. All are of one kind: without its record nothing runs.
    pub(super) fn failure(&self, place: &Place, doing: &str) -> Failure {
        let name = place.shown();
        let why = self.words(place);
        Failure::new(
            FailureKind::Ledger,
            format!("{name} could not be {doing}: {why}"),
            self.remedy(place),
        )
    }

    /// A server's own words are not repeated: they may hold a piece of its address.
    fn words(&self, place: &Place) -> String {
        match (self.database(), place) {
            (Some(sqlx::Error::Database(said)), _) if said.message().contains("append-only") => {
                said.message().to_owned()
            }
            (Some(error), Place::Server(_)) => Trouble::of(error).word().replace('_', " "),
            _ => self.to_string(),
        }
    }

    fn database(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) | Self::Schema(SchemaError::Database(error)) => Some(error),
            _ => None,
        }
    }

    fn remedy(&self, place: &Place) -> String {
        let name = place.shown();
        match self {
            Self::Schema(SchemaError::Newer { .. }) => format!(
                "use the newer Portcullis, or give this one another {}",
                place.knob()
            ),
            Self::Schema(SchemaError::Foreign) => match place {
                Place::File(path) => {
                    format!("move {} away, or use another --state-dir", path.display())
                }
                Place::Server(_) => "connect to another database, or name another schema in the \
                     address: options=-csearch_path=NAME"
                    .to_owned(),
            },
            Self::Broken(_) | Self::Seal(_) => {
                format!("{name} was changed by hand or is damaged; keep a copy of it, then `ledger verify`")
            }
            Self::Huge(_) => "give a shorter reason; nothing was written".to_owned(),
            Self::Unsure(_) => {
                "look with `ledger list` when it answers again; an open run is settled at the next start"
                    .to_owned()
            }
            Self::Address(_) | Self::NoHost => "`ledger connect` with postgresql://USER:PASSWORD@HOST/DATABASE".to_owned(),
            _ => self.remedy_of_database(place),
        }
    }

    fn remedy_of_database(&self, place: &Place) -> String {
        let Place::Server(_) = place else {
            let name = place.shown();
            return match self.database().and_then(sqlx::Error::as_database_error) {
                Some(said) if is_damage(said.message()) => {
                    format!(
                        "{name} is damaged; keep a copy of it, and begin another with --state-dir"
                    )
                }
                _ => format!("check the space, the permissions and other processes at {name}"),
            };
        };
        let trouble = self.database().map_or(Trouble::Slow, Trouble::of);
        match trouble {
            Trouble::SignIn | Trouble::NoDatabase | Trouble::Tls => {
                "check user, password, database and `sslmode`, then `ledger connect` again"
            }
            Trouble::Denied => {
                "the owner of the database begins the ledger and grants the rights in docs/ledger.md"
            }
            Trouble::Other => "look into the log of the server",
            _ => "check the network, the proxy and the server, then try again",
        }
        .to_owned()
    }
}

fn is_damage(message: &str) -> bool {
    ["malformed", "not a database", "corrupt"]
        .iter()
        .any(|word| message.contains(word))
}
