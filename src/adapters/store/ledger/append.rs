//! Appending: one link at a time, and no answer that is not known.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::session::{Asked, Session};
use super::stored::{Stored, memory};
use super::trouble::LedgerError;
use super::{DatabaseLedger, question};
use crate::domain::ledger::{
    Appended, Entry, Head, Record, Seal, SealState, Unless, Witness, chain, genesis,
};

/// How long everything before the commit may take; the database's own deadlines are shorter.
const WRITE: Duration = Duration::from_secs(15);

/// How long a commit may take to be answered.
const COMMIT: Duration = Duration::from_secs(8);

/// How long a lost answer is looked for, and after which pause again.
const SEARCH: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// The most bytes that a record may have: far more than any has, far less than what hurts.
const LARGEST: usize = 4 << 20;

const APPEND: &str = "INSERT INTO entries \
     (seq, at, run_id, kind, environment, record, previous, hash) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const SEAL: &str = "INSERT INTO seals (key_id, seq, hash, mac) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (key_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac";

/// What a transaction has come to before it is committed.
enum Ready {
    Held(Entry),
    Written(Session, Entry),
}

impl DatabaseLedger {
    /// Appends a record unless an entry stands in its way.
    pub(super) async fn try_append(
        &self,
        record: Record,
        unless: Option<Unless>,
    ) -> Result<Appended, LedgerError> {
        let ready = timeout(WRITE, self.write(record, unless.as_ref())).await;
        let (session, entry) = match ready.map_err(|_| LedgerError::Slow)?? {
            Ready::Held(entry) => return Ok(Appended::Held(entry)),
            Ready::Written(session, entry) => (session, entry),
        };
        let error = match timeout(COMMIT, session.commit()).await {
            Ok(Ok(())) => return Ok(Appended::Written(entry)),
            Ok(Err(error)) => LedgerError::Database(error),
            Err(_) => LedgerError::Slow,
        };
        if self.find(&entry).await? {
            return Ok(Appended::Written(entry));
        }
        Err(error)
    }

    async fn write(&self, record: Record, unless: Option<&Unless>) -> Result<Ready, LedgerError> {
        let text = serde_json::to_string(&record).map_err(|_| LedgerError::Huge(0))?;
        if text.len() > LARGEST {
            return Err(LedgerError::Huge(text.len()));
        }
        let mut session = self.pool().await?.writer().await?;
        if let Some(unless) = unless
            && let Some(held) = in_the_way(&mut session, unless).await?
        {
            return Ok(Ready::Held(held));
        }
        let last = session.entries(question::last()).await?;
        let last = last.first().map(Stored::whole).transpose()?;
        let (seq, previous) = last.map_or((0, genesis()), |last| (last.seq, last.hash));
        self.check_seals(&mut session, seq).await?;
        let entry = chain(seq + 1, session.now().await?, record, previous);
        session.write(insert(&entry, &text)).await?;
        if let Some(seal) = self.sealer.seal(&Head::from(&entry)) {
            session.write(replace(&seal)).await?;
        }
        Ok(Ready::Written(session, entry))
    }

    /// A ledger whose end was cut off is not continued: the next seal would hide it.
    async fn check_seals(&self, session: &mut Session, last: u64) -> Result<(), LedgerError> {
        let remembered = self.sealer.remembered();
        let state = SealState::judge(last, &self.witnesses(session, remembered).await?);
        if state.is_broken() {
            return Err(LedgerError::Seal(state));
        }
        Ok(())
    }

    /// All that says how far the ledger had come: its seals, and what the place of the key remembers.
    pub(super) async fn witnesses(
        &self,
        session: &mut Session,
        remembered: Option<Head>,
    ) -> Result<Vec<Witness>, LedgerError> {
        let seals = session.seals(question::seals()).await?;
        let mut witnesses: Vec<_> = seals
            .iter()
            .map(|seal| seal.witness(self.sealer.as_ref()))
            .collect();
        if let Some(head) = remembered {
            let found = session.texts(question::hash_of(head.seq)).await?;
            witnesses.push(memory(head, found.first().map(String::as_str)));
        }
        Ok(witnesses)
    }

    /// Looks for an entry whose answer was lost, on a connection of its own. Whoever may append is
    /// alone: the transaction that wrote it has ended then, one way or the other.
    async fn find(&self, entry: &Entry) -> Result<bool, LedgerError> {
        let begin = Instant::now();
        loop {
            self.forget().await;
            let looked = timeout(COMMIT, self.look(entry)).await;
            match looked {
                Ok(Ok(found)) => return Ok(found),
                _ if begin.elapsed() > SEARCH => return Err(LedgerError::Unsure(entry.seq)),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn look(&self, entry: &Entry) -> Result<bool, LedgerError> {
        let mut session = self.pool().await?.writer().await?;
        let found = session.texts(question::hash_of(entry.seq)).await?;
        Ok(found
            .first()
            .is_some_and(|hash| hash == entry.hash.as_str()))
    }
}

async fn in_the_way(session: &mut Session, unless: &Unless) -> Result<Option<Entry>, LedgerError> {
    let asked = match unless {
        Unless::Open(environment) => question::open_runs(Some(environment)),
        Unless::Known(run_id) | Unless::MovedOn { run_id, .. } => question::of_run(run_id),
    };
    let found = session.entries(asked).await?;
    let found = found.first().map(Stored::whole).transpose()?;
    Ok(match unless {
        Unless::MovedOn { seq, .. } => found.filter(|last| last.seq != *seq),
        Unless::Open(_) | Unless::Known(_) => found,
    })
}

fn insert(entry: &Entry, record: &str) -> Asked {
    Asked::new(APPEND)
        .with(entry.seq)
        .with(entry.at.to_string().as_str())
        .with(entry.record.run_id.as_str())
        .with(entry.record.kind.word())
        .with(entry.record.environment.as_str())
        .with(record)
        .with(entry.previous.as_str())
        .with(entry.hash.as_str())
}

fn replace(seal: &Seal) -> Asked {
    Asked::new(SEAL)
        .with(seal.key.as_str())
        .with(seal.head.seq)
        .with(seal.head.hash.as_str())
        .with(seal.mac.as_str())
}
