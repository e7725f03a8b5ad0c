//! Where the server of a database URL is, seen from this machine.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgSslMode;

use super::url::{DatabaseUrl, Host};
use crate::domain::environment::{Direct, Environment};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text;

/// PostgreSQL's usual port.
const PORT: u16 = 5432;

/// A place to connect to.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A host, by its name or address.
    Host {
        /// Name or address.
        name: String,
        /// Port.
        port: u16,
    },
    /// A folder with a socket in it.
    Socket {
        /// The folder.
        folder: PathBuf,
        /// The port that is part of the socket's name.
        port: u16,
    },
}

impl Place {
    /// The place that the config names, else that of the URL.
    pub(super) fn of(environment: &Environment, url: &DatabaseUrl) -> Result<Self, Failure> {
        let direct = environment.direct.clone().unwrap_or_default();
        let port = direct.port.or(url.port).unwrap_or(PORT);
        if let Some(folder) = &direct.socket {
            return Ok(Self::Socket {
                folder: below(folder, port, environment, url),
                port,
            });
        }
        match (direct.host, &url.host) {
            (Some(name), _) => Ok(Self::Host {
                name,
                port: direct.port.unwrap_or(PORT),
            }),
            (None, Some(Host::Name(name))) => Ok(Self::Host {
                name: name.clone(),
                port,
            }),
            (None, Some(Host::Folder(folder))) => Ok(Self::Socket {
                folder: folder.clone(),
                port,
            }),
            (None, None) => Err(Failure::new(
                FailureKind::Config,
                format!("the database URL of {} names no host", environment.name),
                remedy(environment),
            )),
        }
    }

    /// How TLS is spoken there. A socket needs none; what listens on loopback is a proxy or a
    /// tunnel, whose certificate bears another name, if it has one at all.
    pub(super) fn tls(&self, direct: Option<&Direct>, url: &DatabaseUrl) -> PgSslMode {
        match self {
            Self::Socket { .. } => PgSslMode::Disable,
            Self::Host { name, .. } if direct.is_some() && is_loopback(name) => PgSslMode::Prefer,
            Self::Host { .. } => url.tls.unwrap_or(PgSslMode::Prefer),
        }
    }

    /// The place in words. A part of the secret is named only where it cannot be anything else
    /// than an address: in a URL with an unescaped password it may be a piece of that.
    pub(super) fn shown(&self, environment: &Environment) -> String {
        match self {
            Self::Socket { folder, .. } => {
                let shown = folder.display().to_string();
                let known = environment
                    .direct
                    .as_ref()
                    .is_some_and(|d| d.socket.is_some())
                    || shown.ends_with(&connection_name(environment));
                if known {
                    format!("socket folder {}", text::clean(&shown))
                } else {
                    "the socket folder of the database URL".to_owned()
                }
            }
            Self::Host { name, port } => {
                let configured = environment
                    .direct
                    .as_ref()
                    .is_some_and(|d| d.host.is_some());
                if configured || name.parse::<std::net::IpAddr>().is_ok() {
                    format!("{}:{port}", text::clean(name))
                } else {
                    "the host of the database URL".to_owned()
                }
            }
        }
    }

    /// Refuses a socket that is not there, before anybody waits for it.
    pub(super) fn check(&self, environment: &Environment) -> Result<(), Failure> {
        let Self::Socket { folder, port } = self else {
            return Ok(());
        };
        if file(folder, *port).exists() {
            return Ok(());
        }
        let why = if folder.is_dir() {
            "has no socket of PostgreSQL in it"
        } else {
            "is not on this machine"
        };
        let summary = format!("{} {why}", self.shown(environment));
        Err(
            Failure::new(FailureKind::NotFound, summary, remedy(environment))
                .called("socket_missing"),
        )
    }
}

/// What to do where the place of the URL exists only where the job runs.
pub(super) fn remedy(environment: &Environment) -> String {
    let name = text::clean(environment.name.as_str()).into_owned();
    format!(
        "inside the VPC or behind a tunnel: cloud-sql-proxy --private-ip --port 5433 {}, then \
         [environments.{name}.direct] host = \"127.0.0.1\", port = 5433; anywhere: the `data-api` \
         or `job` probe",
        connection_name(environment)
    )
}

/// `project:region:instance`, as the Cloud SQL proxy calls an instance.
fn connection_name(environment: &Environment) -> String {
    let instance = environment.sql_instance.as_deref().unwrap_or("INSTANCE");
    let name = format!("{}:{}:{instance}", environment.project, environment.region);
    text::clean(&name).into_owned()
}

/// The folder itself when its socket is in it, else the folder below it that the proxy makes for
/// each instance.
fn below(folder: &Path, port: u16, environment: &Environment, url: &DatabaseUrl) -> PathBuf {
    if file(folder, port).exists() {
        return folder.to_owned();
    }
    let of_url = match &url.host {
        Some(Host::Folder(found)) => found.file_name().map(|name| folder.join(name)),
        _ => None,
    };
    let of_config = folder.join(connection_name(environment));
    let candidates = of_url.into_iter().chain([of_config]);
    let mut there = candidates.filter(|candidate| file(candidate, port).exists());
    there.next().unwrap_or_else(|| folder.to_owned())
}

fn file(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
