//! The token of `gcloud auth login`, for a person who never made application default
//! credentials. gcloud itself is asked: its store of logins is its own affair.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use google_cloud_auth::credentials::{CacheableResource, CredentialsProvider, EntityTag};
use google_cloud_gax::error::CredentialsError;
use http::header::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::credentials::{Headers, bearer, fresh};

/// gcloud starts slowly, but not this slowly.
const PATIENCE: Duration = Duration::from_secs(10);

/// A token is renewed this long before its end.
const MARGIN: SignedDuration = SignedDuration::from_mins(2);

/// Asks gcloud for a token, and keeps it until shortly before its end.
pub(super) struct GcloudToken {
    program: PathBuf,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    until: Timestamp,
    tag: EntityTag,
    headers: HeaderMap,
}

/// What `gcloud config config-helper` prints, as far as it is needed here.
#[derive(Deserialize)]
struct Helper {
    credential: Credential,
}

#[derive(Deserialize)]
struct Credential {
    access_token: String,
    token_expiry: Timestamp,
}

impl GcloudToken {
    pub(super) fn new(program: PathBuf) -> Self {
        Self {
            program,
            kept: Mutex::new(None),
        }
    }

    async fn ask(&self) -> Result<Kept, CredentialsError> {
        let mut command = Command::new(&self.program);
        command
            .args(["config", "config-helper", "--format=json(credential)"])
            .env("CLOUDSDK_CORE_DISABLE_PROMPTS", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output())
            .await
            .map_err(|_| CredentialsError::from_msg(true, "gcloud does not answer"))?
            .map_err(|error| CredentialsError::from_msg(false, error.kind().to_string()))?;
        if !output.status.success() {
            return Err(CredentialsError::from_msg(
                false,
                "gcloud has no valid login",
            ));
        }
        let helper: Helper = serde_json::from_slice(&output.stdout)
            .map_err(|_| CredentialsError::from_msg(false, "gcloud answers something else"))?;
        let headers = bearer(&helper.credential.access_token)
            .map_err(|()| CredentialsError::from_msg(false, "gcloud gives no token"))?;
        Ok(Kept {
            until: helper.credential.token_expiry - MARGIN,
            tag: EntityTag::new(),
            headers,
        })
    }
}

impl std::fmt::Debug for GcloudToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GcloudToken({})", self.program.display())
    }
}

impl CredentialsProvider for GcloudToken {
    async fn headers(&self, known: http::Extensions) -> Headers {
        // Whoever comes meanwhile waits for the same answer instead of starting gcloud again.
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| Timestamp::now() < kept.until) {
            return Ok(fresh(&known, &kept.tag, &kept.headers));
        }
        let renewed = kept.insert(self.ask().await?);
        Ok(CacheableResource::New {
            entity_tag: renewed.tag.clone(),
            data: renewed.headers.clone(),
        })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::credentials::sign;
    use super::*;
    use google_cloud_auth::credentials::Credentials;
    use std::os::unix::fs::PermissionsExt as _;

    /// A gcloud that counts how often it is started.
    fn gcloud(folder: &std::path::Path, expiry: &str, code: u8) -> Credentials {
        let program = folder.join("gcloud");
        let text = format!(
            "#!/bin/sh\necho x >> {0}/starts\n\
             echo '{{\"credential\":{{\"access_token\":\"ya29.g\",\"token_expiry\":\"{expiry}\"}}}}'\n\
             exit {code}\n",
            folder.display()
        );
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        // A process that another test starts just now may still hold the file open for writing.
        while std::process::Command::new(&program)
            .stdout(Stdio::null())
            .status()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ExecutableFileBusy)
        {}
        std::fs::remove_file(folder.join("starts")).unwrap();
        GcloudToken::new(program).into()
    }

    fn starts(folder: &std::path::Path) -> usize {
        let text = std::fs::read_to_string(folder.join("starts")).unwrap_or_default();
        text.lines().count()
    }

    #[tokio::test]
    async fn a_token_is_kept_until_shortly_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = gcloud(folder.path(), "2999-01-01T00:00:00Z", 0);
        let both = futures::join!(sign(&credentials), sign(&credentials));
        assert_eq!(both.0.unwrap()["authorization"], "Bearer ya29.g");
        assert!(both.1.is_ok());
        assert_eq!(starts(folder.path()), 1);
    }

    #[tokio::test]
    async fn a_token_that_has_ended_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = gcloud(folder.path(), "2001-01-01T00:00:00Z", 0);
        sign(&credentials).await.unwrap();
        sign(&credentials).await.unwrap();
        assert_eq!(starts(folder.path()), 2);
    }

    #[tokio::test]
    async fn a_login_that_has_ended_is_no_passing_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = gcloud(folder.path(), "2999-01-01T00:00:00Z", 1);
        assert!(!sign(&credentials).await.unwrap_err().is_transient());
    }
}
