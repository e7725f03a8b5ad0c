//! Who is signed in.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::fleet::Identity;

/// The sign-in.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Who is signed in now.
    async fn identity(&self) -> Result<Identity, Failure>;
}
