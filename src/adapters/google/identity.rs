//! Who is signed in: Google's userinfo, which the official clients do not offer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::clients::Clients;
use super::credentials;
use super::sign_in::{Source, VARIABLE};
use super::traffic::Service;
use crate::adapters::system::local_actor;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::Identity;
use crate::ports::identity::Identities;

/// Where Google tells who holds a token.
const USERINFO: &str = "https://www.googleapis.com";

/// Where Google tells when a token ends.
const TOKENINFO: &str = "https://oauth2.googleapis.com";

/// The sign-in.
pub(super) struct SignInInfo {
    clients: Arc<Clients>,
    http: OnceCell<reqwest::Client>,
}

/// What is told about a token; each part may be missing.
#[derive(Default, Deserialize)]
struct Told {
    email: Option<String>,
    expires_in: Option<Seconds>,
}

/// Seconds, which Google writes as text in one place and as a number in another.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(i64),
    Text(String),
}

impl SignInInfo {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        Self {
            clients,
            http: OnceCell::new(),
        }
    }

    async fn http(&self) -> Result<&reqwest::Client, Failure> {
        let limit = self.clients.deadlines().attempt.min(Duration::from_secs(5));
        let build = || async {
            let mut builder = reqwest::Client::builder().timeout(limit);
            if self.clients.endpoints().local().is_some() {
                builder = builder.no_proxy();
            }
            builder.build().map_err(|_| {
                Failure::new(
                    FailureKind::Config,
                    "no HTTPS client could be made",
                    "install this machine's root certificates (ca-certificates)",
                )
            })
        };
        self.http.get_or_try_init(build).await
    }

    /// Whose the token is. Without the scope for it the e-mail stays unknown, and that is
    /// no failure.
    async fn email(&self, headers: HeaderMap) -> Result<Option<String>, Failure> {
        let base = self.place(USERINFO);
        let call = self.http().await?.get(format!("{base}/oauth2/v3/userinfo"));
        let answer = self.send(call, headers).await?;
        if answer.status() == 401 {
            let (source, _) = self.clients.sign_in();
            return Err(source.signed_out("the sign-in has expired or was withdrawn"));
        }
        Ok(answer.json::<Told>().await.unwrap_or_default().email)
    }

    /// When the token ends; `None` when nobody tells.
    async fn end(&self, headers: HeaderMap) -> Option<Timestamp> {
        let base = self.place(TOKENINFO);
        let call = self.http().await.ok()?.post(format!("{base}/tokeninfo"));
        let told: Told = self.send(call, headers).await.ok()?.json().await.ok()?;
        let seconds = match told.expires_in? {
            Seconds::Number(number) => number,
            Seconds::Text(text) => text.parse().ok()?,
        };
        Timestamp::now()
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()
    }

    /// Asks where a token would be sent to anyway, never elsewhere.
    fn place(&self, of_google: &'static str) -> &str {
        self.clients.endpoints().local().unwrap_or(of_google)
    }

    async fn send(
        &self,
        call: reqwest::RequestBuilder,
        headers: HeaderMap,
    ) -> Result<reqwest::Response, Failure> {
        self.clients.traffic().count(Service::Identity);
        call.headers(headers).send().await.map_err(|_| {
            Failure::new(
                FailureKind::Unreachable,
                "asking who is signed in: no connection",
                "check the network; everything else may still work",
            )
        })
    }
}

#[async_trait]
impl Identities for SignInInfo {
    async fn identity(&self) -> Result<Identity, Failure> {
        let (source, signed_in) = self.clients.sign_in();
        let signed_in = signed_in?;
        let credential = source.name();
        if signed_in.email.is_some() {
            return Ok(Identity {
                email: signed_in.email,
                credential,
                expires_at: None,
            });
        }
        let total = self.clients.deadlines().total;
        let headers = tokio::time::timeout(total, credentials::sign(&signed_in.credentials)).await;
        let headers = match headers {
            Ok(Ok(headers)) => headers,
            Ok(Err(error)) if !error.is_transient() => {
                return Err(source.signed_out("the sign-in has expired or was withdrawn"));
            }
            _ => {
                return Err(Failure::new(
                    FailureKind::Unreachable,
                    "the sign-in could not be refreshed",
                    "check the network; it is tried again",
                ));
            }
        };
        // Every other sign-in renews its tokens by itself.
        let ends = matches!(
            source,
            Source::Token {
                origin: VARIABLE,
                ..
            }
        );
        let end = async {
            if ends {
                self.end(headers.clone()).await
            } else {
                None
            }
        };
        let (email, expires_at) = futures::join!(self.email(headers.clone()), end);
        Ok(Identity {
            email: email?,
            credential,
            expires_at,
        })
    }

    fn local(&self) -> String {
        format!("local:{}", local_actor(self.clients.variables()))
    }
}
