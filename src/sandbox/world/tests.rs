use super::{
    model::{Payload, Phase, RunRequest, VersionState},
    *,
};

fn operator(world: &World) -> Principal {
    world.principal(None).expect("the operator")
}

#[test]
fn a_seeded_world_is_the_one_of_the_story() {
    let world = World::detached();
    assert_eq!(world.project().id, "waooaw-oauth");
    let jobs: Vec<_> = world.jobs().into_iter().map(|job| job.id).collect();
    assert_eq!(
        jobs,
        [
            "plant-db-migrations-demo",
            "plant-db-migrations-uat",
            "plant-db-migrations-prod"
        ]
    );
    assert!(
        world
            .instances()
            .iter()
            .all(|instance| !instance.ipv4_enabled)
    );
    let retries: Vec<_> = world
        .jobs()
        .iter()
        .map(|job| job.template.max_retries)
        .collect();
    assert_eq!(retries, [3, 0, 0]);
    for job in world.jobs() {
        let executions = world.executions(Some(&job.id));
        assert!(executions.len() > 10, "{}: {}", job.id, executions.len());
        assert!(executions.iter().all(model::Execution::is_over));
        assert!(executions.is_sorted_by(|a, b| a.created_at >= b.created_at));
    }
    for text in [
        "must set -dir",
        "mkdir: cannot create directory",
        "server closed the connection",
        "lock timeout",
    ] {
        let found = world.log_where(
            |entry| matches!(&entry.payload, model::LogPayload::Text(line) if line.contains(text)),
        );
        assert!(!found.is_empty(), "{text}");
    }
}

#[test]
fn the_same_moment_gives_the_same_world() {
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(seed::state(now), seed::state(now));
}

#[test]
fn prods_newest_version_is_disabled_and_latest_means_it() {
    let world = World::detached();
    let secret = "prod-plant-database-url";
    let refusal = world.access_secret(secret, "latest").expect_err("disabled");
    assert_eq!(refusal.code, Code::FailedPrecondition);
    assert!(
        refusal.message.contains("versions/3] is in DISABLED state"),
        "{refusal}"
    );
    assert!(world.access_secret(secret, "2").is_ok());
    world
        .enable_secret_version(secret, "3", None)
        .expect("enabled");
    assert_eq!(
        world
            .access_secret(secret, "latest")
            .expect("enabled")
            .number,
        3
    );
}

#[test]
fn a_destroyed_version_stays_so() {
    let world = World::detached();
    let secret = "uat-plant-database-url";
    world
        .destroy_secret_version(secret, "2", None)
        .expect("destroyed");
    let version = world.secret_version(secret, "2").expect("there");
    assert_eq!(
        (version.state, version.payload.expose().len()),
        (VersionState::Destroyed, 0)
    );
    let refusal = world
        .enable_secret_version(secret, "2", None)
        .expect_err("gone");
    assert_eq!(refusal.code, Code::FailedPrecondition);
}

#[test]
fn a_version_with_a_wrong_checksum_is_not_added() {
    let world = World::detached();
    let add = |checksum| {
        world.add_secret_version("uat-plant-database-url", Payload::new("x"), Some(checksum))
    };
    assert_eq!(add(1).expect_err("wrong").code, Code::InvalidArgument);
    assert_eq!(add(Payload::new("x").crc32c()).expect("right").number, 3);
}

#[test]
fn a_stale_etag_is_refused_and_nothing_runs() {
    let world = World::detached();
    let who = operator(&world);
    let id = "plant-db-migrations-uat";
    let old = world.job(id).expect("job").etag;
    world
        .edit_job(id, &who, |template| template.max_retries = 1)
        .expect("edited");
    let before = world.executions(Some(id)).len();
    let request = RunRequest {
        etag: Some(old),
        ..RunRequest::default()
    };
    assert_eq!(
        world.run_job(id, &request, &who).expect_err("stale").code,
        Code::Aborted
    );
    assert_eq!(world.executions(Some(id)).len(), before);
}

#[test]
fn validate_only_keeps_nothing() {
    let world = World::detached();
    let id = "plant-db-migrations-uat";
    let before = world.snapshot();
    let request = RunRequest {
        validate_only: true,
        ..RunRequest::default()
    };
    world
        .run_job(id, &request, &operator(&world))
        .expect("valid");
    assert_eq!(world.snapshot(), before);
}

#[test]
fn overrides_replace_what_they_name() {
    let world = World::detached();
    let overrides = model::Overrides {
        args: vec!["x".to_owned()],
        env: vec![model::EnvVar {
            name: "ENVIRONMENT".to_owned(),
            source: model::EnvSource::Value("y".to_owned()),
        }],
        task_count: Some(2),
        ..model::Overrides::default()
    };
    let request = RunRequest {
        overrides,
        ..RunRequest::default()
    };
    let who = operator(&world);
    let (operation, execution) = world
        .run_job("plant-db-migrations-uat", &request, &who)
        .expect("runs");
    assert_eq!(execution.template.args, ["x"]);
    assert_eq!(execution.template.env.len(), 2);
    assert_eq!(execution.creator, who.email);
    let over = world.execution(&execution.id).expect("there");
    assert_eq!((over.phase(), over.counts.succeeded), (Phase::Succeeded, 2));
    assert!(world.operation(&operation.id).expect("there").done);
}

#[test]
fn who_disabled_a_version_is_in_the_activity_log() {
    let world = World::detached();
    let acts = |world: &World| {
        let activity = |entry: &model::LogEntry| entry.log_name.ends_with("%2Factivity");
        world.log_where(activity)
    };
    let before = acts(&world);
    let last = format!("{:?}", before.last().expect("a first act").payload);
    assert!(
        last.contains("DisableSecretVersion") && last.contains("ci@"),
        "{last}"
    );
    world.record_act(&audit::Act {
        who: "ravi@example.com",
        service: "secretmanager.googleapis.com",
        method: "EnableSecretVersion",
        resource: "x",
    });
    assert_eq!(acts(&world).len(), before.len() + 1);
}
