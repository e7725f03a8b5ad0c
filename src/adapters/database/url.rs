//! A database URL as jobs have them, read as SQLAlchemy and libpq read it.
//!
//! It is a payload: nothing of it is ever part of an error, and it has no `Debug`.

use std::path::PathBuf;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// SQLAlchemy's own pattern: a password may hold everything but `@`.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?s)^(?P<scheme>[\w+]+)://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?(?:\[(?P<ipv6>[^/?\]]+)\]|(?P<host>[^/:?]*))(?::(?P<port>[^/?]*))?(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?$",
    )
    .expect("a pattern that is tested")
});

/// Where a URL leads.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::adapters) enum Host {
    /// A name or an address.
    Name(String),
    /// A folder with a socket.
    Folder(PathBuf),
}

/// What a database URL says; what it leaves out is `None`.
pub(in crate::adapters) struct DatabaseUrl {
    pub(in crate::adapters) host: Option<Host>,
    pub(in crate::adapters) port: Option<u16>,
    pub(in crate::adapters) user: String,
    pub(super) password: Option<SecretString>,
    pub(in crate::adapters) database: Option<String>,
    pub(in crate::adapters) tls: Option<PgSslMode>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(in crate::adapters) search_path: Option<String>,
}

/// Why a payload is no database URL that can be used here; holds nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::adapters) enum UrlError {
    /// It does not look like one.
    #[error("is no database URL")]
    NoUrl,
    /// It is one, of another database.
    #[error("is not the URL of a PostgreSQL database")]
    NotPostgres,
    /// It names no user.
    #[error("names no user")]
    NoUser,
    /// Its port is no port.
    #[error("has a port that is no number")]
    BadPort,
    /// It wants a kind of TLS that is not known.
    #[error("has a value of `sslmode` or `ssl` that is not known")]
    BadTls,
    /// It is not UTF-8 behind its percent signs.
    #[error("is not UTF-8")]
    NotUtf8,
}

impl DatabaseUrl {
    /// Reads a payload.
    pub(in crate::adapters) fn parse(payload: &SecretString) -> Result<Self, UrlError> {
        let parts = URL
            .captures(payload.expose_secret().trim())
            .ok_or(UrlError::NoUrl)?;
        let scheme = parts["scheme"].split('+').next().unwrap_or_default();
        if !matches!(scheme, "postgresql" | "postgres") {
            return Err(UrlError::NotPostgres);
        }
        let part = |name: &str| {
            let part = parts.name(name).map(|found| found.as_str());
            part.filter(|text| !text.is_empty())
        };
        let decoded = |name: &str| part(name).map(decode).transpose();
        let mut url = Self {
            host: part("ipv6")
                .or_else(|| part("host"))
                .map(host)
                .transpose()?,
            port: part("port").map(port).transpose()?,
            user: decoded("user")?.unwrap_or_default(),
            password: decoded("password")?.map(SecretString::from),
            database: decoded("database")?,
            tls: None,
            root_certificate: None,
            client_certificate: None,
            search_path: None,
        };
        url.take_query(part("query").unwrap_or_default())?;
        if url.user.is_empty() {
            return Err(UrlError::NoUser);
        }
        Ok(url)
    }

    /// How its user signs in. Every setting that libpq would take from the surroundings is said,
    /// so that none is taken from there.
    pub(in crate::adapters) fn sign_in(&self, database: Option<&str>) -> PgConnectOptions {
        let password = self
            .password
            .as_ref()
            .map_or("", |secret| secret.expose_secret());
        let mut options = PgConnectOptions::new_without_pgpass()
            .username(&self.user)
            .password(password)
            .database(database.unwrap_or(&self.user))
            .application_name("portcullis")
            .disable_statement_logging();
        if let Some(file) = &self.root_certificate {
            options = options.ssl_root_cert(file);
        }
        if let Some((certificate, key)) = &self.client_certificate {
            options = options.ssl_client_cert(certificate).ssl_client_key(key);
        }
        options
    }

    /// What stands behind the question mark wins over what stands before it.
    fn take_query(&mut self, query: &str) -> Result<(), UrlError> {
        let mut certificate = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(&value.replace('+', " "))?;
            match key {
                "host" | "unix_sock" => self.take_host(&value)?,
                "port" => self.port = Some(port(&value)?),
                "user" => self.user = value,
                "password" => self.password = Some(value.into()),
                "dbname" | "database" => self.database = Some(value),
                "sslmode" | "ssl" => self.tls = Some(tls(&value)?),
                "sslrootcert" => self.root_certificate = Some(value.into()),
                "sslcert" => certificate.0 = Some(value.into()),
                "sslkey" => certificate.1 = Some(value.into()),
                "options" => self.search_path = search_path(&value).or(self.search_path.take()),
                _ => {}
            }
        }
        self.client_certificate = certificate.0.zip(certificate.1);
        Ok(())
    }

    /// `host`, `host:port` as SQLAlchemy has it, or a folder; of several hosts the first.
    fn take_host(&mut self, value: &str) -> Result<(), UrlError> {
        let first = value.split(',').next().unwrap_or_default();
        let (name, number) = match first.rsplit_once(':') {
            Some((name, number)) if !first.starts_with('/') && !name.contains(':') => {
                (name, Some(number))
            }
            _ => (first, None),
        };
        self.host = Some(host(name)?);
        if let Some(number) = number {
            self.port = Some(port(number)?);
        }
        Ok(())
    }
}

fn decode(text: &str) -> Result<String, UrlError> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned)
        .map_err(|_| UrlError::NotUtf8)
}

fn host(text: &str) -> Result<Host, UrlError> {
    let text = decode(text)?;
    if !text.starts_with('/') {
        return Ok(Host::Name(text));
    }
    // Some drivers want the file, others the folder it is in.
    let folder = text
        .find("/.s.PGSQL.")
        .map_or(text.as_str(), |at| &text[..at]);
    Ok(Host::Folder(folder.into()))
}

fn port(text: &str) -> Result<u16, UrlError> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or(UrlError::BadPort)
}

/// libpq's words, and asyncpg's, which has the same ones besides truth values.
fn tls(text: &str) -> Result<PgSslMode, UrlError> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "disable" | "false" | "0" | "no" | "off" => PgSslMode::Disable,
        "allow" => PgSslMode::Allow,
        "prefer" => PgSslMode::Prefer,
        "require" | "true" | "1" | "yes" | "on" => PgSslMode::Require,
        "verify-ca" => PgSslMode::VerifyCa,
        "verify-full" => PgSslMode::VerifyFull,
        _ => return Err(UrlError::BadTls),
    })
}

/// The search path within `-c search_path=…`, which decides where `alembic_version` is found.
fn search_path(options: &str) -> Option<String> {
    let (_, rest) = options.split_once("search_path=")?;
    let path = rest.split_whitespace().next()?;
    Some(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn read(text: &str) -> DatabaseUrl {
        match DatabaseUrl::parse(&text.into()) {
            Ok(url) => url,
            Err(error) => panic!("{text}: {error}"),
        }
    }

    fn refused(text: &str) -> Option<UrlError> {
        DatabaseUrl::parse(&text.into()).err()
    }

    fn name(url: &DatabaseUrl) -> &str {
        match &url.host {
            Some(Host::Name(name)) => name,
            _ => "",
        }
    }

    fn folder(url: &DatabaseUrl) -> String {
        match &url.host {
            Some(Host::Folder(folder)) => folder.display().to_string(),
            _ => String::new(),
        }
    }

    fn password(url: &DatabaseUrl) -> Option<&str> {
        url.password.as_ref().map(ExposeSecret::expose_secret)
    }

    #[test]
    fn every_driver_of_postgresql_is_understood() {
        for scheme in [
            "postgresql+asyncpg",
            "postgresql+psycopg2",
            "postgresql+psycopg",
            "postgresql",
            "postgres",
        ] {
            let url = read(&format!(
                "{scheme}://plant_app:p%40ss%2Fw@10.1.2.3:5433/plant\n"
            ));
            assert_eq!((name(&url), url.port), ("10.1.2.3", Some(5433)));
            assert_eq!(
                (url.user.as_str(), password(&url)),
                ("plant_app", Some("p@ss/w"))
            );
            assert_eq!(url.database.as_deref(), Some("plant"));
        }
    }

    #[test]
    fn a_socket_folder_stands_in_the_query() {
        let url = read("postgresql+asyncpg://u:p@/plant?host=/cloudsql/p:r:i");
        assert_eq!(folder(&url), "/cloudsql/p:r:i");
        let url = read("postgresql+pg8000://u:p@/plant?unix_sock=/cloudsql/p:r:i/.s.PGSQL.5432");
        assert_eq!(folder(&url), "/cloudsql/p:r:i");
        let url = read("postgresql://u:p@%2Fcloudsql%2Fp:5432/plant");
        assert_eq!(folder(&url), "/cloudsql/p");
    }

    #[test]
    fn what_is_missing_is_missing() {
        let url = read("postgresql://u@/");
        assert!(url.host.is_none() && url.port.is_none() && url.database.is_none());
        assert!(url.password.is_none() && url.tls.is_none());
        let url = read("postgresql://u@h");
        assert_eq!((name(&url), url.database.as_deref()), ("h", None));
        assert_eq!(refused("postgresql://h/d"), Some(UrlError::NoUser));
        assert_eq!(refused("postgresql:///d?user=u"), None);
    }

    #[test]
    fn tls_has_the_words_of_both_drivers() {
        for (query, mode) in [
            ("sslmode=require", PgSslMode::Require),
            ("ssl=verify-full", PgSslMode::VerifyFull),
            ("ssl=true", PgSslMode::Require),
            ("sslmode=disable", PgSslMode::Disable),
        ] {
            let url = read(&format!("postgresql://u@h/d?{query}"));
            let found = url.tls.map(|tls| format!("{tls:?}"));
            assert_eq!(found, Some(format!("{mode:?}")));
        }
        assert_eq!(
            refused("postgresql://u@h/d?ssl=maybe"),
            Some(UrlError::BadTls)
        );
    }

    #[test]
    fn hosts_ports_and_search_paths_are_found_in_the_query() {
        let url = read("postgresql://u@/d?host=h1:5433&host=h2:5434,h3");
        assert_eq!((name(&url), url.port), ("h2", Some(5434)));
        let url = read("postgresql://u@[::1]:6000/d?options=-csearch_path%3Dplant,public+-c+x=1");
        assert_eq!((name(&url), url.port), ("::1", Some(6000)));
        assert_eq!(url.search_path.as_deref(), Some("plant,public"));
    }

    #[test]
    fn what_is_no_url_is_refused_without_its_words() {
        for (text, error) in [
            ("", UrlError::NoUrl),
            ("hunter2", UrlError::NoUrl),
            ("mysql://u:hunter2@h/d", UrlError::NotPostgres),
            ("postgresql://u:hunter2@h:99999/d", UrlError::BadPort),
            ("postgresql://u:%ff@h/d", UrlError::NotUtf8),
        ] {
            assert_eq!(refused(text), Some(error), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", rest in "[a-z:@/?%&=\\[\\]0-9.]*") {
            let _ = refused(&text);
            let _ = refused(&format!("postgresql://{rest}"));
        }

        #[test]
        fn any_password_comes_back(secret in "\\PC{0,20}", user in "[a-z_]{1,8}") {
            let encoded = percent_encoding::percent_encode(secret.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
            let url = read(&format!("postgresql://{user}:{encoded}@h/d"));
            prop_assert_eq!(password(&url).unwrap_or_default(), secret);
            prop_assert_eq!(url.user, user);
        }
    }
}
