//! Jobs, secrets, instances and backups of the first day.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        model::{
            BackupRun, EnvSource, EnvVar, Job, Payload, Replication, Secret, SecretVersion,
            SqlInstance, SqlInstanceState, Template, VersionState, VpcAccess,
        },
        state::State,
    },
    ENVIRONMENTS, password,
};

const TERRAFORM: &str = "terraform@waooaw-oauth.iam.gserviceaccount.com";
const CI: &str = "ci@waooaw-oauth.iam.gserviceaccount.com";

pub(super) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(super) fn days(count: i64) -> SignedDuration {
    hours(24 * count)
}

pub(super) fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn add(state: &mut State, now: Timestamp) {
    for environment in ENVIRONMENTS {
        let job = job(state, environment, now);
        state.jobs.push(job);
        let instance = instance(state, environment, now);
        state.instances.push(instance);
        backups(state, environment, now);
        state
            .services
            .push(format!("waooaw-plant-backend-{environment}"));
        let url = database_url_secret(state, environment, now);
        let key = signing_key_secret(state, environment, now);
        state.secrets.extend([url, key]);
    }
    state.secrets.sort_by(|a, b| a.id.cmp(&b.id));
}

fn job(state: &mut State, environment: &str, now: Timestamp) -> Job {
    let project = state.project.clone();
    Job {
        id: format!("plant-db-migrations-{environment}"),
        environment: environment.to_owned(),
        uid: state.dice.uuid(),
        generation: 4,
        etag: state.dice.etag(),
        created_at: now - days(131),
        updated_at: now - days(21),
        creator: TERRAFORM.to_owned(),
        last_modifier: CI.to_owned(),
        labels: labels(&[
            ("app", "plant"),
            ("env", environment),
            ("managed-by", "terraform"),
        ]),
        annotations: BTreeMap::new(),
        template: template(environment, &project),
        execution_count: 0,
        latest_execution: None,
    }
}

fn template(environment: &str, project: &super::super::Project) -> Template {
    let (id, region) = (&project.id, &project.region);
    Template {
        image: format!("{region}-docker.pkg.dev/{id}/waooaw/plant-migrations:latest"),
        image_digest: "sha256:4be1c5d0a7f2938e6b1d4c7a90f3e85d2b6a1c9e7f40d8b3a5c6e2f19d7b8043"
            .to_owned(),
        command: Vec::new(),
        args: ["python", "-m", "alembic", "upgrade", "head"]
            .map(str::to_owned)
            .to_vec(),
        env: vec![
            EnvVar {
                name: "ENVIRONMENT".to_owned(),
                source: EnvSource::Value(environment.to_owned()),
            },
            EnvVar {
                name: "DATABASE_URL".to_owned(),
                source: EnvSource::Secret {
                    secret: format!("{environment}-plant-database-url"),
                    version: "latest".to_owned(),
                },
            },
        ],
        cpu: "1000m".to_owned(),
        memory: "512Mi".to_owned(),
        // The platform's default, which runs a failed migration again: somebody forgot it in demo.
        max_retries: if environment == "demo" { 3 } else { 0 },
        task_count: 1,
        parallelism: 1,
        timeout: Duration::from_mins(10),
        service_account: format!("plant-migrations-{environment}@{id}.iam.gserviceaccount.com"),
        vpc: Some(VpcAccess {
            connector: Some(format!(
                "projects/{id}/locations/{region}/connectors/plant-vpc-connector"
            )),
            network: None,
            subnetwork: None,
            all_traffic: false,
        }),
        cloud_sql_instances: vec![format!("{id}:{region}:plant-sql-{environment}")],
    }
}

fn database_url_secret(state: &mut State, environment: &str, now: Timestamp) -> Secret {
    // (age in days, state, whether the password is still right), oldest first.
    let versions: &[(SignedDuration, VersionState, bool)] = match environment {
        "demo" => &[(days(38), VersionState::Enabled, true)],
        "uat" => &[
            (days(38), VersionState::Disabled, false),
            (days(12), VersionState::Enabled, true),
        ],
        _ => &[
            (days(120), VersionState::Destroyed, false),
            (days(40), VersionState::Enabled, true),
            (hours(7), VersionState::Disabled, true),
        ],
    };
    let host = format!(
        "/cloudsql/{}:{}:plant-sql-{environment}",
        state.project.id, state.project.region
    );
    let url = |right: bool| {
        let password = if right { password() } else { "rotated-away" };
        format!("postgresql+asyncpg://plant_app:{password}@/plant?host={host}")
    };
    let versions = versions
        .iter()
        .enumerate()
        .map(|(at, &(age, condition, right))| SecretVersion {
            number: at as u64 + 1,
            state: condition,
            created_at: now - age,
            destroyed_at: (condition == VersionState::Destroyed).then(|| now - days(39)),
            etag: state.dice.etag(),
            payload: Payload::new(if condition == VersionState::Destroyed {
                String::new()
            } else {
                url(right)
            }),
            checksum_given: true,
        })
        .collect();
    secret(
        state,
        environment,
        format!("{environment}-plant-database-url"),
        versions,
        now,
    )
}

fn signing_key_secret(state: &mut State, environment: &str, now: Timestamp) -> Secret {
    let version = SecretVersion {
        number: 1,
        state: VersionState::Enabled,
        created_at: now - days(131),
        destroyed_at: None,
        etag: state.dice.etag(),
        payload: Payload::new(format!("not-a-key-{environment}")),
        checksum_given: false,
    };
    secret(
        state,
        environment,
        format!("{environment}-plant-signing-key"),
        vec![version],
        now,
    )
}

fn secret(
    state: &mut State,
    environment: &str,
    id: String,
    versions: Vec<SecretVersion>,
    now: Timestamp,
) -> Secret {
    Secret {
        id,
        created_at: versions.first().map_or(now, |version| version.created_at) - hours(1),
        labels: labels(&[("app", "plant"), ("env", environment)]),
        annotations: BTreeMap::new(),
        replication: Replication::Automatic,
        aliases: BTreeMap::new(),
        etag: state.dice.etag(),
        versions,
    }
}

fn instance(state: &mut State, environment: &str, now: Timestamp) -> SqlInstance {
    let production = environment == "prod";
    let last = match environment {
        "demo" => 3,
        "uat" => 4,
        _ => 5,
    };
    SqlInstance {
        name: format!("plant-sql-{environment}"),
        environment: environment.to_owned(),
        state: SqlInstanceState::Runnable,
        activation_policy: "ALWAYS".to_owned(),
        database_version: "POSTGRES_15".to_owned(),
        tier: if production {
            "db-custom-2-7680"
        } else {
            "db-f1-micro"
        }
        .to_owned(),
        availability: if production { "REGIONAL" } else { "ZONAL" }.to_owned(),
        created_at: now - days(132),
        ipv4_enabled: false,
        private_network: format!("projects/{}/global/networks/default", state.project.id),
        private_ip: format!("10.19.0.{last}"),
        ssl_mode: "TRUSTED_CLIENT_CERTIFICATE_REQUIRED".to_owned(),
        backup_enabled: true,
        backup_start: "20:00".to_owned(),
        point_in_time_recovery: production,
        transaction_log_retention_days: 7,
        retained_backups: 7,
        deletion_protection: environment != "demo",
        data_api_access: true,
        disk_gib: if production { 50 } else { 10 },
        settings_version: 9,
        labels: labels(&[("app", "plant"), ("env", environment)]),
        databases: ["plant", "postgres"].map(str::to_owned).to_vec(),
        maintenance_at: None,
        etag: state.dice.etag(),
    }
}

/// One a night for a week, and in production one from a quarter of an hour ago, as a careful person leaves it.
fn backups(state: &mut State, environment: &str, now: Timestamp) {
    let mut ages: Vec<(SignedDuration, &str)> = (0..7)
        .rev()
        .map(|night| (days(night) + hours(5), "AUTOMATED"))
        .collect();
    if environment == "prod" {
        ages.push((SignedDuration::from_mins(18), "ON_DEMAND"));
    }
    for (age, kind) in ages {
        let start = now - age;
        state.backups.push(BackupRun {
            id: start.as_millisecond(),
            instance: format!("plant-sql-{environment}"),
            kind: kind.to_owned(),
            status: "SUCCESSFUL".to_owned(),
            enqueued_at: start,
            started_at: Some(start),
            ended_at: Some(start + SignedDuration::from_secs(94)),
            description: if kind == "ON_DEMAND" {
                "before the upgrade"
            } else {
                ""
            }
            .to_owned(),
            location: state.project.region.clone(),
        });
    }
}
