//! Permissions: what the caller holds, and who has which role.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::permission::{Policy, Resource};

/// Identity and Access Management, as far as it can be asked without changing anything.
#[async_trait]
pub trait Permissions: Send + Sync {
    /// Which of these permissions the caller holds on a resource, inherited ones included.
    async fn held(&self, resource: &Resource, permissions: &[&str])
    -> Result<Vec<String>, Failure>;

    /// Who has which role on a resource, without what it inherits.
    async fn policy(&self, resource: &Resource) -> Result<Policy, Failure>;
}
