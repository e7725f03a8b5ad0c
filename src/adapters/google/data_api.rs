//! The `data-api` probe: `alembic_version` through `executeSql`, in a session of its own.

use std::time::Duration;

use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_sql_v1::client::SqlInstancesService;
use google_cloud_sql_v1::model::execute_sql_payload::UserPassword;
use google_cloud_sql_v1::model::{ExecuteSqlPayload, QueryResult, SqlInstancesExecuteSqlResponse};
use jiff::Timestamp;

use crate::domain::database::Reading;
use crate::domain::environment::ProbeKind;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::revision::RevisionId;

/// The rows of `alembic_version`, each beside the number of other tables; one row with
/// NULL when there are no rows.
const VERSIONS: &str = "SELECT v.version_num, t.tables FROM (SELECT count(*) AS tables \
     FROM information_schema.tables WHERE table_type = 'BASE TABLE' \
     AND table_schema NOT IN ('pg_catalog', 'information_schema') \
     AND table_name <> 'alembic_version') t LEFT JOIN alembic_version v ON true";

/// The number of tables, for a database without `alembic_version`.
const TABLES: &str = "SELECT count(*) AS tables FROM information_schema.tables \
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')";

/// More rows than this are more heads than anybody has.
const ROWS: i64 = 100;

/// One question for a database.
pub(super) struct Question<'a> {
    pub(super) project: &'a str,
    pub(super) instance: &'a str,
    pub(super) database: &'a str,
    pub(super) deadline: Duration,
}

/// What the database itself said, within a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no `alembic_version`.
    NoVersionTable,
    /// The signed-in user may not read.
    Denied,
    /// Anything else.
    Other,
}

impl Question<'_> {
    /// Asks for the versions.
    pub(super) async fn versions(
        &self,
        client: &SqlInstancesService,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        self.ask(client, VERSIONS).await
    }

    /// Asks for the number of tables.
    pub(super) async fn tables(
        &self,
        client: &SqlInstancesService,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        self.ask(client, TABLES).await
    }

    async fn ask(
        &self,
        client: &SqlInstancesService,
        sql: &str,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        let mut payload = ExecuteSqlPayload::new()
            .set_sql_statement(sql)
            .set_database(self.database)
            .set_row_limit(ROWS)
            .set_application("portcullis");
        payload.user_password = Some(UserPassword::AutoIamAuthn(true));
        client
            .execute_sql()
            .set_project(self.project)
            .set_instance(self.instance)
            .set_body(payload)
            // A POST that only reads.
            .with_idempotency(true)
            .with_attempt_timeout(self.deadline)
            .send()
            .await
    }
}

/// Reads the answer about the versions.
pub(super) fn reading(
    answer: &SqlInstancesExecuteSqlResponse,
    at: Timestamp,
) -> Result<Reading, Refused> {
    let result = result(answer)?;
    let current = cells(result, 0).map(RevisionId::new).collect();
    Ok(Reading {
        probe: ProbeKind::DataApi,
        at,
        current: Some(current),
        tables: cells(result, 1).next().and_then(|count| count.parse().ok()),
    })
}

/// Reads the answer about the tables of a database without `alembic_version`.
pub(super) fn unversioned(answer: &SqlInstancesExecuteSqlResponse, at: Timestamp) -> Reading {
    let tables = result(answer)
        .ok()
        .and_then(|result| cells(result, 0).next()?.parse().ok());
    Reading {
        probe: ProbeKind::DataApi,
        at,
        current: None,
        tables,
    }
}

/// The failure for what a database said.
pub(super) fn refused(question: &Question<'_>, refused: Refused) -> Failure {
    let Question {
        database, instance, ..
    } = question;
    match refused {
        Refused::NoVersionTable => Failure::new(
            FailureKind::NotFound,
            format!("database {database} on {instance} has no alembic_version"),
            "run the `baseline` or `upgrade` operation",
        ),
        Refused::Denied => Failure::new(
            FailureKind::Denied,
            format!("database {database} on {instance} does not let you read alembic_version"),
            "ask its owner: GRANT SELECT ON alembic_version TO your IAM user, and roles/cloudsql.instanceUser",
        ),
        Refused::Other => Failure::new(
            FailureKind::Unreachable,
            format!("database {database} on {instance} refused the question"),
            "look into the log of the instance",
        ),
    }
}

/// The only result; a database's error may stand at either level.
fn result(answer: &SqlInstancesExecuteSqlResponse) -> Result<&QueryResult, Refused> {
    let inner = answer.results.iter().map(|result| result.status.as_ref());
    let mut refusals = std::iter::once(answer.status.as_ref())
        .chain(inner)
        .flatten();
    if let Some(status) = refusals.find(|status| status.code != 0) {
        return Err(classify(&status.message));
    }
    answer.results.first().ok_or(Refused::Other)
}

/// What a database's message means; its words are not repeated.
fn classify(message: &str) -> Refused {
    let message = message.to_ascii_lowercase();
    let says = |words: &str| message.contains(words);
    if says("alembic_version") && (says("does not exist") || says("no such table")) {
        Refused::NoVersionTable
    } else if says("permission denied") || says("authentication failed") || says("not permitted") {
        Refused::Denied
    } else {
        Refused::Other
    }
}

/// The cells of one column that are not NULL.
fn cells(result: &QueryResult, column: usize) -> impl Iterator<Item = &str> {
    result
        .rows
        .iter()
        .filter_map(move |row| row.values.get(column))
        .filter(|cell| !cell.null_value)
        .map(|cell| cell.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(wire: Value) -> Result<Reading, Refused> {
        reading(
            &serde_json::from_value(wire).unwrap(),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn rows_and_tables_are_read() {
        let found = read(json!({"results": [{"rows": [
            {"values": [{"value": "ae10"}, {"value": "12"}]},
            {"values": [{"value": "be20"}, {"value": "12"}]},
        ]}]}))
        .unwrap();
        assert_eq!(found.current, Some(vec!["ae10".into(), "be20".into()]));
        assert_eq!(found.tables, Some(12));
    }

    #[test]
    fn an_empty_version_table_is_not_a_missing_one() {
        let rows = json!([{"values": [{"nullValue": true, "value": ""}, {"value": "3"}]}]);
        let found = read(json!({"results": [{"rows": rows}]})).unwrap();
        assert_eq!((found.current, found.tables), (Some(vec![]), Some(3)));
    }

    #[test]
    fn an_error_inside_of_a_good_answer_is_seen_at_both_levels() {
        let status =
            json!({"code": 3, "message": "ERROR: relation \"alembic_version\" does not exist"});
        assert_eq!(
            read(json!({"status": status})),
            Err(Refused::NoVersionTable)
        );
        assert_eq!(
            read(json!({"results": [{"status": status}]})),
            Err(Refused::NoVersionTable)
        );
        let denied = json!({"code": 7, "message": "permission denied for table alembic_version"});
        assert_eq!(
            read(json!({"status": denied, "results": []})),
            Err(Refused::Denied)
        );
        assert_eq!(read(json!({})), Err(Refused::Other));
    }

    #[test]
    fn an_unversioned_database_has_tables_and_no_rows() {
        let wire = json!({"results": [{"rows": [{"values": [{"value": "4"}]}]}]});
        let found = unversioned(
            &serde_json::from_value(wire).unwrap(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!((found.current, found.tables), (None, Some(4)));
    }
}
