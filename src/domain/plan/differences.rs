//! What changed between two plans for the same operation, in words for a person.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{Plan, PlannedRevision, PlannedSecret};
use crate::domain::act::Act;
use crate::domain::digest::Digest;
use crate::domain::job::Egress;

/// What changed, one sentence for each fact; empty when the digests are the same.
pub fn differences(shown: &Plan, now: &Plan) -> Vec<String> {
    let (before, after) = (Told::of(shown), Told::of(now));
    let mut out = Vec::new();
    for (what, old) in &before.0 {
        match after.get(what) {
            Some(new) if new == old => {}
            Some(new) => out.push(format!("{what} was {old}, is now {new}")),
            None => out.push(format!("{what} was {old}, is now gone")),
        }
    }
    let added = after
        .0
        .iter()
        .filter(|(what, _)| before.get(what).is_none());
    out.extend(added.map(|(what, new)| format!("{what} is new: {new}")));
    if out.is_empty() && shown.digest() != now.digest() {
        out.push("the same parts stand in another order".to_owned());
    }
    out
}

/// The facts of a plan by name, in the order in which a person reads them.
#[derive(Default)]
struct Told(Vec<(String, String)>);

impl Told {
    /// Every field is taken out by name, so that one that is added does not go unsaid.
    fn of(plan: &Plan) -> Self {
        let Plan {
            environment,
            tier,
            operation,
            params,
            risk,
            job,
            etag,
            image,
            image_digest,
            service_account,
            egress,
            args,
            secrets,
            moves,
            from,
            from_known,
            target_known,
            to,
            pending,
            revisions,
            steps,
            overrides,
            usual: _,
        } = plan;
        let mut told = Self::default();
        told.say("the environment", environment);
        told.say("its tier", tier);
        told.say("the operation", operation);
        told.say("its risk", risk.word());
        told.each("parameter", params);
        told.say("the job", job);
        told.say("the job definition", etag);
        told.say("the image", image);
        told.say("the image digest", or_unknown(image_digest.as_deref()));
        told.say("the service account", service_account);
        told.say("the way into the network", way(egress.as_ref()));
        told.say("the arguments", args.join(" "));
        told.secrets(secrets);
        told.say("that it moves the revision", moves);
        told.say("the database", known(from, *from_known));
        told.say("the target", known(to, *target_known));
        told.say("the pending revisions", list(pending));
        told.revisions(revisions);
        let steps: Vec<_> = steps.iter().map(super::Step::words).collect();
        told.say("what is done first", list(&steps));
        for item in overrides {
            told.say(
                format!("preflight's {} in the config", item.code),
                item.word(),
            );
        }
        told
    }

    fn say(&mut self, what: impl Into<String>, value: impl Display) {
        self.0.push((what.into(), value.to_string()));
    }

    fn get(&self, what: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == what);
        found.map(|(_, value)| value.as_str())
    }

    fn each(&mut self, what: &str, values: &BTreeMap<String, String>) {
        for (name, value) in values {
            self.say(format!("{what} {name}"), value);
        }
    }

    fn secrets(&mut self, secrets: &[PlannedSecret]) {
        for secret in secrets {
            let PlannedSecret {
                variable,
                name,
                reference,
                version,
                state,
            } = secret;
            let version = version.map_or_else(|| "missing".to_owned(), |v| v.to_string());
            self.say(
                format!("the secret in {variable}"),
                format!("{name} {version} ({reference}), {}", state.word()),
            );
        }
    }

    fn revisions(&mut self, revisions: &[PlannedRevision]) {
        for revision in revisions {
            let PlannedRevision {
                id,
                script,
                undo,
                destroys,
                verdicts,
            } = revision;
            let script = script.as_ref().map_or("unknown".to_owned(), Digest::short);
            let loss = if *destroys {
                "loses data"
            } else {
                "loses no data"
            };
            let found: Vec<_> = verdicts
                .iter()
                .map(|v| format!("{} ({})", v.rule, v.severity.word()))
                .collect();
            self.say(
                format!("revision {id} in the checkout"),
                format!("{script}, {}, {loss}, rules: {}", undo.told(), list(&found)),
            );
        }
    }
}

fn or_unknown(text: Option<&str>) -> &str {
    text.unwrap_or("unknown")
}

fn way(egress: Option<&Egress>) -> String {
    egress.map_or_else(|| "unknown".to_owned(), Egress::words)
}

fn known<T: Display>(items: &[T], known: bool) -> String {
    match (items, known) {
        ([], false) => "unknown".to_owned(),
        (items, true) => list(items),
        (items, false) => format!("{}, as far as known", list(items)),
    }
}

fn list<T: Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}
