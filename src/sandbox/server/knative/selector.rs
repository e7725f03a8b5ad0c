//! Kubernetes label selectors, as far as gcloud writes them.

use std::collections::BTreeMap;

use super::super::call::bad_field;
use crate::sandbox::world::Refusal;

/// All of its terms must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Selector(Vec<Term>);

#[derive(Debug, PartialEq, Eq)]
enum Term {
    /// The label has one of these values.
    In(String, Vec<String>),
    /// The label has another value, or is not there.
    Not(String, String),
    /// The label is there.
    Exists(String),
}

impl Selector {
    /// Reads `a = b, c != d, e in (f, g), h`; the empty selector matches everything.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut terms = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            // A comma between parentheses separates values, not terms.
            let from = rest
                .find('(')
                .filter(|open| rest.find(',').is_none_or(|comma| *open < comma));
            let from = from.map_or(Some(0), |open| {
                rest[open..].find(')').map(|close| open + close)
            });
            let from = from.ok_or_else(unparsable)?;
            let end = rest[from..]
                .find(',')
                .map_or(rest.len(), |comma| from + comma);
            terms.push(term(rest[..end].trim())?);
            rest = rest.get(end + 1..).unwrap_or_default().trim();
        }
        Ok(Self(terms))
    }

    /// Do these labels match?
    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|term| match term {
            Term::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Term::Not(key, value) => labels.get(key) != Some(value),
            Term::Exists(key) => labels.contains_key(key),
        })
    }
}

fn term(text: &str) -> Result<Term, Refusal> {
    let owned = |text: &str| text.trim().to_owned();
    if let Some((key, values)) = text.split_once(" in ") {
        let values = values
            .trim()
            .strip_prefix('(')
            .and_then(|values| values.strip_suffix(')'));
        let values = values
            .ok_or_else(unparsable)?
            .split(',')
            .map(owned)
            .collect();
        return Ok(Term::In(owned(key), values));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Term::Not(owned(key), owned(value)));
    }
    if let Some((key, value)) = text.split_once('=') {
        return Ok(Term::In(
            owned(key),
            vec![owned(value.trim_start_matches('='))],
        ));
    }
    if text.is_empty() || text.contains([' ', '(', ')']) {
        return Err(unparsable());
    }
    Ok(Term::Exists(text.to_owned()))
}

fn unparsable() -> Refusal {
    bad_field("label_selector", "unable to parse requirement")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_selectors_of_gcloud_match() {
        let labels = BTreeMap::from([
            ("run.googleapis.com/job".to_owned(), "migrate".to_owned()),
            ("state".to_owned(), "Failed".to_owned()),
        ]);
        let matches = |text: &str| Selector::parse(text).expect("valid").matches(&labels);
        assert!(matches("run.googleapis.com/job = migrate"));
        assert!(matches("run.googleapis.com/job,other!=x"));
        assert!(matches(
            "state in (Running, Failed),run.googleapis.com/job=migrate"
        ));
        assert!(!matches("run.googleapis.com/job==other"));
        assert!(!matches("state in (Running)"));
        assert!(Selector::parse("job in (a").is_err());
        assert!(Selector::parse("a b").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=!,() ]{0,24}") {
            let _ = Selector::parse(&text);
        }
    }
}
