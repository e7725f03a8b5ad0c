//! The environment variables of the process, read once and handed down as data.

use std::collections::BTreeMap;

/// Environment variables as they were at the start; values are never shown.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Those of this process; a value that is no UTF-8 counts as absent.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// Some variables, for a sandbox or a test.
    pub fn new<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// A variable; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Variables;

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let variables = Variables::new([("A", "x"), ("B", "")]);
        assert_eq!(variables.get("A"), Some("x"));
        assert_eq!(variables.get("B"), None);
        assert_eq!(variables.get("C"), None);
    }

    #[test]
    fn values_are_not_printed() {
        let variables = Variables::new([("CLOUDSDK_AUTH_ACCESS_TOKEN", "ya29.secret")]);
        assert!(!format!("{variables:?}").contains("ya29"));
    }
}
