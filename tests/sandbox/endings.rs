//! The other ways in which a test starts and ends a sandbox.

use crate::support::Sandbox;
use crate::support::sandbox::signal_group;
use rustix::process::Signal;

impl Sandbox {
    /// Starts a sandbox on the embedded backend.
    pub(crate) fn start_embedded() -> Self {
        Self::start_with(&[("PORTCULLIS_SANDBOX_BACKEND", "embedded")])
    }

    /// Ends it as a service manager would, and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        self.served = None;
    }

    /// Ends it as a power cut would: nothing that it could do about it.
    pub(crate) fn crash(&mut self) {
        if let Some(served) = self.served.take() {
            signal_group(served.group, Signal::KILL);
        }
    }
}
