//! Who is signed in.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::fleet::Identity;

/// The sign-in.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Who is signed in now.
    async fn identity(&self) -> Result<Identity, Failure>;
    /// Whose account of this machine it is, `local:user@host`: who acts where the sign-in does not tell.
    fn local(&self) -> String {
        "local".to_owned()
    }
}
