//! What is known besides the log: it fills the placeholders of remedies and decides between variants.

use std::collections::BTreeMap;

use crate::domain::database::Instance;
use crate::domain::environment::Environment;
use crate::domain::job::{Egress, Job};
use crate::domain::text;

/// The conditions that a cause may ask for.
pub(super) const CONDITIONS: [&str; 2] = ["private_only", "egress"];

/// Facts at hand; without any, remedies keep their placeholders in capitals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    values: BTreeMap<&'static str, String>,
    conditions: BTreeMap<&'static str, bool>,
}

impl Facts {
    /// What the config says of an environment.
    pub fn of(environment: &Environment) -> Self {
        let mut facts = Self::default();
        facts.set("environment", environment.name.as_str());
        facts.set("project", &environment.project);
        facts.set("region", &environment.region);
        facts.set("job", &environment.job);
        if let Some(secret) = &environment.secret {
            facts.set("secret", secret);
        }
        if let Some(instance) = &environment.sql_instance {
            facts.set("instance", instance);
        }
        facts
    }

    /// Adds who is signed in.
    #[must_use]
    pub fn with_account(mut self, account: &str) -> Self {
        self.set("account", account);
        self
    }

    /// Adds the execution that is looked at.
    #[must_use]
    pub fn with_execution(mut self, name: &str) -> Self {
        self.set("execution", name);
        self
    }

    /// Adds what the job's definition says.
    #[must_use]
    pub fn with_job(mut self, job: &Job) -> Self {
        self.set("service_account", &job.service_account);
        self.conditions.insert("egress", job.egress != Egress::None);
        self
    }

    /// Adds what Cloud SQL says of the instance.
    #[must_use]
    pub fn with_instance(mut self, instance: &Instance) -> Self {
        self.conditions
            .insert("private_only", instance.is_private_only());
        self
    }

    fn set(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.values.insert(name, value.to_owned());
        }
    }

    /// Whether all of these conditions are known, and are so.
    pub(super) fn meet(&self, conditions: &BTreeMap<String, bool>) -> bool {
        conditions
            .iter()
            .all(|(name, wanted)| self.conditions.get(name.as_str()) == Some(wanted))
    }
}

/// Fills `{name}` from the line, then from the facts; what is not known stays in capitals, so
/// that nobody copies a command that looks whole and is not.
pub(super) fn fill(template: &str, facts: &Facts, captures: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let value = captures
            .get(name)
            .map(String::as_str)
            .or_else(|| facts.values.get(name).map(String::as_str));
        match value {
            Some(value) => out.push_str(&text::clean(short(name, value))),
            None => out.push_str(&name.to_uppercase()),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Logs name secrets by their full path; commands take the short name.
fn short<'a>(name: &str, value: &'a str) -> &'a str {
    match value.split_once("/secrets/") {
        Some((_, after)) if name == "secret" => after.split('/').next().unwrap_or(after),
        _ => value.trim_end_matches(['.', ',', ')', ';']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_more_than_the_config_and_nothing_is_made_up() {
        let mut facts = Facts::default();
        facts.set("secret", "from-the-config");
        facts.set("project", "p");
        let line = [(
            "secret".to_owned(),
            "projects/9/secrets/from-the-line/versions/3".to_owned(),
        )];
        let filled = fill(
            "{secret} in {project} and {region}, {not closed",
            &facts,
            &line.into(),
        );
        assert_eq!(filled, "from-the-line in p and REGION, {not closed");
    }
}
