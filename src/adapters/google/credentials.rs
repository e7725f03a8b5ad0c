//! Credentials for the official clients: static tokens, which Google's library lacks,
//! and credential files read by us, because that library ignores `CLOUDSDK_CONFIG`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use google_cloud_auth::credentials::{
    AccessTokenCredentials, CacheableResource, Credentials, CredentialsProvider, EntityTag,
    external_account, impersonated, mds, service_account, user_account,
};
use google_cloud_gax::error::CredentialsError;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::gcloud_token::GcloudToken;
use super::sign_in::{Source, Stamp, stamp};
use super::traffic::{Service, Traffic};
use crate::domain::failure::Failure;

/// How this program names itself to Google.
const AGENT: &str = concat!("portcullis/", env!("CARGO_PKG_VERSION"));

/// What every Google API accepts.
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
];

/// What a provider answers.
pub(super) type Headers = Result<CacheableResource<HeaderMap>, CredentialsError>;

/// The credentials of a sign-in, and whose they are when that is written down.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) credentials: Credentials,
    pub(super) email: Option<String>,
}

/// Makes the credentials of a source. Reads at most one file; asks nobody.
pub(super) fn of(source: &Source, quota_project: Option<&str>) -> Result<SignedIn, Failure> {
    let plain = |credentials| SignedIn {
        credentials,
        email: None,
    };
    match source {
        Source::Token { token, origin } => {
            let token = StaticToken::new(token).map_err(|()| {
                source.signed_out(&format!("the access token of {origin} is not a token"))
            })?;
            Ok(plain(token.into()))
        }
        Source::TokenFile(path) => Ok(plain(FileToken::new(path.clone()).into())),
        Source::Gcloud(program) => Ok(plain(GcloudToken::new(program.clone()).into())),
        Source::KeyFile(path) | Source::Adc(path) => {
            of_file(path, quota_project).map_err(|why| source.signed_out(&why))
        }
        Source::Metadata => mds::Builder::default()
            .with_universe_domain("googleapis.com")
            .build_access_token_credentials()
            .map(|found| plain(Credentials::from(found)))
            .map_err(|_| source.signed_out("the metadata server cannot be used")),
        Source::Nothing => Err(source.signed_out("nobody is signed in to Google Cloud")),
    }
}

fn of_file(path: &Path, quota_project: Option<&str>) -> Result<SignedIn, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        format!(
            "the credentials in {shown} cannot be read: {}",
            error.kind()
        )
    })?;
    let json: Value = serde_json::from_str(&text)
        .map_err(|_| format!("the credentials in {shown} are not JSON"))?;
    let email = json
        .get("client_email")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let kind = json
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let built = match kind.as_str() {
        "authorized_user" => {
            let builder = user_account::Builder::new(json);
            match quota_project {
                Some(project) => builder.with_quota_project_id(project),
                None => builder,
            }
            .build_access_token_credentials()
        }
        "service_account" => {
            let scopes = service_account::AccessSpecifier::from_scopes(SCOPES);
            let builder = service_account::Builder::new(json).with_access_specifier(scopes);
            match quota_project {
                Some(project) => builder.with_quota_project_id(project),
                None => builder,
            }
            .build_access_token_credentials()
        }
        "impersonated_service_account" => impersonated::Builder::new(json)
            .with_scopes(SCOPES)
            .build_access_token_credentials(),
        "external_account" => external_account::Builder::new(json)
            .with_scopes(SCOPES)
            .build_access_token_credentials(),
        _ => {
            return Err(format!(
                "the credentials in {shown} are of a type that is not supported"
            ));
        }
    };
    let credentials: AccessTokenCredentials =
        built.map_err(|_| format!("the credentials in {shown} are incomplete"))?;
    Ok(SignedIn {
        credentials: credentials.into(),
        email,
    })
}

/// A token that never changes.
struct StaticToken {
    tag: EntityTag,
    headers: HeaderMap,
}

impl StaticToken {
    fn new(token: &SecretString) -> Result<Self, ()> {
        Ok(Self {
            tag: EntityTag::new(),
            headers: bearer(token.expose_secret())?,
        })
    }
}

impl std::fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaticToken")
    }
}

impl CredentialsProvider for StaticToken {
    async fn headers(&self, known: http::Extensions) -> Headers {
        Ok(fresh(&known, &self.tag, &self.headers))
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// A token in a file that is read anew when it changes.
struct FileToken {
    path: PathBuf,
    read: Mutex<Option<(Stamp, EntityTag, HeaderMap)>>,
}

impl FileToken {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::new(None),
        }
    }

    fn current(&self, known: &http::Extensions) -> Headers {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamp(&self.path);
        if let Some((then, tag, headers)) = read.as_ref()
            && now.is_some()
            && *then == now
        {
            return Ok(fresh(known, tag, headers));
        }
        let text = std::fs::read_to_string(&self.path)
            .map_err(|error| CredentialsError::from_msg(false, error.kind().to_string()))?;
        let headers = bearer(text.trim())
            .map_err(|()| CredentialsError::from_msg(false, "the file holds no token"))?;
        let tag = EntityTag::new();
        *read = Some((now, tag.clone(), headers.clone()));
        Ok(CacheableResource::New {
            entity_tag: tag,
            data: headers,
        })
    }
}

impl std::fmt::Debug for FileToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileToken({})", self.path.display())
    }
}

impl CredentialsProvider for FileToken {
    async fn headers(&self, known: http::Extensions) -> Headers {
        self.current(&known)
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// The header that carries a token.
pub(super) fn bearer(token: &str) -> Result<HeaderMap, ()> {
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(());
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

/// The headers, unless the caller has them already.
pub(super) fn fresh(
    known: &http::Extensions,
    tag: &EntityTag,
    headers: &HeaderMap,
) -> CacheableResource<HeaderMap> {
    if known.get::<EntityTag>() == Some(tag) {
        return CacheableResource::NotModified;
    }
    CacheableResource::New {
        entity_tag: tag.clone(),
        data: headers.clone(),
    }
}

/// Credentials that count: a client asks for its headers once for every attempt, so
/// this sees each request. It also names this program, which a client's own default
/// headers cannot.
#[derive(Debug)]
pub(super) struct Counted {
    inner: Credentials,
    traffic: Arc<Traffic>,
    service: Service,
}

impl Counted {
    pub(super) fn new(inner: Credentials, traffic: Arc<Traffic>, service: Service) -> Self {
        Self {
            inner,
            traffic,
            service,
        }
    }
}

impl CredentialsProvider for Counted {
    async fn headers(&self, known: http::Extensions) -> Headers {
        let mut headers = self.inner.headers(known).await?;
        if let CacheableResource::New { data, .. } = &mut headers {
            data.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        }
        self.traffic.count(self.service);
        Ok(headers)
    }

    async fn universe_domain(&self) -> Option<String> {
        self.inner.universe_domain().await
    }
}

/// The headers that sign a request of our own.
pub(super) async fn sign(credentials: &Credentials) -> Result<HeaderMap, CredentialsError> {
    match credentials.headers(http::Extensions::new()).await? {
        CacheableResource::New { data, .. } => Ok(data),
        CacheableResource::NotModified => Ok(HeaderMap::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_file_is_read_anew_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let provider = Credentials::from(FileToken::new(path.clone()));
        let error = sign(&provider).await.unwrap_err();
        assert!(!error.is_transient());
        std::fs::write(&path, "ya29.one\n").unwrap();
        assert_eq!(
            sign(&provider).await.unwrap()[AUTHORIZATION],
            "Bearer ya29.one"
        );
        std::fs::write(&path, "ya29.second\n").unwrap();
        assert_eq!(
            sign(&provider).await.unwrap()[AUTHORIZATION],
            "Bearer ya29.second"
        );
        std::fs::remove_file(&path).unwrap();
        assert!(sign(&provider).await.is_err());
    }

    #[test]
    fn tokens_are_not_printed() {
        let token = StaticToken::new(&SecretString::from("ya29.secret")).unwrap();
        assert!(!format!("{token:?} {:?}", token.headers).contains("ya29"));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for bad in ["", "two words", "line\nbreak"] {
            assert!(
                StaticToken::new(&SecretString::from(bad)).is_err(),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_broken_credential_file_says_so_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        for text in [
            "not json: hunter2",
            r#"{"type":"hunter2"}"#,
            r#"{"type":"authorized_user"}"#,
        ] {
            std::fs::write(&path, text).unwrap();
            let failure = of(&Source::KeyFile(path.clone()), None).unwrap_err();
            assert_eq!(failure.kind, crate::domain::failure::FailureKind::SignedOut);
            assert!(!failure.summary.contains("hunter2"), "{}", failure.summary);
            assert!(!failure.hint.is_empty());
        }
    }
}
