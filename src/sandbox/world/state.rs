//! What the world consists of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    access::Access,
    model::{
        BackupRun, Execution, Job, LogEntry, Operation, Project, Secret, SqlInstance, SqlOperation,
    },
};

/// Everything that the sandbox remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Raised when an older state can no longer be read.
    pub version: u32,
    /// The project.
    pub project: Project,
    /// Who may do what.
    pub access: Access,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// The executions, oldest first.
    pub executions: Vec<Execution>,
    /// The long-running operations of Cloud Run, oldest first.
    pub operations: Vec<Operation>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The SQL instances.
    pub instances: Vec<SqlInstance>,
    /// Their operations, oldest first.
    pub sql_operations: Vec<SqlOperation>,
    /// Their backups, oldest first.
    pub backups: Vec<BackupRun>,
    /// Names of Cloud Run services, which are scenery.
    pub services: Vec<String>,
    /// The log in order of time; kept in a file of its own.
    #[serde(skip)]
    pub log: Vec<Arc<LogEntry>>,
    /// Entries that have come into [`State::log`] since the start of this program.
    #[serde(skip)]
    pub arrived: u64,
    /// Lines ever written to the log.
    pub lines: u64,
    /// Makes ids and etags: deterministic, so that a seeded world is the same each time.
    pub dice: Dice,
}

/// The version of [`State`] that this program writes.
pub(in crate::sandbox) const STATE_VERSION: u32 = 1;

impl State {
    /// The same without the log.
    pub fn without_log(&self) -> Self {
        Self {
            version: self.version,
            project: self.project.clone(),
            access: self.access.clone(),
            jobs: self.jobs.clone(),
            executions: self.executions.clone(),
            operations: self.operations.clone(),
            secrets: self.secrets.clone(),
            instances: self.instances.clone(),
            sql_operations: self.sql_operations.clone(),
            backups: self.backups.clone(),
            services: self.services.clone(),
            log: Vec::new(),
            arrived: 0,
            lines: self.lines,
            dice: self.dice.clone(),
        }
    }
}

/// A small generator of numbers (SplitMix64) for ids, etags and seeds; nothing secret comes out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dice(u64);

impl Dice {
    /// A generator that starts here.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to and including `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low + 1)
    }

    /// A word of Cloud Run's kind, such as `x7k2p`.
    pub fn suffix(&mut self) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut word = String::with_capacity(5);
        for _ in 0..5 {
            let at = self.between(0, LETTERS.len() as u64 - 1);
            word.push(char::from(LETTERS[usize::try_from(at).unwrap_or(0)]));
        }
        word
    }

    /// An etag.
    pub fn etag(&mut self) -> String {
        format!("\"{:016x}\"", self.roll())
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
