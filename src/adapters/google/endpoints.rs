//! Where Google's services answer: the config, else gcloud's own overrides, else Google.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::adapters::variables::Variables;
use crate::domain::failure::{Failure, FailureKind};

/// The services whose endpoint can be set, as the config names them.
pub const SERVICES: [&str; 6] = [
    "run",
    "secretmanager",
    "sql",
    "logging",
    "cloudshell",
    "cloudresourcemanager",
];

/// Endpoints that are not Google's own, by service; checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints(BTreeMap<String, String>);

impl Endpoints {
    /// Puts them together: the config wins over `CLOUDSDK_API_ENDPOINT_OVERRIDES_*`.
    pub fn resolve(
        config: &BTreeMap<String, String>,
        variables: &Variables,
    ) -> Result<Self, Failure> {
        let mut found = BTreeMap::new();
        for service in SERVICES {
            let variable = format!(
                "CLOUDSDK_API_ENDPOINT_OVERRIDES_{}",
                service.to_ascii_uppercase()
            );
            let (given, origin) = match (config.get(service), variables.get(&variable)) {
                (Some(given), _) => (given.as_str(), format!("google.endpoints.{service}")),
                (None, Some(given)) => (given, variable),
                (None, None) => continue,
            };
            found.insert(service.to_owned(), check(given, &origin)?);
        }
        Ok(Self(found))
    }

    /// All services at one place, as in a sandbox.
    pub fn all_at(base: &str) -> Result<Self, Failure> {
        let all = SERVICES
            .map(|service| (service.to_owned(), base.to_owned()))
            .into();
        Self::resolve(&all, &Variables::default())
    }

    /// The endpoint of a service without a slash at its end; `None` means Google's own.
    pub fn of(&self, service: &str) -> Option<&str> {
        self.0.get(service).map(String::as_str)
    }

    /// An endpoint on this machine, if there is one: then the sign-in is asked there as well,
    /// so that a token made for a sandbox never leaves it.
    pub fn local(&self) -> Option<&str> {
        self.0
            .values()
            .map(String::as_str)
            .find(|url| is_local(url))
    }
}

/// Checks one endpoint: a URL with a host, encrypted unless it stays on this machine.
fn check(given: &str, origin: &str) -> Result<String, Failure> {
    let wrong =
        |why: &str, hint: &str| Failure::new(FailureKind::Config, format!("{origin} {why}"), hint);
    let url = reqwest::Url::parse(given.trim()).map_err(|_| {
        wrong(
            "is not a URL",
            "write it as https://host or, on this machine, http://127.0.0.1:PORT",
        )
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "holds a user name or password",
            "remove it; the sign-in is sent as a header",
        ));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_local(url.as_str()) => {}
        "http" => {
            let host = url.host_str().unwrap_or_default();
            return Err(wrong(
                &format!("is plain http to {host}: the sign-in would travel in clear text"),
                "use https; plain http is for 127.0.0.1, ::1 and localhost only",
            ));
        }
        _ => return Err(wrong("is neither http nor https", "use https")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether a URL leads to this machine.
pub(super) fn is_local(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(config: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Endpoints, Failure> {
        let config = config
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Endpoints::resolve(&config, &Variables::new(variables.iter().copied()))
    }

    #[test]
    fn the_config_wins_over_the_variable() {
        let found = resolve(
            &[("run", "http://127.0.0.1:1/")],
            &[
                ("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", "http://127.0.0.1:2/"),
                (
                    "CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL",
                    "http://127.0.0.1:3/base/",
                ),
            ],
        )
        .unwrap();
        assert_eq!(found.of("run"), Some("http://127.0.0.1:1"));
        assert_eq!(found.of("sql"), Some("http://127.0.0.1:3/base"));
        assert_eq!(found.of("logging"), None);
        assert!(found.local().is_some());
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for good in [
            "http://localhost:1",
            "http://127.9.9.9",
            "http://[::1]:80",
            "https://run.example",
        ] {
            assert!(resolve(&[("run", good)], &[]).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://127.0.0.1.evil.test",
            "ftp://localhost",
            "nonsense",
            "https://u:p@x",
        ] {
            let failure = resolve(&[("run", bad)], &[]).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Config, "{bad}");
            assert!(failure.summary.contains("google.endpoints.run"), "{bad}");
            assert!(!failure.hint.is_empty());
        }
    }

    #[test]
    fn without_overrides_nothing_is_local() {
        assert_eq!(resolve(&[], &[]).unwrap().local(), None);
    }
}
