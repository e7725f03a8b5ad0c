//! The steps that a plan takes before the run itself, such as a backup.

use crate::domain::failure::Failure;

use super::run::Run;

impl Run<'_> {
    /// Takes the steps in order; one that fails ends the run before anything was sent.
    #[expect(
        clippy::unused_async,
        reason = "no plan has such a step yet, and those that will have one are waited for"
    )]
    pub(super) async fn before(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}
