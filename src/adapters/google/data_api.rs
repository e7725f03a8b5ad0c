//! The `data-api` probe: `alembic_version` through `executeSql`, in a session of its own.

use std::time::Duration;

use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_sql_v1::client::SqlInstancesService;
use google_cloud_sql_v1::model::execute_sql_payload::UserPassword;
use google_cloud_sql_v1::model::{
    ExecuteSqlPayload, QueryResult, Row, SqlInstancesExecuteSqlResponse,
};

use crate::adapters::database::backends::{self, BACKENDS, Cells};
use crate::adapters::database::catalogue::{self, Catalogue};
use crate::domain::backend::Backend;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::revision::RevisionId;

/// More rows than this are more heads than anybody has.
const HEADS: i64 = 100;

/// More tables than this are not looked at one by one.
const TABLES: i64 = 5_000;

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
    /// There is no `alembic_version` on the search path.
    NoVersionTable,
    /// The signed-in user may not read.
    Denied,
    /// Anything else.
    Other,
}

impl Question<'_> {
    /// What tells this database from every other.
    pub(super) fn key(&self) -> String {
        format!("{}/{}/{}", self.project, self.instance, self.database)
    }

    /// Asks for the versions, in a schema or where the search path finds them.
    pub(super) async fn versions(
        &self,
        client: &SqlInstancesService,
        schema: Option<&str>,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        self.ask(client, &catalogue::versions(schema), HEADS).await
    }

    /// Asks for the tables, `alembic_version` among them.
    pub(super) async fn tables(
        &self,
        client: &SqlInstancesService,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        self.ask(client, catalogue::TABLES, TABLES).await
    }

    /// Asks who else is in the database.
    pub(super) async fn backends(
        &self,
        client: &SqlInstancesService,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        self.ask(client, BACKENDS, backends::MOST).await
    }

    async fn ask(
        &self,
        client: &SqlInstancesService,
        sql: &str,
        rows: i64,
    ) -> google_cloud_gax::Result<SqlInstancesExecuteSqlResponse> {
        let mut payload = ExecuteSqlPayload::new()
            .set_sql_statement(sql)
            .set_database(self.database)
            .set_row_limit(rows)
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
pub(super) fn versions(
    answer: &SqlInstancesExecuteSqlResponse,
) -> Result<Vec<RevisionId>, Refused> {
    let rows = &result(answer)?.rows;
    Ok(rows
        .iter()
        .filter_map(|row| cell(row, 0))
        .map(RevisionId::new)
        .collect())
}

/// Reads the answer about the tables.
pub(super) fn tables(answer: &SqlInstancesExecuteSqlResponse) -> Result<Catalogue, Refused> {
    let rows = &result(answer)?.rows;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let columns = cell(row, 2).unwrap_or_default();
            Some((cell(row, 0)?, cell(row, 1)?, columns))
        })
        .collect())
}

/// Reads the answer about the backends.
pub(super) fn backends(answer: &SqlInstancesExecuteSqlResponse) -> Result<Vec<Backend>, Refused> {
    let rows = &result(answer)?.rows;
    Ok(rows.iter().filter_map(backends::backend).collect())
}

impl Cells for Row {
    fn cell(&self, column: usize) -> Option<&str> {
        cell(self, column)
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

/// A cell that is not NULL.
fn cell(row: &Row, column: usize) -> Option<&str> {
    let cell = row.values.get(column).filter(|cell| !cell.null_value)?;
    Some(cell.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::database::Table;
    use serde_json::{Value, json};

    fn answer(wire: Value) -> SqlInstancesExecuteSqlResponse {
        serde_json::from_value(wire).unwrap()
    }

    #[test]
    fn every_row_is_a_revision() {
        let found = versions(&answer(json!({"results": [{"rows": [
            {"values": [{"value": "ae10"}]},
            {"values": [{"value": "be20"}]},
            {"values": [{"nullValue": true, "value": ""}]},
        ]}]})));
        assert_eq!(found, Ok(vec!["ae10".into(), "be20".into()]));
        let empty = versions(&answer(json!({"results": [{"rows": []}]})));
        assert_eq!(
            empty,
            Ok(vec![]),
            "an empty version table is not a missing one"
        );
    }

    #[test]
    fn an_error_inside_of_a_good_answer_is_seen_at_both_levels() {
        let read = |wire| versions(&answer(wire));
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
    fn tables_come_with_their_columns() {
        let found = tables(&answer(json!({"results": [{"rows": [
            {"values": [{"value": "public"}, {"value": "skills"}, {"value": "id\u{1f}name"}]},
            {"values": [{"value": "public"}, {"value": "empty"}, {"nullValue": true}]},
        ]}]})))
        .unwrap();
        assert!(!found.has_version_table());
        assert_eq!(
            found.into_tables(),
            vec![
                Table::new("public", "skills", &["id", "name"]),
                Table::new("public", "empty", &[]),
            ]
        );
    }
}
