//! Kubernetes label selectors, as far as gcloud writes them.

use std::collections::BTreeMap;

use super::super::call::bad_field;
use crate::sandbox::world::Refusal;

/// All of its terms must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selector(Vec<Term>);

#[derive(Debug, PartialEq, Eq)]
enum Term {
    Is(String, String),
    IsNot(String, String),
    Exists(String),
}

impl Selector {
    /// Reads `a = b, c != d, e`; the empty selector matches everything.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let terms = text
            .split(',')
            .map(str::trim)
            .filter(|term| !term.is_empty());
        terms.map(term).collect::<Result<_, _>>().map(Self)
    }

    /// Do these labels match?
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|term| match term {
            Term::Is(key, value) => labels.get(key) == Some(value),
            Term::IsNot(key, value) => labels.get(key) != Some(value),
            Term::Exists(key) => labels.contains_key(key),
        })
    }
}

fn term(text: &str) -> Result<Term, Refusal> {
    let trimmed = |key: &str, value: &str| (key.trim().to_owned(), value.trim().to_owned());
    if text.contains([' ', '(']) && !text.contains('=') {
        return Err(bad_field("label_selector", "unable to parse requirement"));
    }
    Ok(match text.split_once("!=") {
        Some((key, value)) => {
            let (key, value) = trimmed(key, value);
            Term::IsNot(key, value)
        }
        None => match text.split_once('=') {
            Some((key, value)) => {
                let (key, value) = trimmed(key, value.trim_start_matches('='));
                Term::Is(key, value)
            }
            None => Term::Exists(text.to_owned()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selector_of_gcloud_matches() {
        let labels = BTreeMap::from([("run.googleapis.com/job".to_owned(), "migrate".to_owned())]);
        let matches = |text: &str| Selector::parse(text).expect("valid").matches(&labels);
        assert!(matches("run.googleapis.com/job = migrate"));
        assert!(matches("run.googleapis.com/job,other!=x"));
        assert!(!matches("run.googleapis.com/job==other"));
        assert!(Selector::parse("job in (a)").is_err());
    }
}
