//! Secret Manager v1.

mod view;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use view::View;

use super::{
    call::bad_field,
    caller::Caller,
    filter::Filter,
    paging::Page,
    wire::{EnumStyle, Message},
};
use crate::sandbox::world::{
    Refusal, World,
    audit::Act,
    model::{Payload, SecretVersion},
};

/// A change of the state of a version.
type Change = fn(&World, &str, &str, Option<&str>) -> Result<SecretVersion, Refusal>;

/// The largest payload that Secret Manager takes.
const LARGEST_PAYLOAD: usize = 64 * 1024;

/// Answers a call below `/v1/projects/P/secrets`.
pub(super) fn answer(caller: &Caller<'_>, project: &str, rest: &[&str]) -> Result<Value, Refusal> {
    let desk = Desk { caller, project };
    match (caller.call.ask(), rest) {
        (("GET", ""), []) => desk.list(),
        (("GET", ""), [secret]) => desk.get(secret),
        (("POST", "addVersion"), [secret]) => desk.add_version(secret),
        (("POST", "testIamPermissions"), [secret]) => {
            caller.test_permissions(project, &desk.name(secret))
        }
        (("GET", "getIamPolicy"), [secret]) => desk.policy(secret),
        (("GET", ""), [secret, "versions"]) => desk.list_versions(secret),
        (("GET", ""), [secret, "versions", version]) => desk.get_version(secret, version),
        (("GET", "access"), [secret, "versions", version]) => desk.access(secret, version),
        (("POST", verb @ ("enable" | "disable" | "destroy")), [secret, "versions", version]) => {
            desk.change_version(verb, secret, version)
        }
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

    fn name(&self, secret: &str) -> String {
        format!("projects/{}/secrets/{secret}", self.project)
    }

    fn may(&self, permission: &str, resource: &str) -> Result<(), Refusal> {
        self.caller.may(
            &format!("secretmanager.{permission}"),
            self.project,
            resource,
        )
    }

    /// The records are filtered in their names form, whatever the caller wants to see.
    fn filter(&self) -> Result<Filter, Refusal> {
        let text = self.caller.call.param("filter").unwrap_or_default();
        Filter::parse(text).map_err(|error| bad_field("filter", &error.to_string()))
    }

    fn list(&self) -> Result<Value, Refusal> {
        self.may("secrets.list", &format!("projects/{}", self.project))?;
        let filter = self.filter()?;
        let mut secrets = self.caller.world.secrets();
        secrets.retain(|secret| filter.matches(&self.view().secret(secret)));
        let total = secrets.len();
        let Page { items, next } = self.caller.page(secrets, |secret| secret.id.clone())?;
        let items: Vec<Value> = items
            .iter()
            .map(|secret| self.view().secret(secret))
            .collect();
        let list = Message::new()
            .put("secrets", items)
            .put("nextPageToken", next);
        Ok(list.put("totalSize", total).done())
    }

    fn get(&self, secret: &str) -> Result<Value, Refusal> {
        self.may("secrets.get", &self.name(secret))?;
        Ok(self.view().secret(&self.caller.world.secret(secret)?))
    }

    fn policy(&self, id: &str) -> Result<Value, Refusal> {
        let world = self.caller.world;
        let name = self.name(id);
        let asked = (
            "secretmanager.secrets.getIamPolicy",
            self.project,
            name.as_str(),
        );
        let account = |email: String| format!("serviceAccount:{email}");
        let readers: Vec<_> = world.readers(id).into_iter().map(account).collect();
        let policy = self
            .caller
            .policy(asked, ("roles/secretmanager.secretAccessor", &readers))?;
        world.secret(id)?;
        Ok(policy)
    }

    fn list_versions(&self, id: &str) -> Result<Value, Refusal> {
        self.may("versions.list", &self.name(id))?;
        let filter = self.filter()?;
        let mut secret = self.caller.world.secret(id)?;
        let mut versions = std::mem::take(&mut secret.versions);
        versions.reverse();
        let names = View {
            enums: EnumStyle::Names,
            ..self.view()
        };
        versions.retain(|version| filter.matches(&names.version(&secret, version)));
        let total = versions.len();
        let Page { items, next } = self
            .caller
            .page(versions, |version| version.number.to_string())?;
        let items: Vec<Value> = items
            .iter()
            .map(|v| self.view().version(&secret, v))
            .collect();
        let list = Message::new()
            .put("versions", items)
            .put("nextPageToken", next);
        Ok(list.put("totalSize", total).done())
    }

    fn get_version(&self, id: &str, version: &str) -> Result<Value, Refusal> {
        self.may(
            "versions.get",
            &format!("{}/versions/{version}", self.name(id)),
        )?;
        let found = self.caller.world.secret_version(id, version)?;
        self.version_value(id, &found)
    }

    fn version_value(&self, id: &str, version: &SecretVersion) -> Result<Value, Refusal> {
        Ok(self.view().version(&self.caller.world.secret(id)?, version))
    }

    fn access(&self, id: &str, version: &str) -> Result<Value, Refusal> {
        self.may(
            "versions.access",
            &format!("{}/versions/{version}", self.name(id)),
        )?;
        let found = self.caller.world.access_secret(id, version)?;
        Ok(json!({
            "name": self.view().version_name(id, found.number),
            "payload": {
                "data": STANDARD.encode(found.payload.expose()),
                "dataCrc32c": found.payload.crc32c().to_string(),
            },
        }))
    }

    fn add_version(&self, id: &str) -> Result<Value, Refusal> {
        self.may("versions.add", &self.name(id))?;
        let data = self.caller.call.text("/payload/data").unwrap_or_default();
        let data = STANDARD
            .decode(data)
            .map_err(|_| bad_field("payload.data", "Base64 decoding failed"))?;
        if data.is_empty() || data.len() > LARGEST_PAYLOAD {
            return Err(bad_field(
                "payload.data",
                "must hold between 1 and 65536 bytes",
            ));
        }
        let checksum = checksum(self.caller.call.body.pointer("/payload/dataCrc32c"))?;
        let added = self
            .caller
            .world
            .add_secret_version(id, Payload::new(data), checksum)?;
        self.record("AddSecretVersion", &self.name(id));
        self.version_value(id, &added)
    }

    /// What an administrator does is in the activity log.
    fn record(&self, method: &str, resource: &str) {
        self.caller.world.record_act(&Act {
            who: &self.caller.who.email,
            service: "secretmanager.googleapis.com",
            method: &format!("google.cloud.secretmanager.v1.SecretManagerService.{method}"),
            resource,
        });
    }

    fn change_version(&self, verb: &str, id: &str, version: &str) -> Result<Value, Refusal> {
        self.may(
            &format!("versions.{verb}"),
            &format!("{}/versions/{version}", self.name(id)),
        )?;
        let (change, method): (Change, _) = match verb {
            "enable" => (World::enable_secret_version, "EnableSecretVersion"),
            "disable" => (World::disable_secret_version, "DisableSecretVersion"),
            _ => (World::destroy_secret_version, "DestroySecretVersion"),
        };
        let changed = change(
            self.caller.world,
            id,
            version,
            self.caller.call.text("/etag"),
        )?;
        self.record(method, &self.view().version_name(id, changed.number));
        self.version_value(id, &changed)
    }
}

/// A 64-bit number is a text in JSON, but a plain number is accepted.
fn checksum(from: Option<&Value>) -> Result<Option<i64>, Refusal> {
    let Some(from) = from.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = from.as_i64().or_else(|| from.as_str()?.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| bad_field("payload.data_crc32c", "must be a number"))
}
