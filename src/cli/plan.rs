//! `plan`: what an operation would run; changes nothing.

use std::fmt::Write as _;

use crate::domain::act::Act;
use crate::domain::failure::Failure;
use crate::domain::gist::Gist;
use crate::domain::job::Egress;
use crate::domain::plan::Plan;
use crate::domain::revision::RevisionId;
use crate::ops::plan::{Prepared, Request, prepare};

use super::arguments::Operate;
use super::{Context, gating, wire};

/// Answers with the plan, its digest, its preflight and its gate.
pub(super) async fn plan(context: &Context, arguments: &Operate) -> Result<u8, Failure> {
    let request = request(context, arguments)?;
    let prepared = prepare(&context.world, &context.settings.policies, request).await?;
    context
        .output
        .answer(&wire::plan(&prepared), || text(&prepared))?;
    Ok(0)
}

/// What the arguments ask for.
pub(super) fn request(context: &Context, arguments: &Operate) -> Result<Request, Failure> {
    let environment = gating::environment(&context.settings, arguments.environment.as_deref())?
        .name
        .as_str();
    let params = arguments.set.iter().cloned().collect();
    let request = Request::new(&context.settings, environment, &arguments.operation, params)?;
    Ok(request.with_backup_first(arguments.backup))
}

/// The plan for people.
pub(super) fn text(prepared: &Prepared) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<12}{}", crate::domain::text::clean(value));
    };
    what_runs(&prepared.plan, &mut line);
    where_it_leads(&prepared.plan, &mut line);
    what_it_does(prepared, &mut line);
    what_was_found(prepared, &mut line);
    text
}

fn what_runs(plan: &Plan, line: &mut impl FnMut(&str, &str)) {
    line("plan", plan.digest().as_str());
    line(
        "environment",
        &format!("{} ({})", plan.environment, plan.tier),
    );
    line(
        "operation",
        &format!("{} ({})", plan.operation, plan.risk.word()),
    );
    line("job", &plan.job);
    line("image", &format!("{}", plan.image));
    line("digest", plan.image_digest.as_deref().unwrap_or("unknown"));
    line("runs as", &plan.service_account);
    let egress = plan.egress.as_ref();
    line(
        "egress",
        &egress.map_or_else(|| "unknown".to_owned(), Egress::words),
    );
    for secret in &plan.secrets {
        let version = secret
            .version
            .map_or_else(|| "missing".to_owned(), |v| v.to_string());
        let reference = &secret.reference;
        let state = secret.state.word();
        line(
            "secret",
            &format!(
                "{} ← {} {version} ({reference}), {state}",
                secret.variable, secret.name
            ),
        );
    }
    line("args", &plan.args.join(" "));
}

fn where_it_leads(plan: &Plan, line: &mut impl FnMut(&str, &str)) {
    line("from", &revisions(&plan.from, plan.from_known));
    line("to", &revisions(&plan.to, plan.target_known || !plan.moves));
    line("pending", &revisions(&plan.pending, true));
    for step in &plan.steps {
        line("first", &step.words());
    }
}

fn what_was_found(prepared: &Prepared, line: &mut impl FnMut(&str, &str)) {
    for finding in &prepared.findings {
        line(
            finding.severity.word(),
            &format!("{}: {}", finding.code, finding.message),
        );
        if !finding.remedy.is_empty() {
            line("", &format!("→ {}", finding.remedy));
        }
    }
    for item in &prepared.plan.overrides {
        line("config", &format!("{} = {}", item.code, item.word()));
    }
    let demand = prepared.gate.demand();
    line(
        "gate",
        &format!(
            "confirm {}, reason {}, approvals {}",
            demand.confirm.word(),
            demand.reason.word(),
            demand.approvals
        ),
    );
}

/// What each pending revision does, and what rules found in it.
fn what_it_does(prepared: &Prepared, line: &mut impl FnMut(&str, &str)) {
    for review in &prepared.reviews {
        let gist = Gist::of(review);
        let text = format!("{}: {}; {}", review.id, gist.line(), review.way_back());
        line("does", &text);
        for verdict in review.standing() {
            let text = format!("{}: {}", verdict.rule, verdict.message);
            line(verdict.severity.word(), &text);
            if !verdict.remedy.is_empty() {
                line("", &format!("→ {}", verdict.remedy));
            }
        }
    }
}

fn revisions(ids: &[RevisionId], known: bool) -> String {
    match (ids, known) {
        ([], true) => "none".to_owned(),
        ([], false) => "unknown".to_owned(),
        (ids, _) => ids
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}
