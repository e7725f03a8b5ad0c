//! Cloud SQL's rules.

use async_trait::async_trait;

use super::{
    Refusal, World,
    model::{SqlAnswer, SqlInstance},
    refusal::Code,
    state::State,
};

/// The real databases behind the instances.
#[async_trait]
pub trait Databases: Send + Sync {
    /// Runs SQL in a new session on the database of an environment.
    async fn execute(
        &self,
        environment: &str,
        database: &str,
        sql: &str,
        row_limit: usize,
    ) -> Result<SqlAnswer, Refusal>;

    /// What serves the databases, for the title bar, such as `real Alembic on PostgreSQL 15`.
    fn label(&self) -> String;

    /// Whether they can be asked yet.
    fn ready(&self) -> bool;
}

impl World {
    /// All instances, by name.
    pub fn instances(&self) -> Vec<SqlInstance> {
        let mut found = self.state().instances.clone();
        for instance in &mut found {
            self.apply_conditions(instance);
        }
        found
    }

    /// One instance.
    pub fn instance(&self, name: &str) -> Result<SqlInstance, Refusal> {
        let mut found = find(&self.state(), name).cloned()?;
        self.apply_conditions(&mut found);
        Ok(found)
    }

    /// Changes the settings of an instance, as its owner would.
    pub fn edit_instance(
        &self,
        name: &str,
        edit: impl FnOnce(&mut SqlInstance),
    ) -> Result<SqlInstance, Refusal> {
        self.try_change(|state| {
            let missing = missing(name);
            let etag = state.dice.etag();
            let instance = state.instances.iter_mut().find(|found| found.name == name);
            let instance = instance.ok_or(missing)?;
            edit(instance);
            instance.settings_version += 1;
            instance.etag = etag;
            Ok(instance.clone())
        })
    }

    /// `instances.executeSql`: runs SQL in a new session. The database's own errors are inside of the answer.
    pub async fn execute_sql(
        &self,
        instance: &str,
        database: &str,
        sql: &str,
        row_limit: usize,
    ) -> Result<SqlAnswer, Refusal> {
        let found = self.instance(instance)?;
        if !found.data_api_access {
            return Err(Refusal::precondition(format!(
                "The Data API is not allowed on instance {instance}: data_api_access is not ALLOW_DATA_API."
            )));
        }
        if found.activation_policy == "NEVER" {
            return Err(Refusal::precondition(format!(
                "Instance {instance} is not running."
            )));
        }
        if !found.databases.iter().any(|name| name == database) {
            return Err(Refusal::not_found(format!(
                "Database {database} does not exist on instance {instance}."
            )));
        }
        let Some(databases) = self.databases.get() else {
            return Err(Refusal::new(Code::Unavailable, "The database is starting."));
        };
        databases
            .execute(&found.environment, database, sql, row_limit)
            .await
    }

    /// What serves the databases, for the title bar.
    pub fn backend_label(&self) -> String {
        self.databases
            .get()
            .map_or_else(|| "no backend".to_owned(), |databases| databases.label())
    }

    /// Whether databases can be asked and jobs will find them.
    pub fn is_ready(&self) -> bool {
        self.databases
            .get()
            .is_some_and(|databases| databases.ready())
    }
}

pub(super) fn find<'a>(state: &'a State, name: &str) -> Result<&'a SqlInstance, Refusal> {
    state
        .instances
        .iter()
        .find(|instance| instance.name == name)
        .ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Refusal {
    Refusal::not_found(format!("The Cloud SQL instance does not exist: {name}."))
}
