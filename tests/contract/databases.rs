//! Instances, and what the probes read.

use crate::cloud::{Answers, Cloud, approve, environment, plan};
use portcullis::domain::database::{InstanceState, Table};
use portcullis::domain::environment::ProbeKind;
use portcullis::domain::failure::FailureKind;
use portcullis::domain::gate::Approved;
use portcullis::domain::plan::{Plan, Step};
use portcullis::domain::sql_operation::{Backup, BackupState, SqlWork};
use portcullis::sandbox::world::model::{SqlAnswer, SqlColumn};
use portcullis::sandbox::world::{Code, Status};

fn rows<const N: usize>(rows: &[[&str; N]]) -> SqlAnswer {
    let column = |at: usize| SqlColumn {
        name: format!("column{at}"),
        kind: "TEXT".to_owned(),
    };
    SqlAnswer {
        columns: (0..N).map(column).collect(),
        rows: rows
            .iter()
            .map(|row| row.map(|cell| Some(cell.to_owned())).to_vec())
            .collect(),
        ..SqlAnswer::default()
    }
}

fn error(message: &str) -> SqlAnswer {
    let status = Status {
        code: Code::InvalidArgument,
        message: message.to_owned(),
    };
    SqlAnswer {
        error: Some(status),
        ..SqlAnswer::default()
    }
}

#[tokio::test]
async fn an_instance_is_read_with_its_last_backup() {
    let cloud = Cloud::detached().await;
    let instance = cloud
        .google()
        .databases
        .instance(&environment("prod"))
        .await
        .unwrap();
    assert_eq!(instance.state, InstanceState::Runnable);
    assert_eq!(instance.version, "POSTGRES_15");
    assert!(instance.is_private_only() && instance.ssl_required && instance.backups_enabled);
    assert!(instance.last_backup_at.is_some());
    assert_eq!(instance.data_api, Some(true));
}

#[tokio::test]
async fn without_the_right_to_see_backups_the_rest_is_read() {
    let cloud = Cloud::detached().await;
    cloud.deny("cloudsql.backupRuns.list");
    let instance = cloud
        .google()
        .databases
        .instance(&environment("prod"))
        .await
        .unwrap();
    assert_eq!(instance.last_backup_at, None);
}

#[tokio::test]
async fn a_stopped_instance_is_stopped() {
    let cloud = Cloud::detached().await;
    cloud
        .world
        .edit_instance("plant-sql-prod", |found| {
            found.activation_policy = "NEVER".into();
        })
        .unwrap();
    let instance = cloud
        .google()
        .databases
        .instance(&environment("prod"))
        .await
        .unwrap();
    assert_eq!(instance.state, InstanceState::Stopped);
}

#[tokio::test]
async fn the_data_api_reads_the_rows_in_one_question() {
    let answers = Answers::of(rows(&[["005_rls_policies"]]));
    let cloud = Cloud::attached(answers.clone()).await;
    let google = cloud.google();
    let reading = google
        .databases
        .read(&environment("prod"), ProbeKind::DataApi)
        .await
        .unwrap();
    assert_eq!(reading.current, Some(vec!["005_rls_policies".into()]));
    assert_eq!((reading.tables, reading.probe), (None, ProbeKind::DataApi));
    assert!(answers.asked.lock().unwrap().len() <= 2);
    let again = google
        .databases
        .read(&environment("prod"), ProbeKind::DataApi)
        .await;
    assert_eq!(again.unwrap().current, reading.current);
    assert!(
        answers.asked.lock().unwrap().len() <= 3,
        "one question from then on"
    );
}

#[tokio::test]
async fn a_database_without_version_table_is_unversioned_and_its_tables_are_named() {
    let missing = error("relation \"alembic_version\" does not exist");
    let tables = rows(&[["public", "skills", "id\u{1f}name"]]);
    let answers = Answers::of(missing).with_tables(tables);
    let cloud = Cloud::attached(answers.clone()).await;
    let google = cloud.google();
    let demo = environment("demo");
    let read = async || google.databases.read(&demo, ProbeKind::DataApi).await;
    let reading = read().await.unwrap();
    let tables = vec![Table::new("public", "skills", &["id", "name"])];
    assert_eq!((reading.current, reading.tables), (None, Some(tables)));
    assert_eq!(answers.asked.lock().unwrap().len(), 2);
    assert!(read().await.unwrap().is_unversioned());
    assert_eq!(
        answers.asked.lock().unwrap().len(),
        3,
        "one question from then on"
    );
}

#[tokio::test]
async fn a_version_table_beside_the_search_path_is_found() {
    let tables = rows(&[["plant", "alembic_version", "version_num"]]);
    let missing = error("relation \"alembic_version\" does not exist");
    let answers = Answers::of(missing)
        .with_tables(tables)
        .in_schema(rows(&[["005_rls_policies"]]));
    let cloud = Cloud::attached(answers.clone()).await;
    let google = cloud.google();
    let prod = environment("prod");
    let read = async || google.databases.read(&prod, ProbeKind::DataApi).await;
    let expected = Some(vec!["005_rls_policies".into()]);
    assert_eq!(read().await.unwrap().current, expected);
    let asked = answers.asked.lock().unwrap().len();
    assert_eq!(read().await.unwrap().current, expected);
    assert_eq!(answers.asked.lock().unwrap().len(), asked + 1);
}

#[tokio::test]
async fn a_database_that_refuses_is_no_empty_database() {
    let cloud = Cloud::attached(Answers::of(error(
        "permission denied for table alembic_version",
    )))
    .await;
    let failure = cloud
        .google()
        .databases
        .read(&environment("prod"), ProbeKind::DataApi)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(!failure.hint.is_empty());
}

#[tokio::test]
async fn an_instance_that_does_not_allow_it_says_so() {
    let cloud = Cloud::attached(Answers::of(rows::<1>(&[]))).await;
    cloud
        .world
        .edit_instance("plant-sql-prod", |found| found.data_api_access = false)
        .unwrap();
    let failure = cloud
        .google()
        .databases
        .read(&environment("prod"), ProbeKind::DataApi)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.hint.contains("data_api_access"), "{}", failure.hint);
}

#[tokio::test]
async fn the_logs_tell_the_revision_of_the_last_good_run_at_its_own_time() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    match google.databases.read(&uat, ProbeKind::Logs).await {
        Ok(reading) => {
            let page = google.jobs.executions(&uat, 1000, None).await.unwrap();
            assert!(
                page.executions
                    .iter()
                    .any(|found| found.completed_at == Some(reading.at))
            );
            assert_eq!(reading.current.map(|rows| rows.len()), Some(1));
        }
        Err(failure) => panic!("{failure} ({})", failure.hint),
    }
}

#[tokio::test]
async fn a_probe_that_cannot_work_says_what_it_needs() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    for probe in [ProbeKind::Job] {
        let failure = google
            .databases
            .read(&environment("prod"), probe)
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert!(!failure.hint.is_empty());
    }
    let mut nameless = environment("prod");
    nameless.sql_instance = None;
    let failure = google.databases.instance(&nameless).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Config);
}

#[tokio::test]
async fn a_complete_log_is_read_once_and_the_list_of_executions_is_shared() {
    let cloud = Cloud::detached().await;
    let google = cloud.google();
    let uat = environment("uat");
    google.databases.read(&uat, ProbeKind::Logs).await.unwrap();
    let logs = cloud.requests("entries:list").len();
    assert!(logs > 0);
    google.databases.read(&uat, ProbeKind::Logs).await.unwrap();
    assert_eq!(cloud.requests("entries:list").len(), logs);
    let lists = cloud.requests("/executions").len();
    let (page, reading) = tokio::join!(
        google.jobs.executions(&uat, 20, None),
        google.databases.read(&uat, ProbeKind::Logs)
    );
    assert!(page.is_ok() && reading.is_ok());
    assert_eq!(cloud.requests("/executions").len(), lists + 1);
}

/// A plan that takes a backup first, through its gate.
fn approved_backup(run_id: &str) -> Approved<Backup> {
    let uat = environment("uat");
    let steps = vec![Step::Backup {
        instance: "plant-sql-uat".to_owned(),
    }];
    let plan = Plan {
        steps,
        ..plan(&uat, "etag")
    };
    approve(plan).into_backup(run_id).unwrap()
}

#[tokio::test]
async fn a_backup_takes_its_time_and_is_found_by_the_run_id() {
    let cloud = Cloud::detached().await;
    let databases = cloud.google().databases;
    let uat = environment("uat");
    cloud.faults("backup-takes=600000ms");
    let operation = databases.start_backup(approved_backup("01J")).await;
    let operation = operation.unwrap();
    assert_eq!((operation.work, operation.done), (SqlWork::Backup, false));
    let found = databases.backups(&uat).await.unwrap();
    let ours: Vec<_> = found.iter().filter(|run| run.is_of("01J")).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].state, BackupState::Running);
    assert_eq!(Some(ours[0].id), operation.backup);
    let instance = databases.instance(&uat).await.unwrap();
    assert_eq!(instance.operations, Some(vec![operation]));
    // One thing at a time.
    let second = databases.start_backup(approved_backup("01K")).await;
    assert_eq!(second.unwrap_err().kind, FailureKind::Stale);
}

#[tokio::test]
async fn a_backup_whose_answer_is_lost_is_sent_once_and_found_again() {
    let cloud = Cloud::detached().await;
    let databases = cloud.google().databases;
    cloud.faults("backup-takes=0ms, drop=backupRuns");
    let lost = databases.start_backup(approved_backup("01J")).await;
    assert!(lost.unwrap_err().kind.is_passing());
    assert_eq!(cloud.requests("backupRuns").len(), 1);
    cloud.faults("");
    let found = databases.backups(&environment("uat")).await.unwrap();
    let ours: Vec<_> = found.iter().filter(|run| run.is_of("01J")).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].state, BackupState::Successful);
}

#[tokio::test]
async fn a_backup_may_fail_and_a_server_may_refuse_one() {
    let cloud = Cloud::detached().await;
    let databases = cloud.google().databases;
    let uat = environment("uat");
    cloud.faults("backup-takes=0ms, backup-fails=uat");
    databases
        .start_backup(approved_backup("01J"))
        .await
        .unwrap();
    let found = databases.backups(&uat).await.unwrap();
    let ours = found.iter().find(|run| run.is_of("01J")).unwrap();
    assert_eq!(ours.state, BackupState::Failed);
    cloud.deny("cloudsql.backupRuns.create");
    let refused = databases.start_backup(approved_backup("01K")).await;
    assert_eq!(refused.unwrap_err().kind, FailureKind::Denied);
}

#[tokio::test]
async fn maintenance_is_seen_when_it_is_planned_and_when_it_goes_on() {
    let cloud = Cloud::detached().await;
    let databases = cloud.google().databases;
    let uat = environment("uat");
    cloud.faults("maintenance-soon=uat");
    let instance = databases.instance(&uat).await.unwrap();
    let left = instance.maintenance_within(jiff::Timestamp::now()).unwrap();
    assert!((1..=2).contains(&(left.as_mins() / 60 + 1)), "{left}");
    cloud.faults("maintenance=uat");
    let instance = databases.instance(&uat).await.unwrap();
    assert_eq!(instance.state, InstanceState::Maintenance);
}
