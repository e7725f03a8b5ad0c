//! Who calls and what they ask, beside the world that is to answer.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    call::{Call, bad_field},
    paging::{self, Page},
    wire::Message,
};
use crate::sandbox::world::{Principal, Project, Refusal, World};

/// A call from somebody who is signed in.
pub(super) struct Caller<'a> {
    pub(super) world: &'a Arc<World>,
    pub(super) call: &'a Call,
    pub(super) who: Principal,
    pub(super) project: Project,
}

impl<'a> Caller<'a> {
    /// Finds out who calls; without a valid token nobody does.
    pub(super) fn identify(world: &'a Arc<World>, call: &'a Call) -> Result<Self, Refusal> {
        let token = call.token.as_deref().ok_or_else(credentials_missing)?;
        let who = world.principal(Some(token))?;
        Ok(Self {
            world,
            call,
            who,
            project: world.project(),
        })
    }

    /// Refuses when the caller lacks the permission, or when the project is not this world's:
    /// Google does not tell the two apart.
    pub(super) fn may(
        &self,
        permission: &str,
        project: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        if !self.is_here(project) {
            return Err(Refusal::denied(permission, &format!("projects/{project}")));
        }
        self.world.authorize(&self.who, permission, resource)
    }

    /// Is this the id or the number of the one project?
    pub(super) fn is_here(&self, project: &str) -> bool {
        project == self.project.id || project == self.project.number.to_string()
    }

    /// `testIamPermissions`: those of the asked permissions that the caller has.
    pub(super) fn test_permissions(&self, project: &str, resource: &str) -> Result<Value, Refusal> {
        if !self.is_here(project) {
            return Err(Refusal::denied(
                "resourcemanager.projects.get",
                &format!("projects/{project}"),
            ));
        }
        let asked = self.call.body.get("permissions").and_then(Value::as_array);
        let asked: Vec<String> = asked
            .ok_or_else(|| bad_field("permissions", "must not be empty"))?
            .iter()
            .filter_map(|permission| permission.as_str().map(str::to_owned))
            .collect();
        if let Some(wildcard) = asked.iter().find(|permission| permission.contains('*')) {
            return Err(bad_field(
                "permissions",
                &format!("{wildcard} is not a permission"),
            ));
        }
        let granted = self.world.granted(&self.who, &asked, resource);
        Ok(if granted.is_empty() {
            json!({})
        } else {
            json!({ "permissions": granted })
        })
    }

    /// `getIamPolicy`: who has which role on a resource.
    pub(super) fn policy(
        &self,
        (permission, project, resource): (&str, &str, &str),
        (role, members): (&str, &[String]),
    ) -> Result<Value, Refusal> {
        self.may(permission, project, resource)?;
        let bindings = if members.is_empty() {
            Vec::new()
        } else {
            vec![json!({ "role": role, "members": members })]
        };
        let policy = Message::new().put("version", 1).put("etag", "BwYSandboxY=");
        Ok(policy.put("bindings", bindings).done())
    }

    /// The page of a list that the query asks for.
    pub(super) fn page<T>(
        &self,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Refusal> {
        // Cloud SQL says `maxResults`, Knative `limit` and `continue`.
        let call = self.call;
        let asked = call
            .param("pageSize")
            .or(call.param("maxResults"))
            .or(call.param("limit"));
        let token = call.param("pageToken").or(call.param("continue"));
        paging::page(items, paging::size(asked, 100)?, token, key)
    }
}

fn credentials_missing() -> Refusal {
    Refusal::new(
        crate::sandbox::world::Code::Unauthenticated,
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other \
         valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )
    .with(json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "CREDENTIALS_MISSING",
        "domain": "googleapis.com",
    }))
}
