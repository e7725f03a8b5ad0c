//! `secrets`: Secret Manager, without payloads.

use serde_json::json;

use crate::domain::act::SecretVerb;
use crate::domain::environment::Environment;
use crate::domain::failure::Failure;
use crate::domain::secret::SecretVersions;
use crate::ops;

use super::arguments::{SecretChange, Secrets};
use super::output::table;
use super::{Context, gating, wire};

/// Runs a verb of `secrets`.
pub(super) async fn secrets(context: &Context, command: Secrets) -> Result<u8, Failure> {
    match command {
        Secrets::List { environment } => list(context, environment.as_deref()).await,
        Secrets::Versions { name, environment } => {
            versions(context, &name, environment.as_deref()).await
        }
        Secrets::Enable(arguments) => change(context, &arguments, SecretVerb::Enable).await,
        Secrets::Disable(arguments) => change(context, &arguments, SecretVerb::Disable).await,
    }
}

async fn list(context: &Context, environment: Option<&str>) -> Result<u8, Failure> {
    let secrets = context
        .world
        .secrets
        .list(project(context, environment)?)
        .await?;
    let document = json!({ "secrets": secrets });
    context.output.answer(&document, || {
        let rows: Vec<_> = secrets
            .iter()
            .map(|s| {
                vec![
                    s.name.clone(),
                    s.created_at.map(|t| t.to_string()).unwrap_or_default(),
                ]
            })
            .collect();
        table(&["SECRET", "CREATED"], &rows)
    })?;
    Ok(0)
}

async fn versions(context: &Context, name: &str, environment: Option<&str>) -> Result<u8, Failure> {
    let project = match owner(context, name, environment) {
        Ok(environment) => environment.project.as_str(),
        Err(_) => project(context, environment)?,
    };
    let versions = context.world.secrets.versions(project, name).await?;
    context
        .output
        .answer(&wire::versions(&versions), || text(&versions))?;
    Ok(0)
}

fn text(versions: &SecretVersions) -> String {
    let latest = versions.latest().map(|v| v.version);
    let rows: Vec<_> = versions
        .versions
        .iter()
        .map(|v| {
            let mark = if Some(v.version) == latest {
                "latest"
            } else {
                ""
            };
            vec![
                v.version.to_string(),
                v.state.word().to_owned(),
                v.created_at.to_string(),
                mark.to_owned(),
            ]
        })
        .collect();
    table(&["VERSION", "STATE", "CREATED", ""], &rows)
}

async fn change(
    context: &Context,
    arguments: &SecretChange,
    verb: SecretVerb,
) -> Result<u8, Failure> {
    let environment = owner(context, &arguments.name, arguments.environment.as_deref())?;
    let policies = &context.settings.policies;
    let (change, gate) = ops::secrets::prepare(
        &context.world,
        policies,
        environment,
        &arguments.name,
        &arguments.version,
        verb,
    )
    .await?;
    let version = ops::secrets::change(
        &context.world,
        change,
        &gate,
        gating::answer(&arguments.gate),
    )
    .await?;
    let document = json!({
        "secret": arguments.name,
        "version": version.version.0.to_string(),
        "state": version.state,
    });
    context.output.answer(&document, || {
        format!(
            "{} {} is {}",
            arguments.name,
            version.version,
            version.state.word()
        )
    })?;
    Ok(0)
}

fn project<'a>(context: &'a Context, environment: Option<&str>) -> Result<&'a str, Failure> {
    match environment {
        Some(name) => Ok(&context.settings.environment(name)?.project),
        None => Ok(&context.settings.project),
    }
}

/// The environment that a secret belongs to: the one named, else the most dangerous
/// one that uses it, so that its gate is never too weak.
fn owner<'a>(
    context: &'a Context,
    secret: &str,
    given: Option<&str>,
) -> Result<&'a Environment, Failure> {
    let users = context.settings.users_of_secret(secret);
    let environments = context.settings.environments.iter();
    let strictest = environments
        .filter(|e| users.contains(&&e.name))
        .max_by_key(|e| e.tier);
    match strictest {
        Some(environment) => Ok(environment),
        None => gating::environment(&context.settings, given),
    }
}
