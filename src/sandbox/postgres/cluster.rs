//! Makes, starts and ends the server.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection;
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

use super::{home::Home, query, stale};

/// How long the server may take to come up.
const START: Duration = Duration::from_mins(1);
/// How long it may take to end.
const END: Duration = Duration::from_secs(20);
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=40",
    "shared_buffers=16MB",
    "autovacuum=off",
    "jit=off",
    "min_wal_size=2MB",
    "max_wal_size=32MB",
    "timezone=UTC",
    "cluster_name=portcullis-sandbox",
];
/// Nobody but the owner of the folder can reach the socket; jobs sign in with a password, as they would elsewhere.
const SIGN_IN: &str = "local all postgres trust\nlocal all all scram-sha-256\n";

pub(super) struct Cluster {
    home: Home,
    server: Mutex<Child>,
}

impl Cluster {
    /// Starts the server; one that a crash has left running is ended first.
    pub(super) async fn start(home: Home, programs: &Path) -> Result<Self, String> {
        let data = home.data();
        // It waits, and waiting is not for the threads that serve.
        let _ = tokio::task::spawn_blocking(move || stale::end(&data)).await;
        if !home.is_seeded() {
            // Half-made: nothing of it is worth keeping.
            let _ = fs::remove_dir_all(home.data());
            make(&home, programs).await?;
        }
        let server = launch(&home, programs)
            .map_err(|error| format!("PostgreSQL does not start: {error}"))?;
        let cluster = Self {
            home,
            server: Mutex::new(server),
        };
        match tokio::time::timeout(START, cluster.wait_until_up()).await {
            Ok(Ok(())) => Ok(cluster),
            Ok(Err(message)) => Err(message),
            Err(_) => {
                cluster.stop().await;
                Err(format!(
                    "PostgreSQL did not come up within {START:?}: see {}",
                    cluster.home.log().display()
                ))
            }
        }
    }

    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    async fn wait_until_up(&self) -> Result<(), String> {
        loop {
            if let Ok(Some(status)) = self.server.lock().await.try_wait() {
                return Err(format!(
                    "PostgreSQL ended with {status}: {}",
                    last_words(&self.home.log())
                ));
            }
            if let Ok(connection) =
                query::connect_as(self.home.socket(), "postgres", "postgres").await
            {
                // It was only a knock on the door.
                let _ = connection.close().await;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends the server and waits until it is gone.
    pub(super) async fn stop(&self) {
        let mut server = self.server.lock().await;
        for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
            let pid = server
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw);
            let Some(pid) = pid else { return };
            // It may end by itself at this moment.
            let _ = kill_process(pid, signal);
            if tokio::time::timeout(END, server.wait()).await.is_ok() {
                return;
            }
        }
    }
}

fn program(home: &Home, path: PathBuf) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(account) = home.account() {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

async fn make(home: &Home, programs: &Path) -> Result<(), String> {
    let mut initdb = program(home, programs.join("initdb"));
    initdb.arg("-D").arg(home.data());
    initdb.args([
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "--auth=trust",
        "--no-sync",
        "--wal-segsize=1",
        "--no-instructions",
    ]);
    let output = initdb
        .output()
        .await
        .map_err(|error| format!("initdb does not start: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(format!("initdb failed: {words}"));
    }
    let file = home.data().join("pg_hba.conf");
    fs::write(&file, SIGN_IN)
        .and_then(|()| home.give(&file))
        .map_err(|error| error.to_string())
}

fn launch(home: &Home, programs: &Path) -> std::io::Result<Child> {
    let log = File::create(home.log())?;
    let mut server = program(home, programs.join("postgres"));
    server
        .arg("-D")
        .arg(home.data())
        .arg("-k")
        .arg(home.socket());
    for setting in SETTINGS {
        server.args(["-c", setting]);
    }
    server.stdout(log.try_clone()?).stderr(log).spawn()
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(3).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
}
