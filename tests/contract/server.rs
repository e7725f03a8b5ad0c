//! A PostgreSQL server of a test's own, on a socket and on loopback with TLS; it ends with the test.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

/// Who may come in how: the owner by the socket, all others with a password, one with TLS only.
const SIGN_IN: &str = "local all postgres trust\nlocal all all scram-sha-256\n\
     hostssl all tls_only 127.0.0.1/32 scram-sha-256\n\
     host all reader,stranger 127.0.0.1/32 scram-sha-256\n";

/// A running server.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Makes a cluster and waits until it can be asked.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("pg-")
            .tempdir_in("/tmp")
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let account = account();
        if let Some((user, group)) = account {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let initdb = [
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=trust",
            "--no-sync",
        ];
        run(program("initdb", account).arg("-D").arg(&data).args(initdb));
        std::fs::write(data.join("pg_hba.conf"), SIGN_IN).unwrap();
        let key = data.join("server.key");
        run(as_account(Command::new("openssl"), account)
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=db",
            ])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(data.join("server.crt")));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        // Free now, and hardly taken within the next second.
        let port = free_port();
        let child = program("postgres", account)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "ssl=on",
                "-p",
            ])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            folder,
            port,
        };
        server.wait_until_up().await;
        server
    }

    async fn wait_until_up(&mut self) {
        let begin = Instant::now();
        while self.try_connect("postgres").await.is_err() {
            let log = || std::fs::read_to_string(self.folder.path().join("log"));
            assert!(begin.elapsed() < Duration::from_mins(1), "{:?}", log());
            assert!(self.child.try_wait().unwrap().is_none(), "{:?}", log());
            tokio::task::yield_now().await;
        }
    }

    /// The folder of its socket.
    pub(crate) fn socket(&self) -> &Path {
        self.folder.path()
    }

    async fn try_connect(&self, database: &str) -> sqlx::Result<sqlx::PgConnection> {
        PgConnectOptions::new_without_pgpass()
            .socket(self.folder.path())
            .port(self.port)
            .username("postgres")
            .database(database)
            .connect()
            .await
    }

    /// A session of the owner.
    pub(crate) async fn sql_session(&self, database: &str) -> sqlx::PgConnection {
        self.try_connect(database).await.unwrap()
    }

    /// Runs SQL as the owner.
    pub(crate) async fn sql(&self, database: &str, sql: &'static str) {
        let mut connection = self.try_connect(database).await.unwrap();
        for statement in sql.split(";\n") {
            sqlx::raw_sql(statement)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        connection.close().await.unwrap();
    }
}

/// A port on which nothing listens.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn program(name: &str, account: Option<(u32, u32)>) -> Command {
    let folders = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = folders.map(|entry| entry.path().join("bin")).collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    let folder = found
        .iter()
        .rev()
        .find(|folder| folder.join(name).is_file());
    let folder = folder.expect("PostgreSQL is installed");
    as_account(Command::new(folder.join(name)), account)
}

/// The server refuses to be root.
fn as_account(mut command: Command, account: Option<(u32, u32)>) -> Command {
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn account() -> Option<(u32, u32)> {
    rustix::process::getuid().is_root().then(|| {
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
        let line = accounts
            .lines()
            .find(|line| line.starts_with("nobody:"))
            .unwrap();
        let numbers: Vec<u32> = line
            .split(':')
            .filter_map(|field| field.parse().ok())
            .collect();
        (numbers[0], numbers[1])
    })
}
