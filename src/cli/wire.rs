//! The JSON shapes that scripts rely on; `docs/json.md` describes them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::baseline::Baseline;
use crate::domain::database::Instance;
use crate::domain::directory::Comparison;
use crate::domain::disagreement::ProbeAnswer;
use crate::domain::execution::Execution;
use crate::domain::fleet::{EnvironmentStatus, Fleet};
use crate::domain::gist::Gist;
use crate::domain::job::Egress;
use crate::domain::ledger::Entry;
use crate::domain::plan::Plan;
use crate::domain::preflight::{Finding, Severity};
use crate::domain::review::{Review, Verdict};
use crate::domain::secret::{SecretVersions, VersionState};
use crate::domain::settlement::Settlement;
use crate::domain::text::RemoteText;
use crate::ops::attach::Attached;
use crate::ops::cancel::Cancelled;
use crate::ops::execute::Report;
use crate::ops::plan::Prepared;
use crate::ops::survivors::Survivors;

/// The answer of `status`.
pub(super) fn fleet(fleet: &Fleet) -> Value {
    let environments: Vec<_> = fleet.environments.iter().map(environment).collect();
    json!({ "generated_at": fleet.generated_at, "environments": environments })
}

fn environment(status: &EnvironmentStatus) -> Value {
    let environment = &status.environment;
    json!({
        "name": environment.name,
        "tier": environment.tier,
        "project": environment.project,
        "region": environment.region,
        "job": {
            "name": environment.job,
            "image": status.job.value().map(|job| job.image.raw()),
            "findings": job_findings(status),
        },
        "database": {
            "instance": environment.sql_instance,
            "state": status.instance.value().map(|i| i.state.word()),
            "private_only": status.instance.value().map(Instance::is_private_only),
        },
        "secret": secret(status),
        "migrations": migrations(status),
        "last_execution": status.last_execution().map(|e| json!({
            "name": e.name, "state": e.state, "created_at": e.created_at,
            "completed_at": e.completed_at, "creator": e.creator,
        })),
        "problems": status.problems.iter().map(|p| json!({
            "severity": p.severity, "code": p.code, "message": p.message, "hint": p.hint,
        })).collect::<Vec<_>>(),
    })
}

fn job_findings(status: &EnvironmentStatus) -> Vec<Value> {
    let about_job = status
        .problems
        .iter()
        .filter(|p| matches!(p.code.as_str(), "retries" | "tasks"));
    about_job
        .map(|p| json!({ "severity": p.severity, "code": p.code, "message": p.message }))
        .collect()
}

fn secret(status: &EnvironmentStatus) -> Value {
    let versions = status.secret.value();
    let latest = versions.and_then(SecretVersions::latest);
    json!({
        "name": status.environment.secret,
        "latest": latest.map(|v| json!({
            "version": v.version.0.to_string(), "state": v.state, "created_at": v.created_at,
        })),
        "usable": versions.map(|_| latest.is_some_and(|v| v.state == VersionState::Enabled)),
    })
}

fn migrations(status: &EnvironmentStatus) -> Value {
    let mut value = match &status.standing {
        Some(standing) => json!({
            "state": standing.state,
            "current": standing.current,
            "heads": standing.heads,
            "pending": standing.pending.len(),
            "source": standing.source,
            "observed_at": standing.observed_at,
        }),
        None => json!({
            "state": "unknown", "current": [], "heads": [], "pending": null,
            "source": null, "observed_at": null,
        }),
    };
    value["readings"] = status.probe_answers().iter().map(probe_answer).collect();
    value["disagreement"] = json!(status.disagreement().is_some());
    let baseline = status.standing.as_ref().and_then(|s| s.baseline.as_ref());
    value["baseline"] = json!(baseline.map(fitting));
    value["directory"] = json!(status.directory.as_ref().map(directory));
    value["image"] = json!(status.directory.as_ref().map(image));
    value
}

/// What one probe answered.
fn probe_answer(answer: &ProbeAnswer) -> Value {
    let reading = answer.reading.as_ref();
    json!({
        "probe": answer.probe,
        "current": reading.map(|reading| &reading.current),
        "observed_at": reading.map(|reading| reading.at),
        "failure": answer.failure.as_ref().map(|failure| json!({
            "kind": failure.kind.word(), "word": failure.word,
            "message": failure.to_string(), "hint": failure.hint,
        })),
    })
}

/// What an unversioned database fits.
fn fitting(found: &Baseline) -> Value {
    json!({
        "stamp": found.stamp,
        "nearest": found.nearest,
        "evidence": found.evidence(),
        "doubts": found.doubts(),
        "tables": found.tables,
        "columns": found.columns,
        "missing": found.missing,
        "beyond": found.beyond,
        "foreign": found.foreign,
        "alike": found.alike,
        "unread": found.unread,
    })
}

/// The checkout's directory.
fn directory(compared: &Comparison) -> Value {
    let checkout = compared.checkout.as_ref();
    json!({
        "origin": compared.origin,
        "commit": checkout.map(|c| &c.commit),
        "committed_at": checkout.map(|c| c.committed_at),
        "branch": checkout.and_then(|c| c.branch.as_ref()),
        "dirty": checkout.and_then(|c| c.edited),
        "heads": compared.heads,
    })
}

/// The revisions of the image that would run now; all is `null` while they are not known.
fn image(compared: &Comparison) -> Value {
    let told = compared.image.known();
    json!({
        "heads": told.map(|told| &told.heads),
        "known_from": told.map(|told| told.execution.as_str()),
        "observed_at": told.map(|told| told.at),
        "differs": compared.differences.as_ref().map(|found| !found.is_none()),
        "differences": compared.difference().map(|found| json!({
            "only_checkout": found.only_here,
            "only_image": found.only_there,
            "other_parents": found.other_parents,
        })),
    })
}

/// The answer of `secrets versions`.
pub(super) fn versions(versions: &SecretVersions) -> Value {
    let list: Vec<_> = versions
        .versions
        .iter()
        .map(|v| {
            json!({
                "version": v.version.0.to_string(), "state": v.state, "created_at": v.created_at,
            })
        })
        .collect();
    json!({ "secret": versions.secret, "versions": list })
}

/// One execution, as `executions list` and `executions show` give it.
#[derive(Debug, Serialize)]
pub(super) struct ExecutionView<'a> {
    name: &'a str,
    job: &'a str,
    state: &'static str,
    message: &'a str,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    creator: &'a str,
    args: Vec<&'a str>,
    run_id: Option<&'a str>,
    log_uri: &'a str,
}

/// One execution for JSON.
pub(super) fn execution(e: &Execution) -> ExecutionView<'_> {
    ExecutionView {
        name: e.name.as_str(),
        job: &e.job,
        state: e.state.word(),
        message: e.message.raw(),
        created_at: e.created_at,
        started_at: e.started_at,
        completed_at: e.completed_at,
        creator: e.creator.raw(),
        args: e.args.iter().map(RemoteText::raw).collect(),
        run_id: e.run_id.as_deref(),
        log_uri: &e.log_uri,
    }
}

/// The answer of `plan`.
pub(super) fn plan(prepared: &Prepared) -> Value {
    let plan: &Plan = &prepared.plan;
    let demand = prepared.gate.demand();
    let secrets: Vec<_> = plan
        .secrets
        .iter()
        .map(|s| {
            json!({
                "name": s.name,
                "version": s.version.map(|v| v.0.to_string()),
                "state": s.state,
                "variable": s.variable,
                "reference": s.reference,
            })
        })
        .collect();
    json!({
        "digest": crate::domain::act::Act::digest(plan),
        "environment": plan.environment,
        "operation": plan.operation,
        "args": plan.args,
        "image": plan.image,
        "image_digest": plan.image_digest,
        "secrets": secrets,
        "from": plan.from,
        "to": plan.to,
        "pending": plan.pending,
        "etag": plan.etag,
        "service_account": plan.service_account,
        "egress": plan.egress.as_ref().map(egress),
        "params": plan.params,
        "steps": plan.steps,
        "overrides": plan.overrides.iter().map(|o| json!({
            "code": o.code, "severity": o.word(),
        })).collect::<Vec<_>>(),
        "verdicts": prepared.reviews.iter().map(|r| review(r)).collect::<Vec<_>>(),
        "preflight": prepared.findings.iter().map(finding).collect::<Vec<_>>(),
        "gate": {
            "confirm": demand.confirm, "reason": demand.reason, "approvals": demand.approvals,
            "phrase": demand.phrase, "ticket": demand.ticket,
            "break_glass": prepared.gate.glass().map(|glass| &glass.phrase),
        },
        "usual_s": plan.usual.map(|d| d.as_secs()),
    })
}

/// How the job reaches the VPC.
fn egress(egress: &Egress) -> Value {
    match egress {
        Egress::None => json!({ "kind": "none" }),
        Egress::Connector { connector, traffic } => {
            json!({ "kind": "connector", "connector": connector, "traffic": traffic })
        }
        Egress::Direct { network, traffic } => {
            json!({ "kind": "direct", "network": network, "traffic": traffic })
        }
    }
}

/// What a pending revision does.
fn review(review: &Review) -> Value {
    json!({
        "revision": review.id,
        "does": Gist::of(review).line(),
        "undo": review.undo,
        "severity": review.severity(),
        "script": review.script,
        "verdicts": review.verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}

fn verdict(verdict: &Verdict) -> Value {
    json!({
        "rule": verdict.rule,
        "severity": verdict.severity,
        "message": verdict.message,
        "remedy": verdict.remedy,
        "line": verdict.line,
        "page": verdict.page(),
        "silenced": verdict.silenced,
    })
}

fn finding(f: &Finding) -> Value {
    let remedy = if f.severity == Severity::Pass {
        ""
    } else {
        f.remedy.as_str()
    };
    json!({ "code": f.code, "severity": f.severity, "message": f.message, "remedy": remedy })
}

/// The answer of `run`.
pub(super) fn report(report: &Report) -> Value {
    json!({
        "run_id": report.run_id,
        "plan": report.plan,
        "execution": report.execution.as_ref().map(|e| e.name.as_str()),
        "outcome": report.outcome,
        "why": report.why,
        "before": report.before,
        "after": report.after,
        "causes": report.causes.iter().map(super::triage::wire).collect::<Vec<_>>(),
        "duration_s": report.duration.as_secs_f64(),
        "sql": report.sql.as_ref().map(|sql| &sql.text),
        "sql_complete": report.sql.as_ref().map(|sql| sql.complete),
    })
}

/// The answer of `executions attach`.
pub(super) fn attached(attached: &Attached) -> Value {
    let run = attached.run.as_ref();
    json!({
        "execution": attached.execution.name,
        "state": attached.execution.state,
        "run_id": attached.execution.run_id,
        "ours": run.is_some(),
        "outcome": attached.outcome(),
        "why": attached.why,
        "before": run.map(|run| &run.before),
        "after": attached.after,
        "duration_s": attached.duration.map(|d| d.as_secs_f64()),
    })
}

/// The answer of `executions cancel`.
pub(super) fn cancelled(cancelled: &Cancelled) -> Value {
    let run = cancelled.run.as_ref();
    let alive = match &cancelled.survivors {
        Survivors::None => json!([]),
        Survivors::Unseen(_) => Value::Null,
        Survivors::Alive(backends) => backends
            .iter()
            .map(|b| json!({ "pid": b.pid, "who": b.who() }))
            .collect(),
    };
    json!({
        "execution": cancelled.execution.name,
        "state": cancelled.execution.state,
        "outcome": run.map(|s| s.outcome),
        "why": run.map(|s| s.why.as_str()),
        "alive": alive,
        "remedy": cancelled.survivors.remedy(),
    })
}

/// What became of a run that was left open.
pub(super) fn settlement(s: &Settlement) -> Value {
    json!({
        "run_id": s.run_id,
        "environment": s.environment,
        "operation": s.operation,
        "actor": s.actor,
        "begun_at": s.begun_at,
        "execution": s.execution,
        "outcome": s.outcome,
        "closed": s.closed,
        "why": s.why,
    })
}

/// One entry of `ledger list`.
pub(super) fn entry(entry: &Entry) -> Value {
    let record = &entry.record;
    json!({
        "seq": entry.seq,
        "at": entry.at,
        "actor": record.actor,
        "run_id": record.run_id,
        "kind": record.kind,
        "environment": record.environment,
        "operation": record.operation,
        "plan": record.plan,
        "execution": record.execution,
        "outcome": record.outcome,
        "reason": record.reason,
        "hash": entry.hash,
    })
}
