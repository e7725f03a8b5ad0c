//! Counts requests, for the screen and for budgets.

use std::sync::atomic::{AtomicU64, Ordering};

/// The services that are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Cloud Run Admin.
    Run,
    /// Secret Manager.
    Secrets,
    /// Cloud SQL Admin.
    Sql,
    /// Cloud Logging.
    Logging,
    /// The sign-in.
    Identity,
    /// Resource Manager.
    Projects,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 6] = [
        Self::Run,
        Self::Secrets,
        Self::Sql,
        Self::Logging,
        Self::Identity,
        Self::Projects,
    ];
}

/// How many requests were sent since the start, by service; every attempt counts.
#[derive(Debug, Default)]
pub struct Traffic([AtomicU64; Service::ALL.len()]);

impl Traffic {
    /// Requests sent to a service.
    pub fn of(&self, service: Service) -> u64 {
        self.0[service as usize].load(Ordering::Relaxed)
    }

    /// Requests sent in all.
    pub fn total(&self) -> u64 {
        Service::ALL.iter().map(|service| self.of(*service)).sum()
    }

    pub(super) fn count(&self, service: Service) {
        self.0[service as usize].fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_its_own_count() {
        let traffic = Traffic::default();
        for (times, service) in Service::ALL.into_iter().enumerate() {
            (0..times).for_each(|_| traffic.count(service));
        }
        assert_eq!(traffic.of(Service::Run), 0);
        assert_eq!(traffic.of(Service::Identity), 4);
        assert_eq!(traffic.total(), 15);
    }
}
