//! What `jobs.run` and `jobs.patch` carry in their bodies, in both dialects of the API.

use std::time::Duration;

use serde_json::Value;

use super::super::{call::bad_field, wire::parse_duration};
use crate::sandbox::world::{
    Refusal,
    model::{EnvSource, EnvVar, Overrides, RunRequest, Template},
};

/// Which form of the API a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox::server) enum Dialect {
    /// `timeout: "900s"`, `valueSource`.
    V2,
    /// `timeoutSeconds: 900`, `valueFrom`.
    Knative,
}

/// Reads the body of `jobs.run`.
pub(in crate::sandbox::server) fn run_request(
    body: &Value,
    dialect: Dialect,
) -> Result<RunRequest, Refusal> {
    let etag = body.get("etag").and_then(Value::as_str).map(str::to_owned);
    let validate_only = body.get("validateOnly") == Some(&Value::Bool(true));
    let overrides = body.get("overrides").unwrap_or(&Value::Null);
    Ok(RunRequest {
        etag,
        validate_only,
        overrides: read_overrides(overrides, dialect)?,
    })
}

fn read_overrides(from: &Value, dialect: Dialect) -> Result<Overrides, Refusal> {
    let containers = from.get("containerOverrides").and_then(Value::as_array);
    let containers = containers.map_or(&[][..], Vec::as_slice);
    if containers.len() > 1 {
        return Err(bad_field(
            "overrides.container_overrides",
            "the job has only one container",
        ));
    }
    let container = containers.first().unwrap_or(&Value::Null);
    let env = container.get("env").and_then(Value::as_array);
    let env = env.map_or(&[][..], Vec::as_slice);
    let overrides = Overrides {
        args: texts(
            container.get("args"),
            "overrides.container_overrides[0].args",
        )?,
        clear_args: container.get("clearArgs") == Some(&Value::Bool(true)),
        env: env
            .iter()
            .map(|variable| read_variable(variable, dialect))
            .collect::<Result<_, _>>()?,
        task_count: count(from.get("taskCount"), "overrides.task_count")?,
        timeout: timeout(from, dialect)?,
    };
    if overrides.clear_args && !overrides.args.is_empty() {
        return Err(bad_field(
            "overrides.container_overrides[0].clear_args",
            "args must be empty when clear_args is set",
        ));
    }
    Ok(overrides)
}

fn read_variable(from: &Value, dialect: Dialect) -> Result<EnvVar, Refusal> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text(from, "name")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| bad_field("overrides.container_overrides[0].env[].name", "is required"))?;
    let (source, secret, version) = match dialect {
        Dialect::V2 => ("/valueSource/secretKeyRef", "secret", "version"),
        Dialect::Knative => ("/valueFrom/secretKeyRef", "name", "key"),
    };
    let source = match from.pointer(source) {
        Some(reference) => EnvSource::Secret {
            secret: text(reference, secret).unwrap_or_default(),
            version: text(reference, version).unwrap_or_else(|| "latest".to_owned()),
        },
        None => EnvSource::Value(text(from, "value").unwrap_or_default()),
    };
    Ok(EnvVar { name, source })
}

fn texts(from: Option<&Value>, field: &str) -> Result<Vec<String>, Refusal> {
    let Some(items) = from.and_then(Value::as_array) else {
        return Ok(Vec::new());
    };
    let text = |item: &Value| {
        item.as_str()
            .map(str::to_owned)
            .ok_or_else(|| bad_field(field, "must hold texts"))
    };
    items.iter().map(text).collect()
}

/// 0 and nothing mean "as the job has it".
fn count(from: Option<&Value>, field: &str) -> Result<Option<u32>, Refusal> {
    let Some(from) = from.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = from.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.ok_or_else(|| bad_field(field, "must be a number that is not negative"))?;
    Ok((number > 0).then_some(number))
}

fn timeout(from: &Value, dialect: Dialect) -> Result<Option<Duration>, Refusal> {
    let bad = || bad_field("overrides.timeout", "must be a duration such as 900s");
    match (dialect, from.get("timeout"), from.get("timeoutSeconds")) {
        (Dialect::V2, Some(Value::String(text)), _) => {
            parse_duration(text).map(Some).ok_or_else(bad)
        }
        (Dialect::Knative, _, Some(seconds)) => {
            let seconds = seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok());
            let seconds = seconds.ok_or_else(bad)?;
            Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
        }
        (Dialect::V2, Some(other), _) if !other.is_null() => Err(bad()),
        _ => Ok(None),
    }
}

/// What a patch changes; absent parts stay.
#[derive(Debug, Default)]
pub(super) struct TemplateEdits {
    max_retries: Option<u32>,
    task_count: Option<u32>,
    timeout: Option<Duration>,
    image: Option<String>,
    args: Option<Vec<String>>,
}

/// Reads the body of `jobs.patch`.
pub(super) fn template_edits(body: &Value) -> Result<TemplateEdits, Refusal> {
    let template = body.pointer("/template/template").unwrap_or(&Value::Null);
    let container = template.pointer("/containers/0").unwrap_or(&Value::Null);
    let retries = template.get("maxRetries").map(|retries| {
        let number = retries
            .as_u64()
            .and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| *number <= 10)
            .ok_or_else(|| bad_field("template.template.max_retries", "must be between 0 and 10"))
    });
    let args = container
        .get("args")
        .map(|args| texts(Some(args), "template.template.containers[0].args"));
    Ok(TemplateEdits {
        max_retries: retries.transpose()?,
        task_count: count(body.pointer("/template/taskCount"), "template.task_count")?,
        timeout: timeout(template, Dialect::V2)?,
        image: container
            .get("image")
            .and_then(Value::as_str)
            .map(str::to_owned),
        args: args.transpose()?,
    })
}

impl TemplateEdits {
    /// Changes the template.
    pub(super) fn apply(self, template: &mut Template) {
        template.max_retries = self.max_retries.unwrap_or(template.max_retries);
        template.task_count = self.task_count.unwrap_or(template.task_count);
        template.timeout = self.timeout.unwrap_or(template.timeout);
        if let Some(image) = self.image {
            template.image = image;
        }
        if let Some(args) = self.args {
            template.args = args;
        }
    }
}
