//! Ruling a run out: only after enough time by the dates, and enough looks of one's own.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use portcullis::adapters::keys::KeySettings;
use portcullis::adapters::variables::Variables;
use portcullis::adapters::{self, Settings};
use portcullis::domain::act::Act as _;
use portcullis::domain::environment::Environment;
use portcullis::domain::ledger::{EntryKind, Record};
use portcullis::domain::outcome::Outcome;
use portcullis::domain::settlement::Settlement;
use portcullis::ops::reconcile::{Search, settle_open_runs};
use portcullis::ops::seen::Seen;
use portcullis::ports::World;
use portcullis::ports::clock::Clock;
use tempfile::TempDir;

use crate::cloud::{Answers, Cloud, approve, environment, plan};
use portcullis::sandbox::world::model::SqlAnswer;

/// A clock that is ahead, and on which waiting takes no time.
struct Ahead(Mutex<SignedDuration>);

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now()
            .checked_add(*self.0.lock().unwrap())
            .unwrap()
    }

    async fn sleep(&self, duration: SignedDuration) {
        *self.0.lock().unwrap() += duration;
    }

    fn new_run_id(&self) -> String {
        "01NEW".to_owned()
    }
}

struct Scene {
    cloud: Cloud,
    world: World,
    uat: Environment,
    _state: TempDir,
}

impl Scene {
    /// A ledger with an intent of which nobody knows more, looked at when so much time has gone by.
    async fn after(ahead: SignedDuration) -> Self {
        let cloud = Cloud::attached(Answers::of(SqlAnswer::default())).await;
        let state = tempfile::tempdir().unwrap();
        let uat = environment("uat");
        let mut world = adapters::world(Settings {
            google: cloud.settings("", "sandbox"),
            state: state.path().to_owned(),
            shared_ledger: None,
            keys: KeySettings {
                state: state.path().to_owned(),
                variables: Variables::default(),
                keyring: false,
                ask: None,
            },
            migrations: None,
            environments: vec![uat.clone()],
        })
        .world;
        world.clock = Arc::new(Ahead(Mutex::new(ahead)));
        let plan = plan(&uat, "e");
        let intent = Record {
            actor: "mia@example.com".to_owned(),
            run_id: "01OPEN".to_owned(),
            kind: EntryKind::Intended,
            environment: uat.name.clone(),
            operation: "upgrade".to_owned(),
            plan: plan.digest(),
            execution: None,
            outcome: None,
            reason: None,
            detail: Some(serde_json::to_string(&plan).unwrap()),
        };
        world.ledger.append(intent).await.unwrap();
        Self {
            cloud,
            world,
            uat,
            _state: state,
        }
    }

    async fn settle(&self, search: Search) -> Settlement {
        let environments = std::slice::from_ref(&self.uat);
        let settled = settle_open_runs(&self.world, environments, search).await;
        settled.unwrap().pop().expect("one open run")
    }

    async fn is_open(&self) -> bool {
        !self.world.ledger.open_runs().await.unwrap().is_empty()
    }

    fn looks(&self) -> usize {
        self.cloud.requests("/executions").len()
    }
}

#[tokio::test]
async fn nothing_is_ruled_out_while_it_may_still_arrive() {
    let scene = Scene::after(SignedDuration::from_mins(9)).await;
    let settlement = scene.settle(Search::UntilRuledOut).await;
    assert!(!settlement.closed, "{}", settlement.sentence());
    assert!(scene.is_open().await);
}

#[tokio::test]
async fn whoever_rules_out_has_looked_for_two_minutes_himself() {
    let scene = Scene::after(SignedDuration::from_hours(1)).await;
    assert!(!scene.settle(Search::Glance).await.closed);
    let before = scene.looks();
    let settlement = scene.settle(Search::UntilRuledOut).await;
    assert_eq!(
        (settlement.closed, settlement.outcome),
        (true, Outcome::Refused)
    );
    assert!(scene.looks() - before >= 13, "{}", scene.looks());
    assert!(!scene.is_open().await);
}

#[tokio::test]
async fn an_unanswered_look_rules_nothing_out() {
    let scene = Scene::after(SignedDuration::from_hours(1)).await;
    scene.cloud.deny("run.executions.list");
    let settlement = scene.settle(Search::UntilRuledOut).await;
    assert!(!settlement.closed, "{}", settlement.sentence());
    assert!(scene.is_open().await);
}

#[tokio::test]
async fn it_is_found_behind_many_others_whatever_the_dates_say() {
    let scene = Scene::after(SignedDuration::from_hours(-30)).await;
    let job = scene.world.jobs.job(&scene.uat).await.unwrap();
    let sent = |run_id: &'static str| {
        let act = approve(plan(&scene.uat, &job.etag));
        scene.world.jobs.run(act, run_id)
    };
    let ours = sent("01OPEN").await.unwrap();
    for _ in 0..130 {
        sent("01OTHER").await.unwrap();
    }
    let settlement = scene.settle(Search::UntilRuledOut).await;
    assert_eq!(
        settlement.execution,
        Some(ours.name),
        "{}",
        settlement.sentence()
    );
    assert!(!settlement.closed);
}

#[tokio::test]
async fn what_appears_all_the_same_is_open_again() {
    let scene = Scene::after(SignedDuration::from_hours(1)).await;
    assert!(scene.settle(Search::UntilRuledOut).await.closed);
    let job = scene.world.jobs.job(&scene.uat).await.unwrap();
    let act = approve(plan(&scene.uat, &job.etag));
    let late = scene.world.jobs.run(act, "01OPEN").await.unwrap();
    for _ in 0..2 {
        let executions = std::slice::from_ref(&late);
        let seen = Seen::default();
        seen.note(&scene.world, &scene.uat, executions)
            .await
            .unwrap();
    }
    let open = scene.world.ledger.open_runs().await.unwrap();
    assert_eq!(open.len(), 1, "{open:#?}");
    assert_eq!(open[0].record.kind, EntryKind::Started);
    assert_eq!(
        open[0].record.execution.as_deref(),
        Some(late.name.as_str())
    );
    assert_eq!(
        scene.settle(Search::Glance).await.execution,
        Some(late.name)
    );
}
