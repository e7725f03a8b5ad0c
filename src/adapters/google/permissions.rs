//! Permissions through the official clients: each service answers for its own resources.

use std::sync::Arc;

use async_trait::async_trait;
use google_cloud_gax::options::RequestOptionsBuilder as _;
use google_cloud_iam_v1::model::{GetPolicyOptions, Policy as WirePolicy};

use super::clients::Clients;
use super::failure::Asked;
use crate::domain::failure::Failure;
use crate::domain::permission::{Binding, Policy, Resource};
use crate::ports::permissions::Permissions;

/// The version that shows conditions; an older one hides that there are any.
const WITH_CONDITIONS: i32 = 3;

/// Identity and Access Management.
pub(super) struct Iam {
    clients: Arc<Clients>,
}

impl Iam {
    pub(super) fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// Whether something stands above a project; `None` when the caller may not see it.
    async fn inherits(&self, project: &str) -> Option<bool> {
        let client = self.clients.projects().await.ok()?;
        let resource = Resource::project(project);
        let asked = asked(&resource, "reading", "resourcemanager.projects.get");
        let call = client.get_project().set_name(resource.name()).send();
        let found = self.clients.ask(&asked, call).await.ok()?;
        Some(!found.parent.is_empty())
    }
}

#[async_trait]
impl Permissions for Iam {
    async fn held(
        &self,
        resource: &Resource,
        permissions: &[&str],
    ) -> Result<Vec<String>, Failure> {
        let asked = asked(resource, "asking for the permissions on", "");
        let wanted = permissions
            .iter()
            .map(|permission| (*permission).to_owned());
        // It is a question, so that it may be asked again although it is a POST.
        macro_rules! ask {
            ($client:expr) => {
                $client
                    .test_iam_permissions()
                    .set_resource(resource.name())
                    .set_permissions(wanted)
                    .with_idempotency(true)
                    .send()
            };
        }
        let answer = match resource {
            Resource::Job { .. } => {
                let client = self.clients.jobs().await?;
                self.clients.ask(&asked, ask!(client)).await
            }
            Resource::Secret { .. } => {
                let client = self.clients.secrets().await?;
                self.clients.ask(&asked, ask!(client)).await
            }
            Resource::Project { .. } => {
                let client = self.clients.projects().await?;
                self.clients.ask(&asked, ask!(client)).await
            }
        };
        Ok(answer?.permissions)
    }

    async fn policy(&self, resource: &Resource) -> Result<Policy, Failure> {
        let options = || GetPolicyOptions::new().set_requested_policy_version(WITH_CONDITIONS);
        macro_rules! ask {
            ($client:expr) => {
                $client
                    .get_iam_policy()
                    .set_resource(resource.name())
                    .set_options(options())
                    .with_idempotency(true)
                    .send()
            };
        }
        match resource {
            Resource::Job { .. } => {
                let asked = asked(resource, "reading the policy of", "run.jobs.getIamPolicy");
                let client = self.clients.jobs().await?;
                let wire = self.clients.ask(&asked, ask!(client)).await?;
                Ok(policy(wire, None))
            }
            Resource::Secret { .. } => {
                let permission = "secretmanager.secrets.getIamPolicy";
                let asked = asked(resource, "reading the policy of", permission);
                let client = self.clients.secrets().await?;
                let wire = self.clients.ask(&asked, ask!(client)).await?;
                Ok(policy(wire, None))
            }
            Resource::Project { project } => {
                let permission = "resourcemanager.projects.getIamPolicy";
                let asked = asked(resource, "reading the policy of", permission);
                let client = self.clients.projects().await?;
                let (wire, inherits) = futures::join!(
                    self.clients.ask(&asked, ask!(client)),
                    self.inherits(project)
                );
                Ok(policy(wire?, inherits))
            }
        }
    }
}

fn policy(wire: WirePolicy, inherits: Option<bool>) -> Policy {
    let bindings = wire.bindings.into_iter().map(|binding| Binding {
        role: binding.role,
        members: binding.members,
        conditional: binding.condition.is_some(),
    });
    Policy {
        bindings: bindings.collect(),
        inherits,
    }
}

fn asked(resource: &Resource, doing: &str, permission: &'static str) -> Asked {
    let api = match resource {
        Resource::Job { .. } => "run.googleapis.com",
        Resource::Secret { .. } => "secretmanager.googleapis.com",
        Resource::Project { .. } => "cloudresourcemanager.googleapis.com",
    };
    let project = resource.in_project();
    Asked {
        doing: format!("{doing} {}", resource.words()),
        permission,
        role: "roles/iam.securityReviewer",
        project: project.to_owned(),
        api,
        missing: format!(
            "check project, job and secret in the config; gcloud projects describe {project}"
        ),
    }
}
