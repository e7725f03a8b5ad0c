//! Which record is written: the one of this machine, or the one that a team shares.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::keys::{LedgerSealer, SealedLedger, SystemKeys};
use super::store::{DatabaseLedger, private};
use crate::domain::digest::Digest;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ledger::{Appended, Entry, Filter, Record, Soundness, Unless};
use crate::domain::settings::{TEAM_LEDGER, is_ledger_name};
use crate::ports::keys::{Keys as _, SHARED_LEDGER};
use crate::ports::ledger::{Ledger, Ledgers, Whereabouts};

/// Says, in the state folder, that the shared ledger of this name is written. Without it a key
/// that is lost would lead back to this machine's own ledger without a word.
const MARK: &str = "shared-ledger";

/// The record, chosen and opened when it is first needed.
pub struct ChosenLedger {
    state: PathBuf,
    /// The name of the shared ledger that the config expects.
    expected: Option<String>,
    keys: Arc<SystemKeys>,
    opened: Mutex<Option<Arc<Opened>>>,
}

struct Opened {
    whereabouts: Whereabouts,
    ledger: SealedLedger,
}

impl ChosenLedger {
    /// The record for a state folder, and for what the config expects; nothing is opened yet.
    pub fn new(state: PathBuf, expected: Option<String>, keys: Arc<SystemKeys>) -> Self {
        Self {
            state,
            expected,
            keys,
            opened: Mutex::new(None),
        }
    }

    /// The name of the shared ledger, if it is to be one. A mark that cannot be read is no leave
    /// to write somewhere else.
    fn shared(&self) -> Result<Option<String>, Failure> {
        if self.expected.is_some() {
            return Ok(self.expected.clone());
        }
        let path = self.state.join(MARK);
        match std::fs::read_to_string(&path) {
            Ok(name) if is_ledger_name(&name) => Ok(Some(name)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            unread => Err(unmarked(&path, unread.err())),
        }
    }

    async fn opened(&self) -> Result<Arc<Opened>, Failure> {
        let mut opened = self.opened.lock().await;
        if let Some(opened) = opened.as_ref() {
            return Ok(Arc::clone(opened));
        }
        let new = match self.shared()? {
            None => self.local(),
            Some(name) => self.team(&name).await?,
        };
        Ok(Arc::clone(opened.insert(Arc::new(new))))
    }

    fn local(&self) -> Opened {
        let state = std::path::absolute(&self.state).unwrap_or_else(|_| self.state.clone());
        let place = Digest::of_bytes(state.as_os_str().as_encoded_bytes());
        let ledger = DatabaseLedger::in_folder(&self.state);
        let file = self.state.join("ledger.db");
        self.sealed(
            ledger,
            format!("local-{}", &place.as_str()[..16]),
            Whereabouts {
                shared: false,
                name: file.display().to_string(),
            },
        )
    }

    async fn team(&self, name: &str) -> Result<Opened, Failure> {
        let kept = self.keys.get(&kept_as(name)).await;
        let address = kept.map_err(|failure| Failure {
            kind: FailureKind::Ledger,
            ..failure
        })?;
        let address = address.ok_or_else(|| missing(name))?;
        let ledger = DatabaseLedger::shared(address);
        let whereabouts = Whereabouts {
            shared: true,
            name: format!("the shared ledger `{name}`"),
        };
        Ok(self.sealed(ledger, format!("shared-{name}"), whereabouts))
    }

    fn sealed(&self, ledger: DatabaseLedger, id: String, whereabouts: Whereabouts) -> Opened {
        let sealer = Arc::new(LedgerSealer::new(Arc::clone(&self.keys), id));
        let ledger = ledger.sealed_by(Arc::clone(&sealer) as _);
        Opened {
            whereabouts,
            ledger: SealedLedger::new(Arc::new(ledger), sealer),
        }
    }

    fn mark(&self, name: &str) -> Result<(), Failure> {
        let path = self.state.join(MARK);
        private::replace(&path, name.as_bytes()).map_err(|error| unwritable(&path, &error))
    }

    fn unmark(&self) -> Result<bool, Failure> {
        let path = self.state.join(MARK);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(unwritable(&path, &error)),
        }
    }
}

fn kept_as(name: &str) -> String {
    format!("{SHARED_LEDGER}-{name}")
}

fn missing(name: &str) -> Failure {
    Failure::new(
        FailureKind::Ledger,
        format!("the shared ledger `{name}` is expected here, and its address is not known"),
        "`portcullis ledger connect` takes it; whoever set the ledger up has it.",
    )
    .called("not_connected")
}

fn unmarked(path: &Path, error: Option<std::io::Error>) -> Failure {
    let why = error.map_or_else(|| "it holds no name".to_owned(), |e| e.kind().to_string());
    Failure::new(
        FailureKind::Ledger,
        format!("{} cannot be read: {why}", path.display()),
        "It names the shared ledger; remove it to use the ledger of this machine.",
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        FailureKind::Ledger,
        format!("{} cannot be written: {}", path.display(), error.kind()),
        "check the space and the permissions there, or use another --state-dir",
    )
}

#[async_trait]
impl Ledger for ChosenLedger {
    async fn append(&self, record: Record) -> Result<Entry, Failure> {
        self.opened().await?.ledger.append(record).await
    }

    async fn append_unless(&self, record: Record, unless: Unless) -> Result<Appended, Failure> {
        let opened = self.opened().await?;
        opened.ledger.append_unless(record, unless).await
    }

    async fn page(
        &self,
        filter: &Filter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        let opened = self.opened().await?;
        opened.ledger.page(filter, before, limit).await
    }

    async fn all(&self) -> Result<Vec<Entry>, Failure> {
        self.opened().await?.ledger.all().await
    }

    async fn open_runs(&self) -> Result<Vec<Entry>, Failure> {
        self.opened().await?.ledger.open_runs().await
    }

    async fn soundness(&self) -> Result<Soundness, Failure> {
        self.opened().await?.ledger.soundness().await
    }
}

#[async_trait]
impl Ledgers for ChosenLedger {
    async fn whereabouts(&self) -> Result<Whereabouts, Failure> {
        Ok(self.opened().await?.whereabouts.clone())
    }

    async fn connect(&self, address: SecretString) -> Result<u64, Failure> {
        let text = address.expose_secret();
        if !["postgresql://", "postgres://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Err(Failure::new(
                FailureKind::Usage,
                "this is no address of a PostgreSQL database",
                "It reads postgresql://USER:PASSWORD@HOST/DATABASE.",
            ));
        }
        let tried = DatabaseLedger::shared(address.clone());
        let newest = tried.page(&Filter::default(), None, 1).await?;
        let name = self.shared()?.unwrap_or_else(|| TEAM_LEDGER.to_owned());
        self.keys.put(&kept_as(&name), address).await?;
        if self.expected.is_none() {
            self.mark(&name)?;
        }
        *self.opened.lock().await = None;
        Ok(newest.first().map_or(0, |entry| entry.seq))
    }

    async fn disconnect(&self) -> Result<bool, Failure> {
        let Some(name) = self.shared()? else {
            return Ok(false);
        };
        let was_kept = self.keys.forget(&kept_as(&name)).await?;
        self.keys.forget_head(&format!("shared-{name}")).await;
        let was_marked = self.unmark()?;
        *self.opened.lock().await = None;
        Ok(was_kept || was_marked)
    }

    async fn forget_head(&self) -> Result<bool, Failure> {
        Ok(self.opened().await?.ledger.forget_head().await)
    }
}
