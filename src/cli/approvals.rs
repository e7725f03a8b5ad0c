//! `approvals`: asking others to agree to a plan, and agreeing; `review`: looking at a broken glass.

use serde_json::{Value, json};

use crate::domain::act::Act;
use crate::domain::approval::{Asked, Standing};
use crate::domain::failure::Failure;
use crate::domain::plan::differences;
use crate::domain::text::clean;
use crate::ops::approvals::{self, Listed};
use crate::ops::debts;
use crate::ops::plan::{Prepared, Request};

use super::arguments::{Approvals, Review};
use super::output::table;
use super::{Context, plan, wire};

/// Runs a verb of `approvals`.
pub(super) async fn approvals(context: &Context, command: Approvals) -> Result<u8, Failure> {
    match command {
        Approvals::List { all, environment } => list(context, all, environment.as_deref()).await,
        Approvals::Show { digest } => show(context, &digest).await,
        Approvals::Request { operate, reason } => {
            let request = plan::request(context, &operate)?;
            let policies = &context.settings.policies;
            let asked = approvals::request(&context.world, policies, request, reason.as_deref());
            let (prepared, listed) = asked.await?;
            answer(context, &prepared, &listed)
        }
        Approvals::Approve {
            digest,
            confirm,
            reason,
        } => {
            let given = (confirm.as_deref(), reason.as_deref());
            let policies = &context.settings.policies;
            let around = |asked: &Asked| around(context, asked);
            let agreed = approvals::approve(&context.world, policies, &around, &digest, given);
            let (prepared, listed) = agreed.await?;
            answer(context, &prepared, &listed)
        }
        Approvals::Decline { digest, reason } => {
            let policies = &context.settings.policies;
            let listed = approvals::decline(&context.world, policies, &digest, &reason).await?;
            context
                .output
                .answer(&document(&listed), || text(&listed))?;
            Ok(0)
        }
    }
}

/// Records that somebody has looked at a run that broke the glass.
pub(super) async fn review(context: &Context, arguments: &Review) -> Result<u8, Failure> {
    let reviewed = debts::review(&context.world, &arguments.run, &arguments.reason).await?;
    let (debt, entry) = reviewed;
    let document = json!({
        "run_id": debt.run_id,
        "environment": debt.environment,
        "operation": debt.operation,
        "broken_by": debt.by,
        "broken_at": debt.at,
        "overrode": debt.overrode,
        "reviewed_by": entry.record.actor,
        "reviewed_at": entry.at,
        "reason": entry.record.reason,
    });
    context.output.answer(&document, || {
        format!(
            "run {} of {} is reviewed by {}",
            clean(&debt.run_id),
            clean(&debt.by),
            clean(&entry.record.actor)
        )
    })?;
    Ok(0)
}

async fn list(context: &Context, all: bool, environment: Option<&str>) -> Result<u8, Failure> {
    if let Some(name) = environment {
        context.settings.environment(name)?;
    }
    let policies = &context.settings.policies;
    let mut listed = approvals::list(&context.world, policies, None).await?;
    listed.retain(|one| {
        let here = environment.is_none_or(|name| one.asked.plan.environment.as_str() == name);
        here && (all || one.standing.is_open())
    });
    let documents: Vec<_> = listed.iter().map(document).collect();
    context
        .output
        .answer(&json!({ "requests": documents }), || {
            let rows: Vec<_> = listed.iter().map(row).collect();
            let head = [
                "PLAN",
                "ENVIRONMENT",
                "OPERATION",
                "BY",
                "STANDING",
                "UNTIL",
                "AGREED",
                "REASON",
            ];
            table(&head, &rows)
        })?;
    Ok(0)
}

async fn show(context: &Context, digest: &str) -> Result<u8, Failure> {
    let policies = &context.settings.policies;
    let listed = approvals::find(&context.world, policies, digest).await?;
    let around = |asked: &Asked| around(context, asked);
    let fresh = approvals::again(&context.world, policies, &around, &listed).await?;
    answer(context, &fresh, &listed)
}

/// The request that the plan was made from, with what is configured here.
fn around(context: &Context, asked: &Asked) -> Result<Request, Failure> {
    let plan = &asked.plan;
    let environment = plan.environment.as_str();
    Request::new(
        &context.settings,
        environment,
        &plan.operation,
        plan.params.clone(),
    )
}

/// Answers with the request, the plan as it is here and now, and what is different.
fn answer(context: &Context, fresh: &Prepared, listed: &Listed) -> Result<u8, Failure> {
    let same = fresh.plan.digest() == listed.request.plan;
    let changes = differences(&listed.asked.plan, &fresh.plan);
    let mut document = document(listed);
    document["now"] = wire::plan(fresh);
    document["same"] = json!(same);
    document["changes"] = json!(changes);
    context.output.answer(&document, || {
        let mut text = format!("{}\n\n{}", text(listed), plan::text(fresh));
        if !same {
            text.push_str("\nThis is not what was asked for any more: ");
            text.push_str(&clean(&changes.join("; ")));
        }
        text
    })?;
    Ok(0)
}

/// A request as JSON.
fn document(listed: &Listed) -> Value {
    let Listed {
        request,
        asked,
        approvals,
        standing,
    } = listed;
    let (why, run_id) = match standing {
        Standing::Declined { why, .. } => (Some(why), None),
        Standing::Used { run_id, .. } => (None, Some(run_id)),
        _ => (None, None),
    };
    let agreed: Vec<_> = request
        .agreed
        .iter()
        .map(|a| json!({ "by": a.by, "at": a.at }))
        .collect();
    json!({
        "request": request.id,
        "plan": request.plan,
        "environment": asked.plan.environment,
        "operation": asked.plan.operation,
        "params": asked.plan.params,
        "to": asked.plan.to,
        "pending": asked.plan.pending,
        "by": request.author,
        "at": request.at,
        "reason": request.reason,
        "approvals": approvals,
        "agreed": agreed,
        "missing": missing(listed),
        "standing": standing.word(),
        "until": until(standing),
        "why": why,
        "run_id": run_id,
    })
}

fn missing(listed: &Listed) -> u32 {
    match &listed.standing {
        Standing::Waiting { missing, .. } => *missing,
        _ => 0,
    }
}

fn until(standing: &Standing) -> Option<jiff::Timestamp> {
    match standing {
        Standing::Waiting { until, .. } | Standing::Granted { until, .. } => Some(*until),
        Standing::Expired { at } => Some(*at),
        _ => None,
    }
}

fn row(listed: &Listed) -> Vec<String> {
    let plan = &listed.asked.plan;
    let clean = |text: &str| clean(text).into_owned();
    vec![
        listed.request.plan.short(),
        plan.environment.to_string(),
        clean(&plan.operation),
        clean(&listed.request.author),
        listed.standing.word().replace('_', " "),
        until(&listed.standing).map_or_else(String::new, |at| at.to_string()),
        format!("{} of {}", listed.request.agreed.len(), listed.approvals),
        clean(listed.request.reason.as_deref().unwrap_or_default()),
    ]
}

/// A request in words.
fn text(listed: &Listed) -> String {
    let request = &listed.request;
    let by = |name: &str| clean(name).into_owned();
    let stands = match &listed.standing {
        Standing::NotAsked => "nobody was asked".to_owned(),
        Standing::Waiting { until, missing, .. } => {
            format!("waits for {missing} more person(s), until {until}")
        }
        Standing::Granted { until, .. } => format!("granted, until {until}"),
        Standing::Expired { at } => format!("expired at {at}"),
        Standing::Declined { by: who, why } => format!("declined by {}: {}", by(who), clean(why)),
        Standing::Used { by: who, run_id } => {
            format!("used by {} in run {}", by(who), clean(run_id))
        }
    };
    let agreed: Vec<_> = request.agreed.iter().map(|a| by(&a.by)).collect();
    let agreed = if agreed.is_empty() {
        "nobody yet".to_owned()
    } else {
        agreed.join(", ")
    };
    format!(
        "request     {}\nasked by    {}\nreason      {}\nagreed      {agreed}\nstanding    {stands}",
        clean(&request.id),
        by(&request.author),
        clean(request.reason.as_deref().unwrap_or("none")),
    )
}
