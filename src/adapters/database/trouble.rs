//! What keeps a session from reading, with a remedy for each; a server's own words are never repeated.

use std::io::ErrorKind;

use super::place::{self, Place};
use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapters) enum Trouble {
    /// Nothing answers at that address.
    NoRoute,
    /// Its name leads nowhere.
    NoName,
    /// The machine is there, and nothing listens.
    Refused,
    /// Something took the connection and ended it.
    Closed,
    /// The user or the password is wrong, or the server lets this user in from elsewhere only.
    SignIn,
    /// TLS is wanted and not given, or given and not trusted.
    Tls,
    /// There is no such database.
    NoDatabase,
    /// The user may not read.
    Denied,
    /// The server is starting, stopping, or full.
    Busy,
    /// It took too long.
    Slow,
    /// Anything else.
    Other,
}

impl Trouble {
    /// What an error of the client or of the server means.
    pub(in crate::adapters) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => Self::of_network(error),
            sqlx::Error::Tls(_) => Self::Tls,
            sqlx::Error::Database(said) => {
                Self::of_state(&said.code().unwrap_or_default(), said.message())
            }
            sqlx::Error::PoolTimedOut => Self::Slow,
            _ => Self::Other,
        }
    }

    fn of_network(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::NotFound => Self::Refused,
            ErrorKind::TimedOut
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => Self::NoRoute,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::UnexpectedEof
            | ErrorKind::BrokenPipe => Self::Closed,
            ErrorKind::InvalidData => Self::Tls,
            // The resolver's failures have no kind of their own.
            _ if error.raw_os_error().is_none() => Self::NoName,
            _ => Self::Other,
        }
    }

    /// SQLSTATE decides; the words only where one state means two things.
    fn of_state(state: &str, message: &str) -> Self {
        match state {
            "28000" if message.contains("no encryption") || message.contains("SSL off") => {
                Self::Tls
            }
            "28000" | "28P01" => Self::SignIn,
            "3D000" => Self::NoDatabase,
            "42501" => Self::Denied,
            "57014" | "55P03" | "25P03" => Self::Slow,
            "57P01" | "57P02" | "57P03" | "53300" => Self::Busy,
            _ => Self::Other,
        }
    }

    /// The word for programs.
    pub(in crate::adapters) fn word(self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::NoName => "no_name",
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::SignIn => "authentication",
            Self::Tls => "tls",
            Self::NoDatabase => "database_missing",
            Self::Denied => "not_readable",
            Self::Busy => "server_busy",
            Self::Slow => "timeout",
            Self::Other => "database",
        }
    }

    fn kind(self) -> FailureKind {
        match self {
            Self::SignIn | Self::Denied => FailureKind::Denied,
            Self::NoDatabase => FailureKind::NotFound,
            _ => FailureKind::Unreachable,
        }
    }
}

/// Where it went wrong.
pub(super) struct At<'a> {
    pub(super) environment: &'a Environment,
    pub(super) place: &'a Place,
}

impl At<'_> {
    /// The failure, in words for a person.
    pub(super) fn failure(&self, trouble: Trouble) -> Failure {
        let place = self.place.shown(self.environment);
        let (why, remedy) = self.words(trouble);
        Failure::new(trouble.kind(), format!("{place} {why}"), remedy).called(trouble.word())
    }

    fn words(&self, trouble: Trouble) -> (String, String) {
        let secret = self.environment.secret.as_deref().unwrap_or_default();
        let secret = text::clean(secret).into_owned();
        let route = || place::remedy(self.environment);
        match trouble {
            Trouble::NoRoute => (
                "does not answer: from here there is no way to it".to_owned(),
                route(),
            ),
            Trouble::NoName => (
                "has a name that cannot be resolved here".to_owned(),
                route(),
            ),
            Trouble::Refused => (
                "refuses connections: nothing listens there".to_owned(),
                "start the proxy or the tunnel, and look at its port".to_owned(),
            ),
            Trouble::Closed => (
                "took the connection and ended it".to_owned(),
                "look into the log of the proxy: it knows why; without one, TLS or a client \
                 certificate may be asked for"
                    .to_owned(),
            ),
            Trouble::SignIn => (
                format!("does not let the user of {secret} in"),
                format!(
                    "is the version of {secret} that the job uses the one that the database has? \
                     gcloud sql users set-password"
                ),
            ),
            Trouble::Tls => (
                "and this machine do not agree on TLS".to_owned(),
                format!(
                    "look at `sslmode` or `ssl` in {secret}; with \
                     TRUSTED_CLIENT_CERTIFICATE_REQUIRED go through cloud-sql-proxy"
                ),
            ),
            Trouble::NoDatabase => (
                format!("has no such database as {secret} names"),
                format!("gcloud sql databases list, or correct {secret}"),
            ),
            Trouble::Denied => (
                format!("does not let the user of {secret} read alembic_version"),
                "GRANT USAGE ON SCHEMA … and GRANT SELECT ON alembic_version to that user"
                    .to_owned(),
            ),
            Trouble::Busy => (
                "is starting, stopping, or has no connection to spare".to_owned(),
                "try again in a minute; look at max_connections".to_owned(),
            ),
            Trouble::Slow => (
                "took too long to answer".to_owned(),
                "a migration may hold a lock on alembic_version; look at pg_stat_activity"
                    .to_owned(),
            ),
            Trouble::Other => (
                "refused the question".to_owned(),
                "look into the log of the server".to_owned(),
            ),
        }
    }
}
