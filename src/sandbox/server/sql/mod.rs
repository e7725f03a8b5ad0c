//! Cloud SQL Admin, v1 and v1beta4: the same resources under two roots.

mod view;

use serde_json::{Value, json};

use view::View;

use super::{
    call::bad_field,
    caller::Caller,
    filter::Filter,
    paging::Page,
    wire::{EnumStyle, Message},
};
use crate::sandbox::world::Refusal;

/// Rows given when the caller names no limit.
const ROWS: usize = 10_000;

/// Answers a call below `/v1/projects/P` or `/sql/v1beta4/projects/P`.
pub(super) async fn answer(
    caller: &Caller<'_>,
    project: &str,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let desk = Desk { caller, project };
    match (caller.call.ask(), rest) {
        (("GET", ""), ["instances"]) => desk.list_instances(),
        (("GET", ""), ["instances", name]) => desk.get_instance(name),
        (("POST", ""), ["instances", name, "executeSql"]) => desk.execute(name).await,
        (("POST", ""), ["instances", name, "restart"]) => desk.restart(name, "RESTART"),
        (("POST", ""), ["instances", name, "failover"]) => desk.restart(name, "FAILOVER"),
        (("GET", ""), ["instances", name, "backupRuns"]) => desk.list_backups(name),
        (("POST", ""), ["instances", name, "backupRuns"]) => desk.insert_backup(name),
        (("GET", ""), ["instances", name, "backupRuns", id]) => desk.get_backup(name, id),
        (("GET", ""), ["instances", name, "databases"]) => desk.list_databases(name),
        (("GET", ""), ["operations"]) => desk.list_operations(),
        (("GET", ""), ["operations", id]) => desk.get_operation(id),
        _ => Err(caller.call.unknown()),
    }
}

/// One call, with the project that its path names.
struct Desk<'a> {
    caller: &'a Caller<'a>,
    project: &'a str,
}

impl Desk<'_> {
    fn view(&self) -> View<'_> {
        View {
            project: &self.caller.project,
            enums: self.caller.call.enums,
        }
    }

    fn may(&self, permission: &str, instance: &str) -> Result<(), Refusal> {
        let resource = format!("projects/{}/instances/{instance}", self.project);
        self.caller
            .may(&format!("cloudsql.{permission}"), self.project, &resource)
    }

    fn list<T>(
        &self,
        kind: &str,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
        write: impl Fn(&T) -> Value,
    ) -> Result<Value, Refusal> {
        let Page { items, next } = self.caller.page(items, key)?;
        let items: Vec<Value> = items.iter().map(write).collect();
        Ok(Message::new()
            .put("kind", kind)
            .put("items", items)
            .put("nextPageToken", next)
            .done())
    }

    fn list_instances(&self) -> Result<Value, Refusal> {
        self.may("instances.list", "")?;
        let filter = Filter::parse(self.caller.call.param("filter").unwrap_or_default())
            .map_err(|error| bad_field("filter", &error.to_string()))?;
        let mut instances = self.caller.world.instances();
        let names = View {
            enums: EnumStyle::Names,
            ..self.view()
        };
        instances.retain(|instance| filter.matches(&names.instance(instance)));
        let key = |instance: &crate::sandbox::world::model::SqlInstance| instance.name.clone();
        self.list("sql#instancesList", instances, key, |found| {
            self.view().instance(found)
        })
    }

    fn get_instance(&self, name: &str) -> Result<Value, Refusal> {
        self.may("instances.get", name)?;
        Ok(self.view().instance(&self.caller.world.instance(name)?))
    }

    async fn execute(&self, name: &str) -> Result<Value, Refusal> {
        self.may("instances.executeSql", name)?;
        let call = self.caller.call;
        let statement = call.text("/sqlStatement");
        let statement = statement.ok_or_else(|| bad_field("sql_statement", "is required"))?;
        let limit = call
            .body
            .get("rowLimit")
            .and_then(|limit| limit.as_u64().or_else(|| limit.as_str()?.parse().ok()));
        let limit = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| *limit > 0);
        let database = call.text("/database").unwrap_or("postgres");
        let world = self.caller.world;
        let answer = world
            .execute_sql(name, database, statement, limit.unwrap_or(ROWS))
            .await?;
        Ok(view::answer(&answer))
    }

    fn list_backups(&self, name: &str) -> Result<Value, Refusal> {
        self.may("backupRuns.list", name)?;
        let backups = self.caller.world.backups(name)?;
        self.list(
            "sql#backupRunsList",
            backups,
            |b| b.id.to_string(),
            |b| self.view().backup(b),
        )
    }

    fn get_backup(&self, name: &str, id: &str) -> Result<Value, Refusal> {
        self.may("backupRuns.get", name)?;
        let backups = self.caller.world.backups(name)?;
        let found = backups.iter().find(|backup| backup.id.to_string() == id);
        let missing = || Refusal::not_found("The Cloud SQL backup run does not exist.");
        found
            .map(|backup| self.view().backup(backup))
            .ok_or_else(missing)
    }

    fn insert_backup(&self, name: &str) -> Result<Value, Refusal> {
        self.may("backupRuns.create", name)?;
        let description = self.caller.call.text("/description").unwrap_or_default();
        let operation = self
            .caller
            .world
            .insert_backup(name, description, &self.caller.who)?;
        Ok(self.view().operation(&operation))
    }

    fn restart(&self, name: &str, kind: &str) -> Result<Value, Refusal> {
        self.may(&format!("instances.{}", kind.to_lowercase()), name)?;
        let who = &self.caller.who;
        let operation = self.caller.world.restart_instance(name, kind, who)?;
        Ok(self.view().operation(&operation))
    }

    fn list_databases(&self, name: &str) -> Result<Value, Refusal> {
        self.may("databases.list", name)?;
        let instance = self.caller.world.instance(name)?;
        let items: Vec<Value> = instance
            .databases
            .iter()
            .map(|database| {
                json!({
                    "kind": "sql#database", "name": database, "instance": name,
                    "project": self.caller.project.id, "charset": "UTF8", "collation": "en_US.UTF8",
                })
            })
            .collect();
        Ok(json!({ "kind": "sql#databasesList", "items": items }))
    }

    fn list_operations(&self) -> Result<Value, Refusal> {
        let instance = self.caller.call.param("instance");
        self.may("instances.get", instance.unwrap_or_default())?;
        let operations = self.caller.world.sql_operations(instance);
        self.list(
            "sql#operationsList",
            operations,
            |operation| operation.id.clone(),
            |operation| self.view().operation(operation),
        )
    }

    fn get_operation(&self, id: &str) -> Result<Value, Refusal> {
        self.may("instances.get", "")?;
        Ok(self.view().operation(&self.caller.world.sql_operation(id)?))
    }
}
