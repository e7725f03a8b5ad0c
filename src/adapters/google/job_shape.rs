//! Job definitions, from the wire.

use google_cloud_run_v2::model;
use google_cloud_run_v2::model::env_var::Values;
use google_cloud_run_v2::model::task_template::Retries;
use google_cloud_run_v2::model::volume::VolumeType;
use google_cloud_run_v2::model::vpc_access::VpcEgress;
use jiff::SignedDuration;

use super::wire::{count, short, span, time};
use crate::domain::execution::ExecutionName;
use crate::domain::job::{Egress, EnvBinding, EnvValue, Job, VpcTraffic};
use crate::domain::text::RemoteText;

/// What the platform does when the definition does not say.
const DEFAULT_RETRIES: u32 = 3;
const DEFAULT_TIMEOUT: SignedDuration = SignedDuration::from_mins(10);

/// A job as we know it.
pub(super) fn job(wire: &model::Job) -> Job {
    let execution = wire.template.clone().unwrap_or_default();
    let task = execution.template.unwrap_or_default();
    let container = task.containers.first().cloned().unwrap_or_default();
    Job {
        name: short(&wire.name).to_owned(),
        etag: wire.etag.clone(),
        image: RemoteText::new(container.image),
        command: container.command.into_iter().map(RemoteText::new).collect(),
        args: container.args.into_iter().map(RemoteText::new).collect(),
        env: container.env.into_iter().map(binding).collect(),
        max_retries: retries(task.retries.as_ref()),
        task_count: count(execution.task_count).max(1),
        parallelism: count(execution.parallelism),
        timeout: task.timeout.as_ref().map_or(DEFAULT_TIMEOUT, span),
        service_account: task.service_account,
        egress: egress(task.vpc_access.as_ref()),
        cloud_sql_instances: task.volumes.into_iter().flat_map(mounted).collect(),
        updated_at: time(wire.update_time.as_ref()),
        latest_execution: wire
            .latest_created_execution
            .as_ref()
            .filter(|latest| !latest.name.is_empty())
            .map(|latest| ExecutionName::new(short(&latest.name))),
    }
}

fn retries(wire: Option<&Retries>) -> u32 {
    match wire {
        Some(Retries::MaxRetries(number)) => count(*number),
        _ => DEFAULT_RETRIES,
    }
}

/// Where a value comes from; a literal one is dropped, it may be a secret.
fn binding(wire: model::EnvVar) -> EnvBinding {
    let value = match wire.values {
        Some(Values::ValueSource(source)) => match source.secret_key_ref {
            Some(key) => EnvValue::Secret {
                secret: short(&key.secret).to_owned(),
                version: if key.version.is_empty() {
                    "latest".to_owned()
                } else {
                    key.version
                },
            },
            None => EnvValue::Literal,
        },
        _ => EnvValue::Literal,
    };
    EnvBinding {
        name: wire.name,
        value,
    }
}

fn egress(wire: Option<&model::VpcAccess>) -> Egress {
    let Some(access) = wire else {
        return Egress::None;
    };
    let traffic = match access.egress {
        VpcEgress::AllTraffic => VpcTraffic::AllTraffic,
        _ => VpcTraffic::PrivateRangesOnly,
    };
    if !access.connector.is_empty() {
        return Egress::Connector {
            connector: access.connector.clone(),
            traffic,
        };
    }
    let Some(interface) = access.network_interfaces.first() else {
        return Egress::None;
    };
    let parts = [interface.network.as_str(), interface.subnetwork.as_str()];
    let named: Vec<_> = parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(short)
        .collect();
    Egress::Direct {
        network: named.join("/"),
        traffic,
    }
}

fn mounted(wire: model::Volume) -> Vec<String> {
    match wire.volume_type {
        Some(VolumeType::CloudSqlInstance(sql)) => sql.instances,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(task: Value) -> Job {
        let wire = json!({
            "name": "projects/p/locations/l/jobs/migrations",
            "etag": "\"1\"",
            "template": {"template": task},
            "latestCreatedExecution": {"name": "migrations-abc"},
        });
        job(&serde_json::from_value(wire).unwrap())
    }

    #[test]
    fn the_platforms_defaults_are_filled_in() {
        let job = read(json!({"containers": [{"image": "img:latest"}]}));
        assert_eq!((job.max_retries, job.task_count), (3, 1));
        assert_eq!(job.timeout, SignedDuration::from_secs(600));
        assert_eq!(job.egress, Egress::None);
        assert_eq!(
            job.latest_execution,
            Some(ExecutionName::new("migrations-abc"))
        );
        assert_eq!(read(json!({"maxRetries": 0})).max_retries, 0);
    }

    #[test]
    fn literal_values_are_dropped() {
        let job = read(json!({"containers": [{"env": [
            {"name": "PLAIN", "value": "hunter2"},
            {"name": "URL", "valueSource": {"secretKeyRef": {"secret": "projects/1/secrets/url", "version": "7"}}},
            {"name": "FLOAT", "valueSource": {"secretKeyRef": {"secret": "url"}}},
        ]}]}));
        assert!(!format!("{job:?}").contains("hunter2"));
        assert_eq!(
            job.env[1].value,
            EnvValue::Secret {
                secret: "url".into(),
                version: "7".into()
            }
        );
        assert_eq!(
            job.env[2].value,
            EnvValue::Secret {
                secret: "url".into(),
                version: "latest".into()
            }
        );
    }

    #[test]
    fn the_way_into_the_network_is_read() {
        let direct = json!({"vpcAccess": {"networkInterfaces": [{"network": "projects/p/global/networks/n", "subnetwork": "s"}]}});
        assert_eq!(
            read(direct).egress,
            Egress::Direct {
                network: "n/s".into(),
                traffic: VpcTraffic::PrivateRangesOnly,
            }
        );
        let connector = json!({"vpcAccess": {"connector": "projects/p/locations/l/connectors/c", "egress": "ALL_TRAFFIC"}});
        assert!(matches!(
            read(connector).egress,
            Egress::Connector {
                traffic: VpcTraffic::AllTraffic,
                ..
            }
        ));
        let volumes =
            json!({"volumes": [{"name": "sql", "cloudSqlInstance": {"instances": ["p:r:i"]}}]});
        assert_eq!(read(volumes).cloud_sql_instances, ["p:r:i"]);
    }
}
