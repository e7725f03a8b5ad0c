//! Where the sign-in comes from, in the order in which gcloud and Google's libraries look.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use secrecy::SecretString;

use crate::adapters::variables::Variables;
use crate::domain::failure::{Failure, FailureKind};

/// The variable that holds a token.
pub(super) const VARIABLE: &str = "CLOUDSDK_AUTH_ACCESS_TOKEN";

/// Where the sign-in comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A token that was given as it is.
    Token {
        /// The token.
        token: Arc<SecretString>,
        /// Who gave it, for a person.
        origin: &'static str,
    },
    /// A file with a token, which somebody else keeps fresh.
    TokenFile(PathBuf),
    /// A credential file that `GOOGLE_APPLICATION_CREDENTIALS` names.
    KeyFile(PathBuf),
    /// Application Default Credentials of a person.
    Adc(PathBuf),
    /// The login of gcloud, which is asked for a token; this is the program.
    Gcloud(PathBuf),
    /// The metadata server of a machine at Google.
    Metadata,
    /// Nothing was found.
    Nothing,
}

/// Whether a credential file is still the one that was read.
pub(super) type Stamp = Option<(SystemTime, u64)>;

impl Source {
    /// Looks for a sign-in, without the network.
    pub(super) fn find(given: Option<&Arc<SecretString>>, variables: &Variables) -> Self {
        if let Some(token) = given {
            return Self::Token {
                token: Arc::clone(token),
                origin: "the sandbox",
            };
        }
        if let Some(token) = variables.get(VARIABLE) {
            let token = Arc::new(SecretString::from(token.trim().to_owned()));
            return Self::Token {
                token,
                origin: VARIABLE,
            };
        }
        if let Some(path) = variables.get("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE") {
            return Self::TokenFile(path.into());
        }
        if let Some(path) = variables.get("GOOGLE_APPLICATION_CREDENTIALS") {
            return Self::KeyFile(path.into());
        }
        let folder = crate::adapters::gcloud::folder(variables).unwrap_or_default();
        let adc = folder.join("application_default_credentials.json");
        if adc.is_file() {
            return Self::Adc(adc);
        }
        if is_at_google(variables) {
            return Self::Metadata;
        }
        // Where nobody has ever logged in, gcloud need not be started to say so.
        let logged_in = folder.join("credentials.db").is_file();
        match logged_in.then(|| gcloud(variables)).flatten() {
            Some(program) => Self::Gcloud(program),
            None => Self::Nothing,
        }
    }

    /// Its name for a person.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Token { origin, .. } => format!("access token of {origin}"),
            Self::TokenFile(path) => format!("access token in {}", path.display()),
            Self::KeyFile(path) => format!("credentials in {}", path.display()),
            Self::Adc(_) => "application default credentials".to_owned(),
            Self::Gcloud(_) => "gcloud login".to_owned(),
            Self::Metadata => "metadata server".to_owned(),
            Self::Nothing => "none".to_owned(),
        }
    }

    /// What to run when it is missing or has expired.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::Token {
                origin: VARIABLE, ..
            } => {
                "export CLOUDSDK_AUTH_ACCESS_TOKEN=\"$(gcloud auth print-access-token)\"".to_owned()
            }
            Self::Token { origin, .. } => format!("start {origin} again"),
            Self::TokenFile(path) => {
                format!("gcloud auth print-access-token > {}", path.display())
            }
            Self::KeyFile(path) => {
                format!(
                    "put a valid key into {} or unset GOOGLE_APPLICATION_CREDENTIALS",
                    path.display()
                )
            }
            Self::Adc(_) | Self::Nothing => "gcloud auth application-default login".to_owned(),
            Self::Gcloud(_) => "gcloud auth login".to_owned(),
            Self::Metadata => "attach a service account to this machine or job".to_owned(),
        }
    }

    /// Tells one content of the credential file from another.
    pub(super) fn stamp(&self) -> Stamp {
        match self {
            Self::KeyFile(path) | Self::Adc(path) => stamp(path),
            _ => None,
        }
    }

    /// Whether both come from the same place.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token { token: a, .. }, Self::Token { token: b, .. }) => {
                use secrecy::ExposeSecret as _;
                a.expose_secret() == b.expose_secret()
            }
            (Self::TokenFile(a), Self::TokenFile(b))
            | (Self::KeyFile(a), Self::KeyFile(b))
            | (Self::Gcloud(a), Self::Gcloud(b))
            | (Self::Adc(a), Self::Adc(b)) => a == b,
            (Self::Metadata, Self::Metadata) | (Self::Nothing, Self::Nothing) => true,
            _ => false,
        }
    }

    /// The failure for everything that is asked without a sign-in.
    pub(super) fn signed_out(&self, why: &str) -> Failure {
        Failure::new(FailureKind::SignedOut, why, self.remedy())
    }
}

/// When a file was last written and how long it is.
pub(super) fn stamp(path: &Path) -> Stamp {
    let found = path.metadata().ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// Where gcloud is, if it is installed.
fn gcloud(variables: &Variables) -> Option<PathBuf> {
    std::env::split_paths(variables.get("PATH")?)
        .map(|folder| folder.join("gcloud"))
        .find(|program| program.is_absolute() && program.is_file())
}

/// Whether this machine is Google's, so that a metadata server answers. Elsewhere
/// asking for one may take a minute.
fn is_at_google(variables: &Variables) -> bool {
    static FIRMWARE: OnceLock<bool> = OnceLock::new();
    if variables.get("NO_GCE_CHECK") == Some("true") {
        return false;
    }
    let told = ["GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB"];
    told.iter().any(|name| variables.get(name).is_some())
        || *FIRMWARE.get_or_init(|| {
            std::fs::read_to_string("/sys/class/dmi/id/product_name")
                .is_ok_and(|name| name.trim_start().starts_with("Google"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Source {
        Source::find(None, &Variables::new(variables.iter().copied()))
    }

    #[test]
    fn the_order_is_that_of_gcloud() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/gcloud");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("application_default_credentials.json"), "{}").unwrap();
        let mut variables = vec![("HOME", home.path().to_str().unwrap())];
        assert!(matches!(find(&variables), Source::Adc(_)));
        variables.push(("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json"));
        assert!(matches!(find(&variables), Source::KeyFile(_)));
        variables.push(("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "/nowhere/token"));
        assert!(matches!(find(&variables), Source::TokenFile(_)));
        variables.push(("CLOUDSDK_AUTH_ACCESS_TOKEN", "ya29.x"));
        assert!(matches!(find(&variables), Source::Token { .. }));
    }

    #[test]
    fn gclouds_own_folder_is_honoured() {
        let folder = tempfile::tempdir().unwrap();
        let variables = [
            ("CLOUDSDK_CONFIG", folder.path().to_str().unwrap()),
            ("HOME", "/nowhere"),
        ];
        assert!(matches!(find(&variables), Source::Nothing));
        std::fs::write(
            folder.path().join("application_default_credentials.json"),
            "{}",
        )
        .unwrap();
        assert!(matches!(find(&variables), Source::Adc(path) if path.starts_with(folder.path())));
    }

    #[test]
    fn gclouds_own_login_is_used_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("gcloud"), "").unwrap();
        let variables = [
            ("CLOUDSDK_CONFIG", path),
            ("PATH", path),
            ("NO_GCE_CHECK", "true"),
        ];
        assert!(matches!(find(&variables), Source::Nothing));
        std::fs::write(folder.path().join("credentials.db"), "").unwrap();
        assert!(matches!(find(&variables), Source::Gcloud(_)));
        assert!(matches!(find(&variables[..1]), Source::Nothing));
    }

    #[test]
    fn a_job_at_google_asks_the_metadata_server() {
        assert!(matches!(find(&[("CLOUD_RUN_JOB", "x")]), Source::Metadata));
    }

    #[test]
    fn every_source_has_a_remedy_and_none_shows_a_token() {
        let source = find(&[("CLOUDSDK_AUTH_ACCESS_TOKEN", "ya29.x")]);
        let shown = format!("{source:?} {} {}", source.name(), source.remedy());
        assert!(!shown.contains("ya29"), "{shown}");
        assert_eq!(find(&[]).remedy(), "gcloud auth application-default login");
    }
}
