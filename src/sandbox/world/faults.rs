//! Troubles on purpose, for tests and demos: the server asks here before it answers.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// One kind of trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The answer comes this much later.
    Latency(Duration),
    /// 403 with `PERMISSION_DENIED`.
    Forbidden,
    /// 401 with `UNAUTHENTICATED`.
    SignedOut,
    /// 503 with `UNAVAILABLE`.
    Unavailable,
    /// 429 with `RESOURCE_EXHAUSTED`.
    Exhausted,
    /// A web page with status 502, as a proxy sends it.
    Html,
    /// No answer, and the connection stays open.
    Hang,
    /// No answer, and the connection closes.
    Drop,
    /// Something is wrong with an instance, whoever asks.
    Instance(Condition),
}

/// What can be the matter with a SQL instance; a fault's path is its name, or a part of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Backups take this long.
    BackupTakes(Duration),
    /// Backups fail in the end.
    BackupFails,
    /// Google works on it.
    Maintenance,
    /// Google will work on it in two hours.
    MaintenanceSoon,
}

/// A trouble and where it strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A part of the request's path; empty for all.
    pub path: String,
    /// What happens.
    pub kind: FaultKind,
}

/// The troubles that are switched on.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Replaces all of them.
    pub fn set(&self, faults: Vec<Fault>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Adds one.
    pub fn add(&self, fault: Fault) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    /// Ends all of them.
    pub fn clear(&self) {
        self.set(Vec::new());
    }

    /// What strikes a request with this path, in the order in which it was switched on.
    pub fn striking(&self, path: &str) -> Vec<FaultKind> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults
            .iter()
            .filter(|fault| path.contains(&fault.path))
            .map(|fault| fault.kind.clone())
            .filter(|kind| !matches!(kind, FaultKind::Instance(_)))
            .collect()
    }

    /// What is the matter with an instance.
    pub(super) fn conditions(&self, instance: &str) -> Vec<Condition> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = faults.iter().filter(|f| instance.contains(&f.path));
        of_it
            .filter_map(|fault| match fault.kind {
                FaultKind::Instance(condition) => Some(condition),
                _ => None,
            })
            .collect()
    }

    /// Reads `latency=300ms, forbidden=secrets/prod, hang=/sql`: kinds with the part of the path that they strike.
    pub fn parse(text: &str) -> Result<Vec<Fault>, String> {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words.map(parse_one).collect()
    }
}

fn parse_one(word: &str) -> Result<Fault, String> {
    let (name, rest) = word.split_once('=').unwrap_or((word, ""));
    let (path, kind) = match name {
        "latency" => {
            let (time, path) = timed(rest)?;
            (path, FaultKind::Latency(time))
        }
        "backup-takes" => {
            let (time, path) = timed(rest)?;
            (path, FaultKind::Instance(Condition::BackupTakes(time)))
        }
        "backup-fails" => (rest, FaultKind::Instance(Condition::BackupFails)),
        "maintenance" => (rest, FaultKind::Instance(Condition::Maintenance)),
        "maintenance-soon" => (rest, FaultKind::Instance(Condition::MaintenanceSoon)),
        "forbidden" => (rest, FaultKind::Forbidden),
        "signed-out" => (rest, FaultKind::SignedOut),
        "unavailable" => (rest, FaultKind::Unavailable),
        "exhausted" => (rest, FaultKind::Exhausted),
        "html" => (rest, FaultKind::Html),
        "hang" => (rest, FaultKind::Hang),
        "drop" => (rest, FaultKind::Drop),
        other => return Err(format!("`{other}` is no fault")),
    };
    Ok(Fault {
        path: path.to_owned(),
        kind,
    })
}

/// `300ms`, or `300ms@PATH`.
fn timed(rest: &str) -> Result<(Duration, &str), String> {
    let (time, path) = rest.split_once('@').unwrap_or((rest, ""));
    let millis = time
        .trim_end_matches("ms")
        .parse()
        .map_err(|_| format!("`{time}` is not a time like 300ms"))?;
    Ok((Duration::from_millis(millis), path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_the_paths_they_name() {
        let faults = Faults::default();
        faults.set(Faults::parse("latency=300ms, forbidden=secrets/prod").expect("valid"));
        assert_eq!(
            faults.striking("/v1/x"),
            [FaultKind::Latency(Duration::from_millis(300))]
        );
        assert_eq!(faults.striking("/v1/secrets/prod-url").len(), 2);
        faults.clear();
        assert!(faults.striking("/v1/x").is_empty());
    }

    #[test]
    fn what_is_the_matter_with_an_instance_strikes_no_request() {
        let faults = Faults::default();
        let spec = "backup-takes=800ms@plant-sql-prod, maintenance-soon=uat, backup-fails";
        faults.set(Faults::parse(spec).expect("valid"));
        assert!(
            faults
                .striking("/v1/projects/p/instances/plant-sql-prod")
                .is_empty()
        );
        let takes = Condition::BackupTakes(Duration::from_millis(800));
        assert_eq!(
            faults.conditions("plant-sql-prod"),
            [takes, Condition::BackupFails]
        );
        assert_eq!(faults.conditions("plant-sql-uat").len(), 2);
    }

    #[test]
    fn an_unknown_fault_is_named() {
        assert_eq!(
            Faults::parse("rain").expect_err("unknown"),
            "`rain` is no fault"
        );
    }
}
