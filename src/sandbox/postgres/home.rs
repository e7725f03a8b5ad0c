//! The folder of a cluster, and the account that it belongs to.
//!
//! PostgreSQL refuses to run as root, and the account that it then runs as must be able to walk to its folder. Where it
//! cannot (a state folder below a private home) the cluster lives in the folder for temporary files, under a name that
//! is derived from the state folder, and says there whose it is.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use rustix::process::getuid;
use sha2::{Digest, Sha256};

use super::stale;

/// The longest path of a socket's folder: the kernel allows 107 bytes with the file's name.
const LONGEST_SOCKET: usize = 90;
const OWNER_FILE: &str = "state-folder";
const PREFIX: &str = "portcullis-pg-";

/// Whom the server runs as, when that is not us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Where a cluster lives.
#[derive(Debug, Clone)]
pub(super) struct Home {
    folder: PathBuf,
    socket: PathBuf,
    account: Option<Account>,
}

impl Home {
    /// Finds or makes the folder for the cluster of this state folder.
    pub(super) fn prepare(state: &Path) -> io::Result<Self> {
        let account = if getuid().is_root() {
            Some(unprivileged()?)
        } else {
            None
        };
        let near = state.join("postgres");
        let elsewhere = elsewhere(state);
        let folder = if account.is_some() && !others_can_walk_to(state) {
            elsewhere.clone()
        } else {
            near
        };
        let home = Self {
            socket: if folder.as_os_str().len() > LONGEST_SOCKET {
                elsewhere
            } else {
                folder.clone()
            },
            folder,
            account,
        };
        for folder in [&home.folder, &home.socket] {
            home.own(folder)?;
            fs::write(folder.join(OWNER_FILE), state.display().to_string())?;
        }
        Ok(home)
    }

    fn own(&self, folder: &Path) -> io::Result<()> {
        let uid = self
            .account
            .map_or_else(|| getuid().as_raw(), |account| account.uid);
        match fs::symlink_metadata(folder) {
            Ok(found)
                if !found.is_dir() || (found.uid() != uid && found.uid() != getuid().as_raw()) =>
            {
                return Err(io::Error::other(format!(
                    "{} belongs to somebody else",
                    folder.display()
                )));
            }
            Ok(_) => {}
            Err(_) => fs::create_dir_all(folder)?,
        }
        if let Some(account) = self.account {
            chown(folder, Some(account.uid), Some(account.gid))?;
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(super) fn account(&self) -> Option<Account> {
        self.account
    }

    pub(super) fn is_seeded(&self) -> bool {
        self.folder.join("seeded").exists()
    }

    pub(super) fn set_seeded(&self) -> io::Result<()> {
        fs::write(self.folder.join("seeded"), "")
    }

    /// Gives a file to the account of the server.
    pub(super) fn give(&self, file: &Path) -> io::Result<()> {
        match self.account {
            Some(account) => chown(file, Some(account.uid), Some(account.gid)),
            None => Ok(()),
        }
    }
}

/// `postgres` where there is such an account, else `nobody`.
fn unprivileged() -> io::Result<Account> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let find = |wanted: &str| {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some(Account {
            uid: fields.next()?.ok()?,
            gid: fields.next()?.ok()?,
        })
    };
    let found = find("postgres").or_else(|| find("nobody"));
    found.ok_or_else(|| {
        io::Error::other("there is no account `postgres` or `nobody` to run PostgreSQL as")
    })
}

fn others_can_walk_to(folder: &Path) -> bool {
    folder
        .ancestors()
        .all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0))
}

fn elsewhere(state: &Path) -> PathBuf {
    let name = hex::encode(Sha256::digest(state.as_os_str().as_encoded_bytes()));
    std::env::temp_dir().join(format!("{PREFIX}{}", &name[..12]))
}

/// Ends a server that a crash has left running on a state folder.
pub fn end_stale(state: &Path) {
    for folder in [state.join("postgres"), elsewhere(state)] {
        stale::end(&folder.join("data"));
    }
}

/// Ends the server of a state folder and removes what it has outside of it.
pub fn remove(state: &Path) {
    end_stale(state);
    // Not there is what is wanted.
    let _ = fs::remove_dir_all(elsewhere(state));
}

/// Removes clusters outside of state folders that no longer exist.
pub fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let folder = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let state = fs::read_to_string(folder.join(OWNER_FILE));
        if ours && state.is_ok_and(|state| !Path::new(&state).exists()) {
            stale::end(&folder.join("data"));
            // Another sandbox may sweep at this moment.
            let _ = fs::remove_dir_all(folder);
        }
    }
}
