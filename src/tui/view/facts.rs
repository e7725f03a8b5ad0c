//! The facts of an environment, each with its source and age.

use super::environment::provenance;

use super::Scene;
use super::canvas::{Piece, Row, columns, piece};
use super::words::{self};
use crate::app::effect::Part;
use crate::domain::database::Instance;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::job::{Egress, EnvValue, Job};
use crate::domain::migration::MigrationState;
use crate::domain::observed::Remote;
use crate::domain::text::clean;
use crate::tui::theme::Role;

/// Where the values of the overview begin.
const LABEL: u16 = 11;

/// The facts of an environment, each with its source and age.
pub(super) fn facts<'a>(scene: &'a Scene<'_>, station: usize, width: u16) -> Vec<Row<'a>> {
    let status = &scene.model.stations[station];
    let mut rows = Vec::new();
    database(scene, station, status, &mut rows);
    revision(scene, station, status, &mut rows);
    secret(scene, station, status, &mut rows);
    job(scene, station, status, width, &mut rows);
    last_run(scene, station, status, &mut rows);
    rows
}

fn labelled<'a>(label: &'static str, mut pieces: Vec<Piece<'a>>, right: Vec<Piece<'a>>) -> Row<'a> {
    pieces.insert(
        0,
        piece(
            format!("{label:<width$}", width = usize::from(LABEL)),
            Role::Heading,
        ),
    );
    Row::of(pieces).right(right)
}

fn more(pieces: Vec<Piece<'_>>) -> Row<'_> {
    Row::of(pieces).indented(LABEL)
}

/// A part without a value: why, and what to do.
fn missing<T>(remote: &Remote<T>, configured: bool) -> Vec<Piece<'_>> {
    match &remote.failure {
        _ if !configured => vec![piece("not named in the config", Role::Dim)],
        Some(failure) if failure.hint.is_empty() => vec![piece(clean(&failure.summary), Role::Bad)],
        Some(failure) => vec![
            piece(clean(&failure.summary), Role::Bad),
            piece(format!("  → {}", failure.hint), Role::Accent),
        ],
        None if remote.loading => vec![piece("reading…", Role::Dim)],
        None => vec![piece("not known", Role::Dim)],
    }
}

fn database<'a>(
    scene: &Scene<'_>,
    station: usize,
    status: &'a EnvironmentStatus,
    rows: &mut Vec<Row<'a>>,
) {
    let environment = &status.environment;
    let right = provenance(scene, &status.instance, station, Part::Instance);
    let Some(instance) = status.instance.value() else {
        rows.push(labelled(
            "DATABASE",
            missing(&status.instance, environment.sql_instance.is_some()),
            right,
        ));
        rows.push(Row::default());
        return;
    };
    let (role, symbol) = words::instance(instance.state);
    let name = match &environment.database {
        Some(database) => format!("{} · {database}   ", instance.name),
        None => format!("{}   ", instance.name),
    };
    rows.push(labelled(
        "DATABASE",
        vec![
            piece(name, Role::Strong),
            piece(format!("{symbol} {}", instance.state.word()), role),
        ],
        right,
    ));
    rows.push(more(facts_of(instance)));
    if let Some(at) = instance.last_backup_at {
        let text = format!("last backup {} ago", words::since(at, scene.now));
        rows.push(more(vec![piece(text, Role::Text)]));
    }
    rows.push(Row::default());
}

fn facts_of(instance: &Instance) -> Vec<Piece<'static>> {
    let mut out = vec![piece(format!("{}   ", instance.version), Role::Text)];
    let mut fact = |good: bool, yes: &'static str, no: &'static str| {
        let (text, role) = if good {
            (yes, Role::Dim)
        } else {
            (no, Role::Warn)
        };
        out.push(piece(format!("{text}   "), role));
    };
    fact(instance.is_private_only(), "private only", "public address");
    fact(instance.ssl_required, "TLS", "no TLS");
    fact(
        instance.deletion_protection,
        "protected",
        "no deletion protection",
    );
    fact(instance.backups_enabled, "backups", "no backups");
    out
}

fn revision<'a>(
    scene: &Scene<'_>,
    station: usize,
    status: &'a EnvironmentStatus,
    rows: &mut Vec<Row<'a>>,
) {
    let right = provenance(scene, &status.reading, station, Part::Reading);
    let Some(standing) = &status.standing else {
        let pieces = missing(&status.reading, !status.environment.probes.is_empty());
        rows.push(labelled("REVISION", pieces, right));
        rows.push(Row::default());
        return;
    };
    let ids = |ids: &[crate::domain::revision::RevisionId]| {
        ids.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let current = match standing.state {
        MigrationState::Unversioned => "no version table".to_owned(),
        _ if standing.current.is_empty() => "base, nothing applied".to_owned(),
        _ => ids(&standing.current),
    };
    let (text, role) = match standing.state {
        MigrationState::AtHead => ("at the head".to_owned(), Role::Good),
        MigrationState::Behind => (
            format!("{} behind {}", standing.pending.len(), ids(&standing.heads)),
            Role::Accent,
        ),
        MigrationState::Ahead => (
            "ahead: the directory does not know it".to_owned(),
            Role::Bad,
        ),
        MigrationState::Diverged => ("diverged from the directory".to_owned(), Role::Bad),
        MigrationState::Unversioned => (
            format!(
                "{} made by hand",
                words::count(standing.tables.unwrap_or(0) as usize, "table")
            ),
            Role::Warn,
        ),
        MigrationState::Unknown => ("where it stands is not known".to_owned(), Role::Warn),
    };
    rows.push(labelled(
        "REVISION",
        vec![
            piece(format!("{current}   "), Role::Strong),
            piece(text, role),
        ],
        right,
    ));
    rows.push(Row::default());
}

fn secret<'a>(
    scene: &Scene<'_>,
    station: usize,
    status: &'a EnvironmentStatus,
    rows: &mut Vec<Row<'a>>,
) {
    let right = provenance(scene, &status.secret, station, Part::Secret);
    let Some(versions) = status.secret.value() else {
        let pieces = missing(&status.secret, status.environment.secret.is_some());
        rows.push(labelled("SECRET", pieces, right));
        rows.push(Row::default());
        return;
    };
    rows.push(labelled(
        "SECRET",
        vec![piece(clean(&versions.secret), Role::Strong)],
        right,
    ));
    match versions.latest() {
        None => rows.push(more(vec![piece("it has no version", Role::Bad)])),
        Some(latest) => {
            let (role, symbol) = words::version(latest.state);
            let mut pieces = vec![
                piece(format!("`latest` is {} ", latest.version), Role::Text),
                piece(format!("{symbol} {}", latest.state.word()), role),
                piece(
                    format!("   made {} ago", words::since(latest.created_at, scene.now)),
                    Role::Dim,
                ),
            ];
            if let Some(usable) = versions
                .newest_enabled()
                .filter(|v| v.version != latest.version)
            {
                pieces.push(piece(
                    format!("   newest enabled is {}", usable.version),
                    Role::Warn,
                ));
            }
            rows.push(more(pieces));
        }
    }
    rows.push(Row::default());
}

fn job<'a>(
    scene: &Scene<'_>,
    station: usize,
    status: &'a EnvironmentStatus,
    width: u16,
    rows: &mut Vec<Row<'a>>,
) {
    let right = provenance(scene, &status.job, station, Part::Job);
    let Some(job) = status.job.value() else {
        rows.push(labelled("JOB", missing(&status.job, true), right));
        rows.push(Row::default());
        return;
    };
    rows.push(labelled(
        "JOB",
        vec![piece(clean(&job.name), Role::Strong)],
        right,
    ));
    let image = job.image.clean().into_owned();
    rows.push(more(vec![
        piece("image    ", Role::Dim),
        piece(tail(&image, width.saturating_sub(LABEL + 9)), Role::Text),
    ]));
    rows.push(more(limits(job)));
    rows.push(more(vec![
        piece("account  ", Role::Dim),
        piece(clean(&job.service_account), Role::Text),
    ]));
    rows.push(more(vec![
        piece("network  ", Role::Dim),
        egress(&job.egress),
    ]));
    for binding in &job.env {
        if let EnvValue::Secret { secret, version } = &binding.value {
            let text = format!("{} ← {secret} {version}", binding.name);
            rows.push(more(vec![
                piece("secret   ", Role::Dim),
                piece(text, Role::Text),
            ]));
        }
    }
    rows.push(Row::default());
}

/// The end of a long name says more than its beginning.
pub(super) fn tail(text: &str, width: u16) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out: Vec<char> = Vec::new();
    let mut used = 1;
    for c in text.chars().rev() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if used + wide > width {
            break;
        }
        used += wide;
        out.push(c);
    }
    out.push('…');
    out.iter().rev().collect()
}

fn limits(job: &Job) -> Vec<Piece<'static>> {
    let one = |good: bool, text: String| piece(text, if good { Role::Text } else { Role::Warn });
    vec![
        piece("limits   ", Role::Dim),
        one(
            job.max_retries == 0,
            format!("retries {}   ", job.max_retries),
        ),
        one(job.task_count == 1, format!("tasks {}   ", job.task_count)),
        piece(
            format!("timeout {}", words::length(job.timeout)),
            Role::Text,
        ),
    ]
}

fn egress(egress: &Egress) -> Piece<'_> {
    match egress {
        Egress::None => piece("no way into the VPC", Role::Warn),
        Egress::Connector { connector, .. } => {
            let short = connector.rsplit('/').next().unwrap_or(connector);
            piece(format!("connector {short}"), Role::Text)
        }
        Egress::Direct { network, .. } => piece(format!("direct, {network}"), Role::Text),
    }
}

fn last_run<'a>(
    scene: &Scene<'_>,
    station: usize,
    status: &'a EnvironmentStatus,
    rows: &mut Vec<Row<'a>>,
) {
    let right = provenance(scene, &status.executions, station, Part::Executions);
    let Some(last) = status.last_execution() else {
        let pieces = match status.executions.value() {
            Some(_) => vec![piece("never", Role::Dim)],
            None => missing(&status.executions, true),
        };
        rows.push(labelled("LAST RUN", pieces, right));
        return;
    };
    let (role, symbol) = words::execution(last.state);
    rows.push(labelled(
        "LAST RUN",
        vec![
            piece(format!("{symbol} {}  ", last.state.word()), role),
            piece(
                format!("{} ago", words::execution_age(last, scene.now)),
                Role::Text,
            ),
        ],
        right,
    ));
    let who = format!("{} by {}", last.name, last.creator);
    rows.push(more(vec![piece(who, Role::Text)]));
    if !last.message.is_empty() {
        rows.push(more(vec![piece(last.message.clean(), Role::Dim)]));
    }
}
