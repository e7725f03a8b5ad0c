//! Progress of an Alembic run, read from its log.

use super::revision::RevisionId;

/// A step that Alembic announces on its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Revisions before the step.
    pub from: Vec<RevisionId>,
    /// Revision of the step.
    pub to: RevisionId,
    /// Whether it goes up.
    pub upgrade: bool,
}

/// Reads `Running upgrade a -> b, message` and its like from a log line.
pub fn step(line: &str) -> Option<Step> {
    let (upgrade, rest) = [("Running upgrade ", true), ("Running downgrade ", false)]
        .iter()
        .find_map(|(words, up)| line.split_once(words).map(|(_, rest)| (*up, rest)))?;
    let (from, rest) = rest.split_once("-> ")?;
    let to = rest.split([',', ' ']).next().unwrap_or_default();
    let ids = |text: &str| -> Vec<RevisionId> {
        text.split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(RevisionId::new)
            .collect()
    };
    if to.is_empty() && upgrade {
        return None;
    }
    Some(Step {
        from: ids(from),
        to: RevisionId::new(to),
        upgrade,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_alembic_prints() {
        let line = "INFO  [alembic.runtime.migration] Running upgrade 003_x, 004_y -> 005_rls, Merge the two";
        let step = step(line).unwrap();
        assert_eq!(
            step.from,
            vec![RevisionId::new("003_x"), RevisionId::new("004_y")]
        );
        assert_eq!(step.to.as_str(), "005_rls");
        assert!(step.upgrade);
    }

    #[test]
    fn the_first_revision_has_nothing_before_it() {
        assert_eq!(
            super::step("Running upgrade  -> 001_base, Base")
                .unwrap()
                .from,
            Vec::new()
        );
        assert_eq!(super::step("Running upgrades of the fleet"), None);
    }
}
