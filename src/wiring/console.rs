//! The console on the configured world.

use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use jiff::SignedDuration;

use portcullis::adapters::keys::Ask;
use portcullis::adapters::store::FileSnapshots;
use portcullis::adapters::system;
use portcullis::adapters::variables::Variables;
use portcullis::app::bindings::Bindings;
use portcullis::app::model::Setup;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::keys;
use portcullis::ports::snapshots::Snapshots as _;
use portcullis::tui::theme::{Colours, Theme};
use portcullis::tui::{self, Console, Ended, OpenWorld};

use super::{Surroundings, world};

/// How often everything is read again while somebody looks.
const REFRESH_EVERY: SignedDuration = SignedDuration::from_secs(15);

/// Opens the console on Google Cloud.
pub(crate) fn open(surroundings: &Surroundings) -> Result<u8, Failure> {
    let own = Surroundings {
        settings: surroundings.settings.clone(),
        variables: surroundings.variables.clone(),
        state: surroundings.state.clone(),
        ask: asked_before(surroundings),
    };
    let open_world: OpenWorld =
        Box::new(move || Box::pin(async move { Ok(world::open(&own, None)?.world) }));
    run(surroundings, String::new(), open_world, None)
}

/// Asks for the passphrase of the file of keys before the console takes the screen, on which
/// nobody can be asked. Whoever gives none goes on with a ledger that is not sealed.
fn asked_before(surroundings: &Surroundings) -> Option<Ask> {
    let file = world::keys(surroundings, true).wants_passphrase()?;
    let answer = surroundings.ask.as_ref()?(&file)?;
    let answer = Mutex::new(Some(answer));
    Some(Arc::new(move |_: &Path| answer.lock().ok()?.take()))
}

/// Runs the console until somebody leaves; the number is the exit code.
pub(super) fn run(
    surroundings: &Surroundings,
    backend: String,
    open_world: OpenWorld,
    backend_later: Option<BoxFuture<'static, String>>,
) -> Result<u8, Failure> {
    let Surroundings {
        settings,
        variables,
        state,
        ..
    } = surroundings;
    let ended = tui::run(Console {
        setup: Setup {
            backend,
            environments: settings.environments.clone(),
            operations: settings.operations.values().cloned().collect(),
            policies: settings.policies.clone(),
            bindings: bindings(variables)?,
            snapshot: FileSnapshots::of(&settings.environments, state).load(),
            refresh_every: REFRESH_EVERY,
            size: (0, 0),
        },
        theme: theme(variables)?,
        open_world,
        backend: backend_later,
        state_dir: state.clone(),
        pager: variables.get("PAGER").unwrap_or("less").to_owned(),
    })?;
    Ok(match ended {
        Ended::Quit | Ended::Closed => 0,
        Ended::Signal(number) => u8::try_from(128 + number).unwrap_or(1),
    })
}

/// The built-in keys, with a person's own above them.
fn bindings(variables: &Variables) -> Result<Bindings, Failure> {
    let file = system::config_folder(variables).map(|folder| folder.join("keys.toml"));
    let Some((file, text)) = file.and_then(|f| Some((f.clone(), std::fs::read_to_string(f).ok()?)))
    else {
        return Ok(Bindings::default());
    };
    keys::merged(&text).map_err(|error| {
        let message = format!("{}: {error}", file.display());
        Failure::new(
            FailureKind::Config,
            message,
            "docs/keys.md lists layers, keys and commands.",
        )
    })
}

/// The theme that `PORTCULLIS_THEME` names, in what the terminal can show.
fn theme(variables: &Variables) -> Result<Theme, Failure> {
    let name = variables.get("PORTCULLIS_THEME").unwrap_or("dark");
    let own =
        system::config_folder(variables).map(|f| f.join("themes").join(format!("{name}.toml")));
    let colours = colours(variables);
    if let Some(text) = own.and_then(|file| std::fs::read_to_string(file).ok()) {
        return Theme::parse(&text, colours).map_err(|error| {
            Failure::new(FailureKind::Config, format!("theme {name}: {error}"), "")
        });
    }
    Theme::named(name, colours).ok_or_else(|| {
        let known = Theme::names().collect::<Vec<_>>().join(", ");
        Failure::new(
            FailureKind::Config,
            format!("there is no theme {name}"),
            format!("There are: {known}."),
        )
    })
}

fn colours(variables: &Variables) -> Colours {
    let term = variables.get("TERM").unwrap_or_default();
    let rich = matches!(variables.get("COLORTERM"), Some("truecolor" | "24bit"));
    if variables.get("NO_COLOR").is_some() || matches!(term, "dumb" | "vt100" | "") {
        Colours::None
    } else if rich || term.contains("direct") {
        Colours::True
    } else {
        Colours::Sixteen
    }
}
