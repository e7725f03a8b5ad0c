//! Resource Manager v1 and v3, and the lists of places.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    caller::Caller,
    wire::{EnumStyle, Message},
};
use crate::sandbox::world::{Project, Refusal};

/// Which form of the API a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The form with `lifecycleState`.
    V1,
    /// The form with `state`.
    V3,
}

/// Answers a call of `/v1/projects…` or `/v3/projects…` that belongs to no other service.
pub(super) fn answer(
    caller: &Caller<'_>,
    version: Version,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let enums = caller.call.enums;
    match (caller.call.ask(), rest) {
        (("GET", "" | "search"), []) => {
            Ok(json!({ "projects": [project(&caller.project, version, enums)] }))
        }
        (("GET", ""), [id]) => {
            caller.may(
                "resourcemanager.projects.get",
                id,
                &format!("projects/{id}"),
            )?;
            Ok(project(&caller.project, version, enums))
        }
        (("POST", "testIamPermissions"), [id]) => {
            caller.test_permissions(id, &format!("projects/{id}"))
        }
        (("POST", "getIamPolicy"), [id]) => {
            let resource = format!("projects/{id}");
            let owner = [format!("user:{}", caller.world.owner())];
            let asked = (
                "resourcemanager.projects.getIamPolicy",
                *id,
                resource.as_str(),
            );
            caller.policy(asked, ("roles/owner", &owner))
        }
        (("GET", ""), [id, "locations"]) => {
            caller.may("run.locations.list", id, &format!("projects/{id}"))?;
            let region = &caller.project.region;
            let location = json!({
                "name": format!("projects/{id}/locations/{region}"),
                "locationId": region, "displayName": region,
            });
            Ok(json!({ "locations": [location] }))
        }
        _ => Err(caller.call.unknown()),
    }
}

fn project(project: &Project, version: Version, enums: EnumStyle) -> Value {
    let created = "2025-11-03T08:00:00Z".parse::<Timestamp>().ok();
    let active = enums.value(("ACTIVE", 1));
    match version {
        Version::V1 => Message::new()
            .put("projectNumber", project.number.to_string())
            .put("projectId", project.id.as_str())
            .put("lifecycleState", active)
            .put("name", project.display_name.as_str())
            .time("createTime", created)
            .done(),
        Version::V3 => Message::new()
            .put("name", format!("projects/{}", project.number))
            .put("projectId", project.id.as_str())
            .put("state", active)
            .put("displayName", project.display_name.as_str())
            .time("createTime", created)
            .put("etag", "W/\"1\"")
            .done(),
    }
}
