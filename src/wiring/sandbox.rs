//! The sandbox: the console on it, or it alone.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use secrecy::SecretString;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use portcullis::adapters::system;
use portcullis::adapters::variables::Variables;
use portcullis::cli::arguments::General;
use portcullis::cli::output::Output;
use portcullis::config::Fallback;
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::sandbox::{self, Options, Running, StartError};
use portcullis::tui::OpenWorld;

use super::{Surroundings, console, runtime, settings, world};

/// What the sandbox takes as a sign-in.
const TOKEN: &str = "sandbox";
/// Where the console on the sandbox keeps its ledger and snapshots, below the sandbox's own folder.
const CONSOLE: &str = "console";

/// The console on a sandbox of its own, which ends with it.
pub(crate) fn console(general: &General) -> Result<u8, Failure> {
    let variables = Variables::of_process();
    let folder = folder(general, &variables)?;
    // The first frame must not wait for the sandbox: the config is known before its address is.
    let surroundings = surroundings(&folder, "http://127.0.0.1:1", variables)?;
    let (background, opening, backend) = Background::start(options(&folder, 0)?);
    let variables = surroundings.variables.clone();
    let open_world: OpenWorld = Box::new(move || {
        Box::pin(async move {
            let url = opening.await.unwrap_or_else(|_| Err(ended()))?;
            let surroundings = self::surroundings(&folder, &url, variables)?;
            Ok(world::open(&surroundings, Some(SecretString::from(TOKEN)))?.world)
        })
    });
    let backend = Box::pin(async move {
        let words = backend.await.unwrap_or_else(|_| Err(String::new()));
        words.unwrap_or_else(|_| "sandbox without databases".to_owned())
    });
    let ended = console::run(
        &surroundings,
        "sandbox".to_owned(),
        open_world,
        Some(backend),
    );
    background.end();
    ended
}

/// Serves the sandbox alone until a signal ends it.
pub(crate) fn serve(general: &General, port: u16, output: Output) -> Result<u8, Failure> {
    let folder = folder(general, &Variables::of_process())?;
    let options = options(&folder, port)?;
    runtime()?.block_on(async {
        // Caught before anything is started, so that nothing can be left behind.
        let mut ends = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ]
        .into_iter()
        .map(signal)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::new(FailureKind::Internal, error.to_string(), ""))?;
        let running = sandbox::start(options)
            .await
            .map_err(|error| refused(&error))?;
        let told = tell_ready(&running, output, &mut ends).await;
        if told.as_ref().is_ok_and(|ready| *ready) {
            any(&mut ends).await;
        }
        running.shutdown().await;
        told.map(|_| 0)
    })
}

/// Says where it is once it can be used; `false` when a signal came first.
async fn tell_ready(
    running: &Running,
    output: Output,
    ends: &mut [tokio::signal::unix::Signal],
) -> Result<bool, Failure> {
    let backend = tokio::select! {
        ready = running.ready() => ready.map_err(|why| Failure::new(FailureKind::Internal, why, ""))?,
        () = any(ends) => return Ok(false),
    };
    let document = json!({
        "ready": true, "url": running.url, "backend": backend, "config": running.config_file,
    });
    output.line(&document.to_string())?;
    Ok(true)
}

async fn any(ends: &mut [tokio::signal::unix::Signal]) {
    futures::future::select_all(ends.iter_mut().map(|end| Box::pin(end.recv()))).await;
}

/// Forgets everything.
pub(crate) fn reset(general: &General, output: Output) -> Result<u8, Failure> {
    let folder = folder(general, &Variables::of_process())?;
    sandbox::reset(&folder).map_err(|error| refused(&error))?;
    let console = folder.join(CONSOLE);
    if console.exists() {
        std::fs::remove_dir_all(&console).map_err(|error| {
            Failure::new(
                FailureKind::Internal,
                format!("{}: {error}", console.display()),
                "",
            )
        })?;
    }
    output.answer(&json!({ "reset": folder }), || {
        format!("{} starts over", folder.display())
    })?;
    Ok(0)
}

/// A task of the embedded backend.
pub(crate) fn task(args: Vec<String>) -> Result<u8, Failure> {
    let code = runtime()?.block_on(sandbox::task_main(args));
    Ok(u8::try_from(code).unwrap_or(1))
}

/// Where the sandbox keeps everything; absolute, because its config names paths in it.
fn folder(general: &General, variables: &Variables) -> Result<PathBuf, Failure> {
    let folder = match &general.state_dir {
        Some(folder) => folder.clone(),
        None => system::state_folder(None, variables)?.join("sandbox"),
    };
    Ok(std::path::absolute(&folder).unwrap_or(folder))
}

fn options(folder: &Path, port: u16) -> Result<Options, Failure> {
    Options::from_env(folder.to_owned(), port).map_err(|error| refused(&error))
}

fn surroundings(folder: &Path, url: &str, variables: Variables) -> Result<Surroundings, Failure> {
    let text = sandbox::config_toml(url, &folder.join("migrations"));
    let settings = settings::parse(&text, &folder.join("portcullis.toml"), &Fallback::default())?;
    Ok(Surroundings {
        settings,
        variables,
        state: folder.join(CONSOLE),
        ask: None,
    })
}

fn refused(error: &StartError) -> Failure {
    let kind = match error {
        StartError::Option(_) => FailureKind::Usage,
        StartError::Busy { .. } => FailureKind::Busy,
        _ => FailureKind::Internal,
    };
    Failure::new(kind, error.to_string(), "Another place: `--state-dir DIR`.")
}

fn ended() -> Failure {
    Failure::new(
        FailureKind::Internal,
        "the sandbox ended before it was up",
        "",
    )
}

/// Something that is told once.
type Told<E> = oneshot::Receiver<Result<String, E>>;

/// A sandbox in a thread of its own, so that it can be ended in order after the console.
struct Background {
    thread: JoinHandle<()>,
    end: mpsc::Sender<()>,
}

impl Background {
    /// Starts it; its address is told when it has one, and its backend when that is up.
    fn start(options: Options) -> (Self, Told<Failure>, Told<String>) {
        let (end, ending) = mpsc::channel();
        let (tell, url) = oneshot::channel();
        let (tell_backend, backend) = oneshot::channel();
        let thread = std::thread::spawn(move || match runtime() {
            Err(failure) => drop(tell.send(Err(failure))),
            Ok(runtime) => match runtime.block_on(sandbox::start(options)) {
                Err(error) => drop(tell.send(Err(refused(&error)))),
                Ok(running) => {
                    let _ = tell.send(Ok(running.url.clone()));
                    let readiness = running.readiness();
                    runtime.spawn(async move { tell_backend.send(readiness.await) });
                    // An error means that the other end is gone, which also is the end.
                    let _ = ending.recv();
                    runtime.block_on(running.shutdown());
                }
            },
        });
        (Self { thread, end }, url, backend)
    }

    /// Ends it and everything that it started.
    fn end(self) {
        drop(self.end);
        // A panic in it was told already, and there is nothing left to end.
        let _ = self.thread.join();
    }
}
