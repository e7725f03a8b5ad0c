//! The binary: arguments, then the config, then adapters, then the console or a command;
//! a failure becomes the exit code that the documentation promises.

mod wiring;

use std::process::ExitCode;

use portcullis::cli::arguments::{Arguments, General, SandboxVerb, TopVerb};
use portcullis::cli::output::Output;
use portcullis::domain::failure::Failure;
use wiring::Surroundings;

fn main() -> ExitCode {
    wiring::step_aside();
    let arguments = match wiring::parse() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let output = Output::new(arguments.general.format);
    match start(arguments, output) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

fn start(Arguments { general, verb }: Arguments, output: Output) -> Result<u8, Failure> {
    wiring::refuse_sarif(&general, verb.as_ref())?;
    match verb {
        Some(TopVerb::SandboxTask { args }) => wiring::sandbox::task(args),
        Some(TopVerb::Migrations(verb)) => wiring::migrations::run(&general, &verb, output),
        Some(TopVerb::Triage(verb)) => wiring::triage::run(&general, &verb, output),
        Some(TopVerb::Sandbox(sandbox)) => on_sandbox(&general, sandbox.verb.as_ref(), output),
        Some(TopVerb::World(verb)) => {
            let surroundings = Surroundings::read(&general)?;
            wiring::command(&surroundings, verb, output)
        }
        None => wiring::console::open(&Surroundings::read(&general)?),
    }
}

fn on_sandbox(
    general: &General,
    verb: Option<&SandboxVerb>,
    output: Output,
) -> Result<u8, Failure> {
    match verb {
        None => wiring::sandbox::console(general),
        Some(SandboxVerb::Serve { port }) => wiring::sandbox::serve(general, *port, output),
        Some(SandboxVerb::Reset) => wiring::sandbox::reset(general, output),
    }
}
