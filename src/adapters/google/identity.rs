//! Who is signed in: Google's userinfo, which the official clients do not offer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::clients::Clients;
use super::credentials;
use super::traffic::Service;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::Identity;
use crate::ports::identity::Identities;

/// Where Google tells who holds a token.
const USERINFO: &str = "https://www.googleapis.com";

/// The sign-in.
pub(super) struct SignInInfo {
    clients: Arc<Clients>,
    http: OnceCell<reqwest::Client>,
}

#[derive(Deserialize)]
struct Userinfo {
    email: Option<String>,
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

    /// Asks the service that a token would be sent to anyway, never another one.
    async fn email(&self, headers: http::HeaderMap) -> Result<Option<String>, Failure> {
        let base = self.clients.endpoints().local().unwrap_or(USERINFO);
        self.clients.traffic().count(Service::Identity);
        let call = self
            .http()
            .await?
            .get(format!("{base}/oauth2/v3/userinfo"))
            .headers(headers)
            .send();
        let answer = call.await.map_err(|_| {
            Failure::new(
                FailureKind::Unreachable,
                "asking who is signed in: no connection",
                "check the network; everything else may still work",
            )
        })?;
        if answer.status() == 401 {
            let (source, _) = self.clients.sign_in();
            return Err(source.signed_out("the sign-in has expired or was withdrawn"));
        }
        // Without the scope for it the e-mail stays unknown, and that is no failure.
        Ok(answer
            .json::<Userinfo>()
            .await
            .ok()
            .and_then(|info| info.email))
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
        Ok(Identity {
            email: self.email(headers).await?,
            credential,
            expires_at: None,
        })
    }
}
