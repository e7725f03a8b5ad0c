//! Where the concrete adapters are named and plugged into the ports.
#![expect(
    clippy::disallowed_methods,
    reason = "the wiring is part of the edge: it reads the config and the folder it is in"
)]

pub(crate) mod console;
pub(crate) mod migrations;
pub(crate) mod sandbox;
mod settings;
pub(crate) mod triage;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use secrecy::SecretString;

use portcullis::adapters::keys::Ask;
use portcullis::adapters::variables::Variables;
use portcullis::adapters::{proxies, system};
use portcullis::cli::arguments::{Arguments, Format, General, Migrations, TopVerb, Verb};
use portcullis::cli::output::Output;
use portcullis::cli::{self, Context};
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::domain::settings::Settings;

/// Everything that is read before anything is done.
pub(crate) struct Surroundings {
    pub(crate) settings: Settings,
    pub(crate) variables: Variables,
    pub(crate) state: PathBuf,
    /// How a person is asked for a passphrase.
    pub(crate) ask: Option<Ask>,
}

impl Surroundings {
    /// Reads the environment and the config.
    pub(crate) fn read(general: &General) -> Result<Self, Failure> {
        let variables = Variables::of_process();
        let settings = settings::load(general.config.as_deref(), &variables)?;
        let state = system::state_folder(general.state_dir.clone(), &variables)?;
        Ok(Self {
            settings,
            variables,
            state,
            ask: Some(Arc::new(passphrase)),
        })
    }
}

/// Asks for the passphrase of a file on the terminal, if there is one.
fn passphrase(file: &Path) -> Option<SecretString> {
    cli::ask::without_echo(&format!("passphrase of {}: ", file.display()))
}

/// Keeps proxies of the environment from coming between us and this machine: where they
/// would, the program starts again in its own place. If that cannot be, it goes on as it is.
pub(crate) fn step_aside() {
    let _ = proxies::step_aside(&Variables::of_process());
}

/// Reads the command line. What is wrong with it is told in the form that it asks for.
pub(crate) fn parse() -> Result<Arguments, ExitCode> {
    Arguments::try_parse().map_err(|error| {
        if error.use_stderr() && wants_json() {
            let text = error.to_string();
            let first = text
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            let failure = Failure::new(FailureKind::Usage, first, "See `portcullis --help`.");
            Output::new(Format::Json).failure(&failure);
            return ExitCode::from(FailureKind::Usage.exit_code());
        }
        // Help that was asked for goes to standard output with code 0, complaints with code 2.
        let code = if error.use_stderr() {
            FailureKind::Usage.exit_code()
        } else {
            0
        };
        let _ = error.print();
        ExitCode::from(code)
    })
}

/// Refuses SARIF to all verbs but the one that answers with it.
pub(crate) fn refuse_sarif(general: &General, verb: Option<&TopVerb>) -> Result<(), Failure> {
    let is_lint = matches!(verb, Some(TopVerb::Migrations(Migrations::Lint(_))));
    if general.format == Format::Sarif && !is_lint {
        return Err(Failure::new(
            FailureKind::Usage,
            "only `migrations lint` answers with SARIF",
            "Say `--format json`.",
        ));
    }
    Ok(())
}

fn wants_json() -> bool {
    let words: Vec<_> = std::env::args_os().collect();
    let is_json = |word: &std::ffi::OsString| word == "json" || word == "sarif";
    words
        .iter()
        .any(|word| word == "--format=json" || word == "--format=sarif")
        || words
            .windows(2)
            .any(|pair| pair[0] == "--format" && is_json(&pair[1]))
}

/// Runs a verb on the configured world.
pub(crate) fn command(
    surroundings: &Surroundings,
    verb: Verb,
    output: Output,
) -> Result<u8, Failure> {
    let world = world::open(surroundings, None)?.world;
    let context = Context {
        settings: surroundings.settings.clone(),
        world,
        output,
    };
    let runtime = runtime()?;
    let code = runtime.block_on(cli::dispatch(&context, verb));
    // A name that cannot be resolved may keep a thread for a minute; nobody waits for it.
    runtime.shutdown_background();
    code
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                format!("no threads could be started: {error}"),
                "",
            )
        })
}
