//! Opening gates from the command line.

use crate::domain::environment::Environment;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::gate::Answer;
use crate::domain::settings::Settings;

use super::arguments::GateFlags;

/// What the flags say at a gate: `--confirm` also arms for this one act.
pub(super) fn answer(flags: &GateFlags) -> Answer {
    Answer {
        typed: flags.confirm.clone(),
        key: flags.yes,
        reason: flags.reason.clone(),
        armed: flags.confirm.is_some(),
        breaks_glass: flags.break_glass,
    }
}

/// The environment that was named; the only one when there is but one.
pub(super) fn environment<'a>(
    settings: &'a Settings,
    given: Option<&str>,
) -> Result<&'a Environment, Failure> {
    match (given, settings.environments.as_slice()) {
        (Some(name), _) => settings.environment(name),
        (None, [only]) => Ok(only),
        (None, all) => {
            let names: Vec<_> = all.iter().map(|e| e.name.as_str()).collect();
            Err(Failure::new(
                FailureKind::Usage,
                "which environment?",
                format!("Say `-e ENV`, one of: {}.", names.join(", ")),
            ))
        }
    }
}
