//! Secret Manager, without payloads.

use async_trait::async_trait;

use crate::domain::act::SecretChange;
use crate::domain::failure::Failure;
use crate::domain::gate::Approved;
use crate::domain::secret::{Secret, SecretVersion, SecretVersions};

/// Secret Manager.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// All secrets of a project.
    async fn list(&self, project: &str) -> Result<Vec<Secret>, Failure>;
    /// The versions of a secret, the newest first.
    async fn versions(&self, project: &str, secret: &str) -> Result<SecretVersions, Failure>;
    /// Changes the state of a version.
    async fn change(&self, change: Approved<SecretChange>) -> Result<SecretVersion, Failure>;
}
