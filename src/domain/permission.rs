//! Permissions: which one an act needs on what, who holds it, and the command that grants it.

use serde::{Deserialize, Serialize};

use super::environment::Environment;

/// Something that permissions are held on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A Cloud Run Job.
    Job {
        /// Its project.
        project: String,
        /// Its region.
        region: String,
        /// Its short name.
        job: String,
    },
    /// A secret of Secret Manager.
    Secret {
        /// Its project.
        project: String,
        /// Its short name.
        secret: String,
    },
    /// A whole project.
    Project {
        /// Its id.
        project: String,
    },
}

impl Resource {
    /// The job of an environment.
    pub fn job(environment: &Environment) -> Self {
        Self::Job {
            project: environment.project.clone(),
            region: environment.region.clone(),
            job: environment.job.clone(),
        }
    }

    /// A secret of a project.
    pub fn secret(project: &str, secret: &str) -> Self {
        Self::Secret {
            project: project.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// A project.
    pub fn project(project: &str) -> Self {
        Self::Project {
            project: project.to_owned(),
        }
    }

    /// The project that it is, or is in.
    pub fn in_project(&self) -> &str {
        match self {
            Self::Job { project, .. }
            | Self::Secret { project, .. }
            | Self::Project { project } => project,
        }
    }

    /// Its full name, as Google spells it.
    pub fn name(&self) -> String {
        match self {
            Self::Job {
                project,
                region,
                job,
            } => format!("projects/{project}/locations/{region}/jobs/{job}"),
            Self::Secret { project, secret } => format!("projects/{project}/secrets/{secret}"),
            Self::Project { project } => format!("projects/{project}"),
        }
    }

    /// What it is, for a person.
    pub fn words(&self) -> String {
        match self {
            Self::Job { job, .. } => format!("job {job}"),
            Self::Secret { secret, .. } => format!("secret {secret}"),
            Self::Project { project } => format!("project {project}"),
        }
    }

    /// The command with which somebody who may do so gives a role on it to a member.
    pub fn grant(&self, member: &str, role: &str) -> String {
        let who = format!("--member={member} --role={role}");
        match self {
            Self::Job {
                project,
                region,
                job,
            } => format!(
                "gcloud run jobs add-iam-policy-binding {job} --region {region} --project {project} {who}"
            ),
            Self::Secret { project, secret } => {
                format!("gcloud secrets add-iam-policy-binding {secret} --project {project} {who}")
            }
            Self::Project { project } => {
                format!("gcloud projects add-iam-policy-binding {project} {who}")
            }
        }
    }
}

/// How a policy names an e-mail address; `user:YOU` when it is not known.
pub fn member(email: Option<&str>) -> String {
    match email {
        None | Some("") => "user:YOU".to_owned(),
        Some(email) if email.ends_with(".gserviceaccount.com") => format!("serviceAccount:{email}"),
        Some(email) => format!("user:{email}"),
    }
}

/// What somebody wants to do, as far as permissions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// See jobs, executions, secrets, instances and logs.
    Look,
    /// Read the revision through the Data API.
    Probe,
    /// Read the revision with the database URL of the secret.
    ProbeDirectly,
    /// Start a run.
    Run,
    /// Cancel an execution.
    Cancel,
    /// Take a backup.
    Backup,
    /// Change the state of a secret's version.
    ChangeSecret,
}

impl Deed {
    /// All of them, as a matrix lists them.
    pub const ALL: [Self; 7] = [
        Self::Look,
        Self::Probe,
        Self::ProbeDirectly,
        Self::Run,
        Self::Cancel,
        Self::Backup,
        Self::ChangeSecret,
    ];

    /// What is done, for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::Look => "see an environment",
            Self::Probe => "read the revision by the Data API",
            Self::ProbeDirectly => "read the database URL for the direct probe",
            Self::Run => "start a run",
            Self::Cancel => "cancel an execution",
            Self::Backup => "take a backup",
            Self::ChangeSecret => "change a secret's version",
        }
    }
}

/// On what kind of thing a permission is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The environment's job.
    Job,
    /// The environment's secret.
    Secret,
    /// The environment's project: for what has no policy of its own, or takes the project's.
    Project,
}

impl Place {
    /// The thing itself, in an environment; `None` when the config names none.
    pub fn of(self, environment: &Environment) -> Option<Resource> {
        Some(match self {
            Self::Job => Resource::job(environment),
            Self::Secret => Resource::secret(&environment.project, environment.secret.as_ref()?),
            Self::Project => Resource::project(&environment.project),
        })
    }
}

/// A permission that a deed needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Needed {
    /// For what.
    pub deed: Deed,
    /// The permission.
    pub permission: &'static str,
    /// On what.
    pub on: Place,
    /// The smallest usual role that holds it.
    pub role: &'static str,
}

const fn need(deed: Deed, permission: &'static str, on: Place, role: &'static str) -> Needed {
    Needed {
        deed,
        permission,
        on,
        role,
    }
}

/// Starts a run with arguments and variables of its own, and cancels one.
const EXECUTOR: &str = "roles/run.jobsExecutorWithOverrides";
const SECRET_MANAGER: &str = "roles/secretmanager.secretVersionManager";

/// Every permission that Portcullis needs, by deed.
pub const NEEDED: &[Needed] = &[
    need(Deed::Look, "run.jobs.get", Place::Job, "roles/run.viewer"),
    need(
        Deed::Look,
        "run.executions.get",
        Place::Project,
        "roles/run.viewer",
    ),
    need(
        Deed::Look,
        "run.executions.list",
        Place::Project,
        "roles/run.viewer",
    ),
    need(
        Deed::Look,
        "run.tasks.list",
        Place::Project,
        "roles/run.viewer",
    ),
    need(
        Deed::Look,
        "secretmanager.versions.list",
        Place::Secret,
        "roles/secretmanager.viewer",
    ),
    need(
        Deed::Look,
        "cloudsql.instances.get",
        Place::Project,
        "roles/cloudsql.viewer",
    ),
    need(
        Deed::Look,
        "cloudsql.backupRuns.list",
        Place::Project,
        "roles/cloudsql.viewer",
    ),
    need(
        Deed::Look,
        "logging.logEntries.list",
        Place::Project,
        "roles/logging.viewer",
    ),
    need(
        Deed::Probe,
        "cloudsql.instances.executeSql",
        Place::Project,
        "roles/cloudsql.instanceUser",
    ),
    need(
        Deed::ProbeDirectly,
        "secretmanager.versions.access",
        Place::Secret,
        READER,
    ),
    need(Deed::Run, "run.jobs.run", Place::Job, EXECUTOR),
    need(Deed::Run, "run.jobs.runWithOverrides", Place::Job, EXECUTOR),
    need(
        Deed::Cancel,
        "run.executions.cancel",
        Place::Project,
        EXECUTOR,
    ),
    need(
        Deed::Backup,
        "cloudsql.backupRuns.create",
        Place::Project,
        "roles/cloudsql.editor",
    ),
    need(
        Deed::ChangeSecret,
        "secretmanager.versions.enable",
        Place::Secret,
        SECRET_MANAGER,
    ),
    need(
        Deed::ChangeSecret,
        "secretmanager.versions.disable",
        Place::Secret,
        SECRET_MANAGER,
    ),
    need(
        Deed::ChangeSecret,
        "secretmanager.versions.destroy",
        Place::Secret,
        SECRET_MANAGER,
    ),
];

/// What a deed needs.
pub fn needed(deed: Deed) -> impl Iterator<Item = &'static Needed> {
    NEEDED.iter().filter(move |needed| needed.deed == deed)
}

/// What of it is not among the permissions that are held.
pub fn gaps(deed: Deed, held: &[String]) -> Vec<&'static Needed> {
    let lacks = |n: &&Needed| !held.iter().any(|permission| permission == n.permission);
    needed(deed).filter(lacks).collect()
}

/// The smallest role that reads a secret's payload.
pub const READER: &str = "roles/secretmanager.secretAccessor";

/// One role of a policy, and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The role.
    pub role: String,
    /// Its members, as `user:…`, `serviceAccount:…`, `group:…`.
    pub members: Vec<String>,
    /// Whether a condition decides when it holds.
    pub conditional: bool,
}

/// Who has which role on a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The roles.
    pub bindings: Vec<Binding>,
    /// Of a project: whether a folder or an organisation above it may grant more; `None` when
    /// that could not be seen.
    pub inherits: Option<bool>,
}

/// Whether an account may read a secret's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reads {
    /// It may, by this role.
    Yes(String),
    /// No policy that could grant it does.
    No,
    /// It cannot be told, and why.
    Unknown(String),
}

/// What one policy says; the worst answer is `No`.
fn by_policy(account: &str, policy: &Policy) -> Reads {
    let mut answer = Reads::No;
    for binding in &policy.bindings {
        match (
            role_reads(&binding.role),
            is_member(account, &binding.members),
        ) {
            (Some(false), _) | (_, Some(false)) => {}
            (Some(true), Some(true)) if !binding.conditional => {
                return Reads::Yes(binding.role.clone());
            }
            (_, None) => answer = unsure(&binding.role, "a group or a domain has it"),
            (None, _) => answer = unsure(&binding.role, "what it holds is not known here"),
            (Some(true), Some(true)) => answer = unsure(&binding.role, "under a condition"),
        }
    }
    answer
}

fn unsure(role: &str, why: &str) -> Reads {
    Reads::Unknown(format!("{role} decides: {why}"))
}

/// Whether a role holds `secretmanager.versions.access`; `None` for one that only its definition
/// tells of. Of the basic roles, only the owner's does.
fn role_reads(role: &str) -> Option<bool> {
    const READ: [&str; 3] = [READER, "roles/secretmanager.admin", "roles/owner"];
    const OTHERS: [&str; 9] = [
        "roles/artifactregistry.",
        "roles/cloudsql.",
        "roles/compute.",
        "roles/iam.",
        "roles/logging.",
        "roles/monitoring.",
        "roles/run.",
        "roles/storage.",
        "roles/vpcaccess.",
    ];
    const NEVER: [&str; 6] = [
        "roles/editor",
        "roles/viewer",
        "roles/browser",
        "roles/secretmanager.viewer",
        "roles/secretmanager.secretVersionAdder",
        SECRET_MANAGER,
    ];
    if READ.contains(&role) {
        return Some(true);
    }
    let agent = role.to_ascii_lowercase().contains("serviceagent");
    let other = OTHERS.iter().any(|stem| role.starts_with(stem)) && !agent;
    (NEVER.contains(&role) || other).then_some(false)
}

/// Whether an account is among the members; `None` when only a directory of people tells.
fn is_member(account: &str, members: &[String]) -> Option<bool> {
    let named = |member: &String| {
        member == "allUsers"
            || member == "allAuthenticatedUsers"
            || member
                .strip_prefix("serviceAccount:")
                .is_some_and(|email| email.eq_ignore_ascii_case(account))
    };
    // A principal of a workload identity is no service account; a set of them may hold anything.
    let opaque = |member: &String| {
        ["group:", "domain:", "principalSet:", "projectOwner:"]
            .iter()
            .any(|kind| member.starts_with(kind))
    };
    if members.iter().any(named) {
        return Some(true);
    }
    if members.iter().any(opaque) {
        return None;
    }
    Some(false)
}

/// Whether an account may read a secret, by the policies of the secret and of its project;
/// what cannot be read is a reason, in a few words.
pub fn reads_secret(
    account: &str,
    secret: Result<&Policy, String>,
    project: Result<&Policy, String>,
) -> Reads {
    if account.is_empty() {
        return Reads::Unknown("the job names no service account".to_owned());
    }
    let unread = |why: String| Reads::Unknown(why);
    let inherits = project.as_ref().ok().and_then(|policy| policy.inherits);
    let on_secret = secret.map_or_else(unread, |policy| by_policy(account, policy));
    let on_project = project.map_or_else(unread, |policy| by_policy(account, policy));
    match (on_secret, on_project) {
        (yes @ Reads::Yes(_), _) | (_, yes @ Reads::Yes(_)) => yes,
        (unknown @ Reads::Unknown(_), _) | (_, unknown @ Reads::Unknown(_)) => unknown,
        (Reads::No, Reads::No) if inherits == Some(false) => Reads::No,
        (Reads::No, Reads::No) => Reads::Unknown(
            "neither the secret nor its project grants it; a folder or an organisation may"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests;
