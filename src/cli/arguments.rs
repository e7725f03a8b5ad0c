//! What may stand on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use super::ledger::Ledger;

/// Watch environments, and start gated migrations of Cloud SQL databases.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, arg_required_else_help = false)]
pub struct Arguments {
    /// What all verbs understand.
    #[command(flatten)]
    pub general: General,
    /// What to do; without a verb the console opens.
    #[command(subcommand)]
    pub verb: Option<TopVerb>,
}

/// What all verbs understand.
#[derive(Clone, Debug, Args)]
pub struct General {
    /// The environment.
    #[arg(short, long, global = true, value_name = "ENV")]
    pub environment: Option<String>,
    /// How to answer.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The config file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the ledger, snapshots and logs.
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
}

/// How to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for tools that show findings beside code; only `migrations lint`.
    Sarif,
}

/// What to do: with the sandbox, or with the world that the config names.
#[derive(Debug, Subcommand)]
pub enum TopVerb {
    /// A verb on the configured world.
    #[command(flatten)]
    World(Verb),
    /// The migration directory, read without running it.
    #[command(subcommand)]
    Migrations(Migrations),
    /// The causes that a log shows, from a file or standard input; works offline.
    Triage(Triage),
    /// Open the console on a local Google Cloud, or serve it alone.
    Sandbox(Sandbox),
    /// A run of the sandbox's own revisions, started by the sandbox itself.
    #[command(hide = true)]
    SandboxTask {
        /// The arguments of the container.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

/// A verb on the configured world.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Everything known of the environments.
    Status(Status),
    /// Secrets and their versions.
    #[command(subcommand)]
    Secrets(Secrets),
    /// Executions of the migration jobs.
    #[command(subcommand)]
    Executions(Executions),
    /// Show what an operation would run; changes nothing.
    Plan(Operate),
    /// Plan, gate, execute, follow, read back.
    Run(Run),
    /// The record of what was intended, done and refused.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Ask others to agree to a plan, and agree.
    #[command(subcommand)]
    Approvals(Approvals),
    /// Say that you have looked at a run that broke the glass.
    Review(Review),
}

/// Verbs of `approvals`.
#[derive(Debug, Subcommand)]
pub enum Approvals {
    /// The requests that are open.
    List {
        /// Also those that are over.
        #[arg(long)]
        all: bool,
        /// Only of this environment.
        #[arg(from_global)]
        environment: Option<String>,
    },
    /// A request, and the plan as it is here and now.
    Show {
        /// Digest of the plan, or its first eight digits or more.
        digest: String,
    },
    /// Ask others to agree to the plan of an operation.
    Request {
        /// The operation.
        #[command(flatten)]
        operate: Operate,
        /// Why; goes into the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Agree to a plan that somebody else asked for.
    Approve {
        /// Digest of the plan, or its first eight digits or more.
        digest: String,
        /// The environment's name, once you have looked at the plan.
        #[arg(long, value_name = "ENV")]
        confirm: Option<String>,
        /// What there is to say about it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Disagree, or take your own request back.
    Decline {
        /// Digest of the plan, or its first eight digits or more.
        digest: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct Review {
    /// Id of the run that broke the glass.
    pub run: String,
    /// What you found.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Only this environment.
    #[arg(value_name = "ENV")]
    pub name: Option<String>,
    /// The environment, as the other verbs name it.
    #[arg(from_global)]
    pub environment: Option<String>,
}

/// Verbs of `secrets`.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// All secrets of the project.
    List {
        /// Whose project.
        #[arg(from_global)]
        environment: Option<String>,
    },
    /// The versions of a secret, without payloads.
    Versions {
        /// Short name of the secret.
        name: String,
        /// Whose project.
        #[arg(from_global)]
        environment: Option<String>,
    },
    /// Make a version usable.
    Enable(SecretChange),
    /// Make a version unusable, for now.
    Disable(SecretChange),
}

/// Arguments of a change of a secret version.
#[derive(Debug, Args)]
pub struct SecretChange {
    /// Short name of the secret.
    pub name: String,
    /// Number of the version, or `latest`.
    pub version: String,
    /// The environment that uses it.
    #[arg(from_global)]
    pub environment: Option<String>,
    /// What opens the gate.
    #[command(flatten)]
    pub gate: GateFlags,
}

/// Verbs of `executions`.
#[derive(Debug, Subcommand)]
pub enum Executions {
    /// The newest executions.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Token of a later page.
        #[arg(long)]
        page: Option<String>,
        /// The environment.
        #[arg(from_global)]
        environment: Option<String>,
    },
    /// One execution, with its tasks.
    Show(Execution),
    /// The log of an execution.
    Logs {
        /// The execution.
        #[command(flatten)]
        execution: Execution,
        /// Go on until it is over.
        #[arg(long)]
        follow: bool,
    },
    /// Follow an execution of anybody to its end, read the database back, and settle its run.
    Attach(Execution),
    /// Cancel an execution, wait for its end, and read the database back.
    Cancel {
        /// The execution.
        #[command(flatten)]
        execution: Execution,
        /// What opens the gate.
        #[command(flatten)]
        gate: GateFlags,
    },
}

/// An execution by name.
#[derive(Debug, Args)]
pub struct Execution {
    /// Short name of the execution.
    pub name: String,
    /// The environment; found by the job's name when it is not given.
    #[arg(from_global)]
    pub environment: Option<String>,
}

/// An operation and its parameters.
#[derive(Debug, Args)]
pub struct Operate {
    /// The operation, built in or from the config.
    pub operation: String,
    /// A parameter.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_pair)]
    pub set: Vec<(String, String)>,
    /// Take a backup of the instance first, as a step of the plan, and follow it to its end.
    #[arg(long)]
    pub backup: bool,
    /// The environment.
    #[arg(from_global)]
    pub environment: Option<String>,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The operation.
    #[command(flatten)]
    pub operate: Operate,
    /// What opens the gate.
    #[command(flatten)]
    pub gate: GateFlags,
    /// Run only the plan with this digest.
    #[arg(long, value_name = "DIGEST")]
    pub plan: Option<String>,
    /// Do not wait for the end.
    #[arg(long)]
    pub no_wait: bool,
}

/// What opens a gate without a keyboard.
#[derive(Debug, Args)]
pub struct GateFlags {
    /// The environment's name: confirms, and arms production for this one run.
    #[arg(long, value_name = "ENV")]
    pub confirm: Option<String>,
    /// Confirms where one key would do.
    #[arg(long)]
    pub yes: bool,
    /// Why; goes into the ledger.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Without the approvals that are asked for, and against freeze, backup and promotion: owes a review.
    #[arg(long, requires_all = ["confirm", "reason"])]
    pub break_glass: bool,
}

/// Verbs of `migrations`.
#[derive(Debug, Subcommand)]
pub enum Migrations {
    /// Heads, bases and all revisions, drawn.
    Graph {
        /// Where the revisions are.
        #[command(flatten)]
        place: Place,
    },
    /// The revisions that an upgrade or a downgrade would run, in order.
    Pending {
        /// Where the revisions are.
        #[command(flatten)]
        place: Place,
        /// Where the database is: ids or beginnings of ids; `base` or nothing when nothing is applied.
        #[arg(long, value_name = "REV[,REV]")]
        from: Option<String>,
        /// Where it shall be, as Alembic spells it: `head`, `heads`, `base`, an id, `+2`, `label@head`.
        #[arg(
            long,
            value_name = "TARGET",
            default_value = "heads",
            allow_hyphen_values = true
        )]
        to: String,
        /// Read `--from` from the database of this environment.
        #[arg(from_global)]
        environment: Option<String>,
    },
    /// What revisions would do to a live database, and whether `env.py` runs them safely.
    Lint(Lint),
}

/// Arguments of `migrations lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Where the revisions are.
    #[command(flatten)]
    pub place: Place,
    /// Only these revisions: ids, beginnings of ids, `heads`; without any, all that there are.
    #[arg(value_name = "REV", conflicts_with_all = ["from", "to"])]
    pub revisions: Vec<String>,
    /// Only what an upgrade from here would run.
    #[arg(long, value_name = "REV[,REV]")]
    pub from: Option<String>,
    /// Only what an upgrade to here would run.
    #[arg(long, value_name = "TARGET", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// From which severity on findings are a failure.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Deny::Block)]
    pub deny: Deny,
}

/// From which severity on findings are a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings as well.
    Warn,
    /// Only what fails, or is lost, for certain.
    Block,
}

/// Where revisions are.
#[derive(Debug, Args)]
pub struct Place {
    /// The folder with `alembic.ini`, or of revision files; without it the config's `migrations.path`.
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,
}

impl Migrations {
    /// Where the revisions are.
    pub fn place(&self) -> &Place {
        match self {
            Self::Graph { place } | Self::Pending { place, .. } => place,
            Self::Lint(lint) => &lint.place,
        }
    }
}

/// Arguments of `triage`.
#[derive(Debug, Args)]
pub struct Triage {
    /// The log; without one, or as `-`, standard input.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Check files of causes instead: every fixture must give its own cause first.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "file")]
    pub check: Vec<PathBuf>,
    /// Fill the commands of the remedies with this environment's names.
    #[arg(from_global)]
    pub environment: Option<String>,
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Something else than the console.
    #[command(subcommand)]
    pub verb: Option<SandboxVerb>,
}

/// Verbs of `sandbox`.
#[derive(Debug, Subcommand)]
pub enum SandboxVerb {
    /// Serve it alone, on loopback, until it is ended.
    Serve {
        /// Port; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Forget everything and start over.
    Reset,
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
