//! Starts, ends and resets a sandbox.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, Write},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use rustix::fs::{FlockOperation, flock};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::{
    backing::Backing,
    bring_up,
    config::config_toml,
    migrations,
    options::{Options, StartError},
    postgres,
    runner::{Runner, RunnerHandle, stray},
    server,
    store::Store,
    world::{Denial, Faults, World, seed},
};

/// How long a process has to end after it was asked to; Cloud Run gives ten seconds.
const GRACE: Duration = Duration::from_secs(3);
/// Changes that come closer together than this are written down together.
const BATCH: Duration = Duration::from_millis(150);

/// A sandbox that runs. It must be ended with [`Running::shutdown`].
pub struct Running {
    /// Where it listens, without a slash at the end.
    pub url: String,
    /// A configuration that points at it.
    pub config: String,
    /// The file with that configuration.
    pub config_file: PathBuf,
    /// Its world.
    pub world: Arc<World>,
    backing: Arc<Backing>,
    runner: Arc<Runner>,
    end: watch::Sender<bool>,
    server: JoinHandle<()>,
    keeper: JoinHandle<()>,
    starter: JoinHandle<()>,
    _lock: Lock,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Waits until databases can be asked and jobs can run; gives the words for the title bar.
    pub async fn ready(&self) -> Result<String, String> {
        self.readiness().await
    }

    /// The same, to be waited for elsewhere.
    pub fn readiness(&self) -> BoxFuture<'static, Result<String, String>> {
        let backing = Arc::clone(&self.backing);
        Box::pin(async move { backing.engine().await.map(|engine| engine.label()) })
    }

    /// Ends everything that was started, and writes the world down.
    pub async fn shutdown(self) {
        self.server.abort();
        self.runner.stop().await;
        // A start under way is let come to its end, so that no process is lost.
        let _ = self.starter.await;
        if let Ok(engine) = self.backing.engine().await {
            engine.stop().await;
        }
        // Now nothing changes any more, and the last state can be written down.
        self.end.send_replace(true);
        let _ = self.keeper.await;
    }
}

/// Starts a sandbox. It answers at once; databases come up a little later, see [`Running::ready`].
pub async fn start(options: Options) -> Result<Running, StartError> {
    let state_dir =
        std::path::absolute(&options.state_dir).unwrap_or_else(|_| options.state_dir.clone());
    let folder = |error| StartError::Folder {
        folder: state_dir.clone(),
        error,
    };
    fs::create_dir_all(&state_dir).map_err(folder)?;
    let lock = lock(&state_dir)?;
    let faults = Faults::parse(&options.faults).map_err(StartError::Option)?;
    let denials = Denial::parse(&options.denials).map_err(StartError::Option)?;
    let scripts = state_dir.join("migrations");
    migrations::write_out(&scripts).map_err(folder)?;
    stray::end_marked(&state_dir);
    let (world, store) = world(&state_dir)?;
    world.faults().set(faults);
    world.deny_only(denials);

    let port = |error| StartError::Port {
        port: options.port,
        error,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(port)?;
    let url = format!("http://{}", listener.local_addr().map_err(port)?);
    let config = config_toml(&url, &scripts);
    let config_file = state_dir.join("portcullis.toml");
    fs::write(&config_file, &config).map_err(folder)?;

    let backing = Backing::starting();
    let runner = Runner::new(Arc::clone(&backing) as _, GRACE);
    world.attach(
        Arc::new(RunnerHandle(Arc::clone(&runner))),
        Arc::clone(&backing) as _,
    );
    let (end, ended) = watch::channel(false);
    let router = server::router(Arc::clone(&world));
    Ok(Running {
        server: tokio::spawn(async move {
            // It runs until it is aborted; a broken listener shows itself to every caller.
            let _ = axum::serve(listener, router).await;
        }),
        keeper: tokio::spawn(keep(Arc::clone(&world), store, ended)),
        starter: tokio::spawn(bring_up::bring_up(
            Arc::clone(&backing),
            options,
            state_dir,
            scripts,
        )),
        url,
        config,
        config_file,
        world,
        backing,
        runner,
        end,
        _lock: lock,
    })
}

/// Forgets everything in a state folder; refuses while a sandbox runs on it.
pub fn reset(state_dir: &Path) -> Result<(), StartError> {
    let state_dir = std::path::absolute(state_dir).unwrap_or_else(|_| state_dir.to_owned());
    if !state_dir.exists() {
        return Ok(());
    }
    let _lock = lock(&state_dir)?;
    stray::end_marked(&state_dir);
    postgres::remove(&state_dir);
    for name in [
        "state.json",
        "log.jsonl",
        "portcullis.toml",
        bring_up::MADE_WITH,
    ] {
        // Not there is what is wanted.
        let _ = fs::remove_file(state_dir.join(name));
    }
    for name in ["migrations", "postgres", "embedded"] {
        let path = state_dir.join(name);
        if path.exists() {
            let error = |error| StartError::Folder {
                folder: path.clone(),
                error,
            };
            fs::remove_dir_all(&path).map_err(error)?;
        }
    }
    Ok(())
}

/// Keeps others out of a state folder for as long as it lives.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is being started in this moment still holds a copy of the file.
        // When even this fails, closing has to do.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

fn lock(state_dir: &Path) -> Result<Lock, StartError> {
    let path = state_dir.join("lock");
    let folder = |error| StartError::Folder {
        folder: state_dir.to_owned(),
        error,
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(folder)?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let mut pid = String::new();
        // The number is only for people.
        let _ = file.read_to_string(&mut pid);
        return Err(StartError::Busy {
            folder: state_dir.to_owned(),
            pid: pid.trim().to_owned(),
        });
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(folder)?;
    Ok(Lock(file))
}

fn world(state_dir: &Path) -> Result<(Arc<World>, Store), StartError> {
    let unreadable = |error| StartError::Unreadable {
        folder: state_dir.to_owned(),
        error,
    };
    let mut store = Store::new(state_dir);
    let kept = store.load().map_err(unreadable)?;
    let is_new = kept.is_none();
    let state = kept.unwrap_or_else(|| seed::state(jiff::Timestamp::now()));
    if is_new {
        let folder = |error| StartError::Folder {
            folder: state_dir.to_owned(),
            error,
        };
        store.begin(&state).map_err(folder)?;
    }
    let world = World::new(state);
    for process in world.settle_unfinished() {
        stray::end_recorded(&process);
    }
    Ok((world, store))
}

/// Writes the world down whenever it has changed, and a last time at the end.
async fn keep(world: Arc<World>, mut store: Store, mut ended: watch::Receiver<bool>) {
    let mut changes = world.changes();
    changes.mark_changed();
    loop {
        let over = tokio::select! {
            _ = changes.changed() => false,
            _ = ended.wait_for(|ended| *ended) => true,
        };
        if over {
            break;
        }
        tokio::time::sleep(BATCH).await;
        changes.mark_unchanged();
        let world = Arc::clone(&world);
        let saved = tokio::task::spawn_blocking(move || {
            // A full disk shows itself at the next start; the sandbox goes on in memory.
            let _ = store.save(&world);
            store
        });
        match saved.await {
            Ok(back) => store = back,
            Err(_) => return,
        }
    }
    let _ = store.save(&world);
}
