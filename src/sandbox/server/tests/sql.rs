use google_cloud_sql_v1::{
    client::{SqlBackupRunsService, SqlInstancesService, SqlOperationsService},
    model::{
        BackupRun, ExecuteSqlPayload, SqlBackupRunStatus, SqlIpAddressType,
        database_instance::SqlInstanceState, ip_configuration::SslMode,
        operation::SqlOperationStatus,
    },
};

use super::{Sandbox, client};
use crate::sandbox::world::Faults;

const PROJECT: &str = "waooaw-oauth";
const INSTANCE: &str = "plant-sql-uat";

#[tokio::test]
async fn an_instance_shows_that_it_is_private() {
    let sandbox = Sandbox::start().await;
    let sql = client!(SqlInstancesService, &sandbox.url);
    let all = sql
        .list()
        .set_project(PROJECT)
        .send()
        .await
        .expect("instances");
    assert_eq!(all.items.len(), sandbox.world.instances().len());
    let one = sql
        .get()
        .set_project(PROJECT)
        .set_instance(INSTANCE)
        .send()
        .await
        .expect("one");
    assert_eq!(one.state, SqlInstanceState::Runnable);
    assert_eq!(one.database_version.name(), Some("POSTGRES_15"));
    assert_eq!(one.ip_addresses[0].r#type, SqlIpAddressType::Private);
    let settings = one.settings.expect("settings");
    let ip = settings.ip_configuration.expect("an IP configuration");
    assert_eq!(
        (ip.ipv4_enabled, ip.ssl_mode),
        (Some(false), SslMode::TrustedClientCertificateRequired)
    );
    assert!(
        settings
            .backup_configuration
            .expect("backups")
            .enabled
            .is_some()
    );
}

#[tokio::test]
async fn a_backup_is_made_and_found() {
    let sandbox = Sandbox::start().await;
    let at_once = Faults::parse("backup-takes=0ms").expect("valid");
    sandbox.world.faults().set(at_once);
    let backups = client!(SqlBackupRunsService, &sandbox.url);
    let insert = backups.insert().set_project(PROJECT).set_instance(INSTANCE);
    let operation = insert
        .set_body(BackupRun::new().set_description("before"))
        .send()
        .await;
    let operation = operation.expect("begun");
    let operations = client!(SqlOperationsService, &sandbox.url);
    let get = operations
        .get()
        .set_project(PROJECT)
        .set_operation(&operation.name);
    let operation = get.send().await.expect("the operation");
    assert_eq!(operation.status, SqlOperationStatus::Done);
    assert_eq!(operation.operation_type.name(), Some("BACKUP_VOLUME"));
    let id = operation.backup_context.expect("a backup").backup_id;
    let list = backups
        .list()
        .set_project(PROJECT)
        .set_instance(INSTANCE)
        .set_max_results(1);
    let newest = list.send().await.expect("backups").items.remove(0);
    assert_eq!((newest.id, newest.description.as_str()), (id, "before"));
    assert_eq!(newest.status, SqlBackupRunStatus::Successful);
    let list = operations
        .list()
        .set_project(PROJECT)
        .set_instance(INSTANCE)
        .set_max_results(1_u32);
    assert_eq!(
        list.send().await.expect("operations").items[0].name,
        operation.name
    );
}

#[tokio::test]
async fn sql_answers_rows_and_errors_inside_of_a_success() {
    let sandbox = Sandbox::with_hands().await;
    let sql = client!(SqlInstancesService, &sandbox.url);
    let ask = |statement: &str| {
        let payload = ExecuteSqlPayload::new()
            .set_sql_statement(statement)
            .set_database("plant")
            .set_auto_iam_authn(true)
            .set_row_limit(10);
        sql.execute_sql()
            .set_project(PROJECT)
            .set_instance(INSTANCE)
            .set_body(payload)
    };
    sandbox
        .world
        .edit_instance(INSTANCE, |i| i.data_api_access = false)
        .expect("there");
    let refused = ask("SELECT 1").send().await.expect_err("not allowed");
    assert_eq!(refused.http_status_code(), Some(400));
    sandbox
        .world
        .edit_instance(INSTANCE, |i| i.data_api_access = true)
        .expect("there");
    let answer = ask("SELECT version_num FROM alembic_version")
        .send()
        .await
        .expect("rows");
    assert!(answer.status.is_none() && answer.metadata.is_some());
    let result = &answer.results[0];
    assert_eq!(result.columns[0].name, "version_num");
    assert_eq!(result.rows[0].values[0].value, "rev-uat");
    assert!(result.rows[1].values[0].null_value);
    let broken = ask("SELECT * FROM x").send().await.expect("a success");
    assert!(broken.status.expect("a status").message.contains("42P01"));
}
