//! The `data-api` probe: what is asked of a database, in which order, with as few questions as will do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use google_cloud_sql_v1::client::SqlInstancesService;
use jiff::Timestamp;

use super::clients::Clients;
use super::data_api::{self, Question, Refused};
use super::failure::Asked;
use crate::adapters::database::catalogue::Catalogue;
use crate::domain::backend::Backend;
use crate::domain::database::Reading;
use crate::domain::environment::ProbeKind;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::revision::RevisionId;

/// What a database was when it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// It had rows in a version table, in the schema that is named when the search path has none.
    Versioned(Option<String>),
    /// It had none.
    Unversioned,
}

/// Reads databases through `executeSql`.
pub(super) struct DataApiProbe {
    clients: Arc<Clients>,
    known: Mutex<HashMap<String, Known>>,
}

impl DataApiProbe {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        Self {
            clients,
            known: Mutex::default(),
        }
    }

    /// Reads a database in a session of its own.
    pub(super) async fn read(
        &self,
        (question, asked): (Question<'_>, Asked),
    ) -> Result<Reading, Failure> {
        let key = question.key();
        let known = self.known(|known| known.get(&key).cloned());
        let session = Session {
            clients: &self.clients,
            client: self.clients.instances().await?,
            question,
            asked,
        };
        let (found, tables) = session.read(known).await?;
        let (next, current) = match found {
            Some((schema, rows)) if !rows.is_empty() => (Known::Versioned(schema), Some(rows)),
            Some((_, rows)) => (Known::Unversioned, Some(rows)),
            None => (Known::Unversioned, None),
        };
        self.known(|known| known.insert(key, next));
        Ok(Reading {
            probe: ProbeKind::DataApi,
            at: Timestamp::now(),
            current,
            tables: tables.map(Catalogue::into_tables),
        })
    }

    /// Who else is in a database, asked in a session of its own.
    pub(super) async fn backends(
        &self,
        (question, asked): (Question<'_>, Asked),
    ) -> Result<Vec<Backend>, Failure> {
        let session = Session {
            clients: &self.clients,
            client: self.clients.instances().await?,
            question,
            asked,
        };
        session.backends().await
    }

    fn known<T>(&self, look: impl FnOnce(&mut HashMap<String, Known>) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The rows, and the schema that they were found in when it had to be named; `None` without a version table.
type Rows = Option<(Option<String>, Vec<RevisionId>)>;

/// The questions of one reading.
struct Session<'a> {
    clients: &'a Clients,
    client: SqlInstancesService,
    question: Question<'a>,
    asked: Asked,
}

impl Session<'_> {
    /// A versioned database needs the one question, an unversioned one the other; both are asked
    /// of a database that is not known yet, side by side.
    async fn read(&self, known: Option<Known>) -> Result<(Rows, Option<Catalogue>), Failure> {
        let (rows, tables) = match known {
            Some(Known::Versioned(schema)) => (self.rows(schema.as_deref()).await?, None),
            Some(Known::Unversioned) => {
                let tables = self.tables().await?;
                (None, Some(tables))
            }
            None => {
                let (rows, tables) = futures::join!(self.rows(None), self.tables());
                (rows?, tables.ok())
            }
        };
        if rows.as_ref().is_some_and(|(_, rows)| !rows.is_empty()) {
            return Ok((rows, None));
        }
        let tables = match tables {
            Some(tables) => tables,
            None => self.tables().await?,
        };
        let rows = match rows {
            None if tables.has_version_table() => self.rows_elsewhere(&tables).await?,
            rows => rows,
        };
        let needed = rows.as_ref().is_none_or(|(_, rows)| rows.is_empty());
        Ok((rows, needed.then_some(tables)))
    }

    /// The search path first, then the one schema that has a version table.
    async fn rows_elsewhere(&self, tables: &Catalogue) -> Result<Rows, Failure> {
        match self.rows(None).await? {
            None => match tables.version_schema() {
                Ok(schema) => self.rows(Some(schema)).await,
                Err(failure) => Err(failure),
            },
            rows => Ok(rows),
        }
    }

    async fn rows(&self, schema: Option<&str>) -> Result<Rows, Failure> {
        let call = self.question.versions(&self.client, schema);
        let answer = self.clients.ask(&self.asked, call).await;
        let answer = answer.map_err(|failure| self.without_data_api(failure))?;
        match data_api::versions(&answer) {
            Ok(rows) => Ok(Some((schema.map(str::to_owned), rows))),
            Err(Refused::NoVersionTable) => Ok(None),
            Err(refused) => Err(data_api::refused(&self.question, refused)),
        }
    }

    async fn tables(&self) -> Result<Catalogue, Failure> {
        let call = self.question.tables(&self.client);
        let answer = self.clients.ask(&self.asked, call).await;
        let answer = answer.map_err(|failure| self.without_data_api(failure))?;
        data_api::tables(&answer).map_err(|refused| data_api::refused(&self.question, refused))
    }

    async fn backends(&self) -> Result<Vec<Backend>, Failure> {
        let call = self.question.backends(&self.client);
        let answer = self.clients.ask(&self.asked, call).await;
        let answer = answer.map_err(|failure| self.without_data_api(failure))?;
        data_api::backends(&answer).map_err(|refused| data_api::refused(&self.question, refused))
    }

    /// A state that does not allow it means one of two things here.
    fn without_data_api(&self, failure: Failure) -> Failure {
        if failure.kind != FailureKind::Stale {
            return failure;
        }
        Failure::new(
            FailureKind::Denied,
            format!(
                "instance {} is stopped, or does not let the Data API run SQL",
                self.question.instance
            ),
            "start it, or use another probe; whoever owns it decides on data_api_access: it opens the \
             instance to signed-in users from everywhere",
        )
    }
}
