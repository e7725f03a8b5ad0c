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
            let (time, path) = rest.split_once('@').unwrap_or((rest, ""));
            let millis = time
                .trim_end_matches("ms")
                .parse()
                .map_err(|_| format!("`{time}` is not a time like 300ms"))?;
            (path, FaultKind::Latency(Duration::from_millis(millis)))
        }
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
    fn an_unknown_fault_is_named() {
        assert_eq!(
            Faults::parse("rain").expect_err("unknown"),
            "`rain` is no fault"
        );
    }
}
