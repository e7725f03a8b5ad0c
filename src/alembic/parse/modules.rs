//! The sources of other modules, for constants that revisions share.

use std::borrow::Cow;

/// Finds the source of a module that belongs to the same package as the revisions.
pub trait Modules {
    /// The bytes of a module by its dotted name; `None` when it is not in the package.
    fn source(&self, module: &str) -> Option<Cow<'_, [u8]>>;
}

/// No other modules.
pub struct NoModules;

impl Modules for NoModules {
    fn source(&self, _module: &str) -> Option<Cow<'_, [u8]>> {
        None
    }
}
