use serde_json::{Map, Value, json};

use super::*;
use crate::domain::job::VpcTraffic;

/// A plan for production that runs two revisions.
pub(crate) fn plan() -> Plan {
    Plan {
        environment: "prod".into(),
        tier: Tier::Production,
        operation: "upgrade".to_owned(),
        params: BTreeMap::new(),
        risk: Risk::Change,
        job: "projects/p/locations/l/jobs/j".to_owned(),
        etag: "1".to_owned(),
        image: "registry/image:latest".into(),
        image_digest: Some("sha256:4be1".to_owned()),
        service_account: "runner@p.iam".to_owned(),
        egress: None,
        args: ["python", "-m", "alembic", "upgrade", "head"]
            .map(String::from)
            .to_vec(),
        secrets: vec![PlannedSecret {
            variable: "DATABASE_URL".to_owned(),
            name: "url".to_owned(),
            reference: "latest".to_owned(),
            version: Some(VersionNumber(2)),
            state: VersionState::Enabled,
        }],
        from: vec!["005".into()],
        from_known: true,
        moves: true,
        target_known: true,
        to: vec!["007".into()],
        pending: vec!["006".into(), "007".into()],
        revisions: Vec::new(),
        steps: Vec::new(),
        overrides: Vec::new(),
        usual: None,
    }
}

/// A plan in which every field holds something.
fn full() -> Plan {
    Plan {
        params: [("target".to_owned(), "head".to_owned())].into(),
        egress: Some(Egress::Direct {
            network: "n/s".to_owned(),
            traffic: VpcTraffic::PrivateRangesOnly,
        }),
        revisions: vec![PlannedRevision {
            id: "006".into(),
            script: Some(Digest::of_bytes(b"def upgrade(): ...")),
            undo: Undo::Written,
            destroys: true,
            verdicts: vec![PlannedVerdict {
                rule: "data/drop-column".to_owned(),
                severity: Severity::Block,
            }],
        }],
        steps: vec![Step::Backup {
            instance: "plant-sql-prod".to_owned(),
        }],
        overrides: vec![Override {
            code: "retries".to_owned(),
            severity: Some(Severity::Warn),
        }],
        usual: Some(SignedDuration::from_secs(38)),
        ..plan()
    }
}

/// Words of the enums in a plan: one of them fits where free text does not.
const WORDS: [&str; 9] = [
    "staging",
    "read",
    "disabled",
    "raises",
    "pass",
    "all-traffic",
    "none",
    "connector",
    "PT1S",
];

/// Values that might stand in place of one, all of them different from it.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let free = std::iter::once(format!("x{text}"));
            free.chain(WORDS.map(str::to_owned))
                .map(Value::from)
                .collect()
        }
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or_default() + 1)],
        Value::Array(items) => vec![json!([]), json!([items.clone(), items.clone()].concat())],
        Value::Object(fields) => {
            let without = |name: &String| {
                let mut fewer = fields.clone();
                fewer.remove(name);
                Value::Object(fewer)
            };
            fields.keys().map(without).collect()
        }
        Value::Null => Vec::new(),
    }
}

/// The paths of all leaves, and of all lists and maps on the way.
fn paths(value: &Value, here: &str, out: &mut Vec<String>) {
    let into = |name: &str| format!("{here}/{name}");
    match value {
        Value::Array(items) => {
            out.push(here.to_owned());
            for (at, item) in items.iter().enumerate() {
                paths(item, &into(&at.to_string()), out);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                paths(field, &into(name), out);
            }
        }
        _ => out.push(here.to_owned()),
    }
}

#[test]
fn every_leaf_but_the_estimate_is_under_the_digest_and_is_told() {
    let shown = full();
    let json = serde_json::to_value(&shown).unwrap();
    let mut leaves = Vec::new();
    paths(&json, "", &mut leaves);
    assert!(leaves.len() > 40, "{leaves:?}");
    for leaf in leaves {
        let mut changed = 0;
        for other in others(json.pointer(&leaf).unwrap()) {
            let mut mutated = json.clone();
            *mutated.pointer_mut(&leaf).unwrap() = other;
            let Ok(now) = serde_json::from_value::<Plan>(mutated) else {
                continue;
            };
            if now == shown {
                continue;
            }
            changed += 1;
            let told = differences(&shown, &now);
            let is_estimate = leaf == "/usual";
            assert_eq!(shown.digest() == now.digest(), is_estimate, "{leaf}");
            assert_eq!(told.is_empty(), is_estimate, "{leaf}: {told:?}");
        }
        // The name of a step cannot be another while there is one kind of step.
        assert!(
            changed > 0 || leaf == "/steps/0/kind",
            "{leaf} has no other value that reads"
        );
    }
}

#[test]
fn the_full_plan_leaves_no_field_out() {
    let keys = |plan: &Plan| -> Vec<String> {
        let Value::Object(fields) = serde_json::to_value(plan).unwrap() else {
            panic!("a plan is an object");
        };
        let empty = |value: &Value| {
            value.is_null() || *value == json!([]) || *value == Value::Object(Map::new())
        };
        let full = fields.into_iter().filter(|(_, value)| !empty(value));
        full.map(|(name, _)| name).collect()
    };
    // `differences` takes every field out by name, so this number moves with the type.
    assert_eq!(keys(&full()).len(), 23);
}

#[test]
fn a_change_is_told_once_by_its_name() {
    let told = |change: fn(&mut Plan)| {
        let mut now = full();
        change(&mut now);
        differences(&full(), &now)
    };
    assert_eq!(
        told(|p| p.secrets[0].version = Some(VersionNumber(3))),
        [
            "the secret in DATABASE_URL was url v2 (latest), enabled, is now url v3 (latest), enabled"
        ]
    );
    assert_eq!(
        told(|p| p.steps.clear()),
        ["what is done first was take a backup of plant-sql-prod, is now none"]
    );
    assert_eq!(
        told(|p| p.overrides.clear()),
        ["preflight's retries in the config was warn, is now gone"]
    );
    assert_eq!(told(|p| p.revisions[0].verdicts.clear()).len(), 1);
    assert_eq!(
        told(|p| p.from = vec!["004".into()]),
        ["the database was 005, is now 004"]
    );
    assert!(differences(&full(), &full()).is_empty());
}

#[test]
fn the_same_parts_in_another_order_are_another_plan() {
    let mut shown = full();
    shown.overrides.push(Override {
        code: "tasks".to_owned(),
        severity: None,
    });
    let mut now = shown.clone();
    now.overrides.reverse();
    assert_ne!(shown.digest(), now.digest());
    assert_eq!(differences(&shown, &now).len(), 1);
}

#[test]
fn a_plan_survives_the_ledger() {
    let json = serde_json::to_string(&full()).unwrap();
    let read = serde_json::from_str::<Plan>(&json).unwrap();
    assert_eq!(read, full());
    assert_eq!(read.digest(), full().digest());
}

#[test]
fn a_plan_of_an_old_ledger_reads_and_keeps_its_digest() {
    let old = r#"{"environment":"prod","tier":"production","operation":"upgrade","params":{},"risk":"change","job":"projects/p/locations/l/jobs/j","etag":"1","image":"registry/image:latest","image_digest":"sha256:4be1","service_account":"runner@p.iam","args":["python","-m","alembic","upgrade","head"],"secrets":[{"variable":"DATABASE_URL","name":"url","reference":"latest","version":2,"state":"enabled"}],"moves":true,"from":["005"],"from_known":true,"target_known":true,"to":["007"],"pending":["006","007"]}"#;
    let read: Plan = serde_json::from_str(old).unwrap();
    assert_eq!(read, plan());
    assert_eq!(read.digest(), Digest::of_bytes(old.as_bytes()));
}
