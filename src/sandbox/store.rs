//! Keeps the world between two starts: one file for the state, one for the log.
//!
//! The state holds the payloads of secrets: they are made up, and a sandbox without them would not run again.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::world::{State, World, logs::MOST_ENTRIES, model::LogEntry, state::STATE_VERSION};

/// The log's file is written afresh, without what the world has forgotten, when it is larger than this.
const LARGEST_LOG: u64 = 64 * 1024 * 1024;

/// The files of one state folder.
pub(super) struct Store {
    folder: PathBuf,
    written: u64,
}

impl Store {
    /// The files in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            written: 0,
        }
    }

    /// What was kept; nothing when the folder is new.
    pub(super) fn load(&mut self) -> io::Result<Option<State>> {
        let text = match fs::read_to_string(self.state()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut state: State = serde_json::from_str(&text)?;
        if state.version != STATE_VERSION {
            return Err(io::Error::other(format!(
                "it is of version {}, not {STATE_VERSION}",
                state.version
            )));
        }
        state.log = self.load_log()?;
        Ok(Some(state))
    }

    fn load_log(&self) -> io::Result<Vec<Arc<LogEntry>>> {
        let file = match File::open(self.log()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut log: VecDeque<Arc<LogEntry>> = VecDeque::new();
        let mut forgotten = false;
        for line in BufReader::new(file).split(b'\n') {
            // The last line may be torn by a crash.
            let Ok(mut entry) = serde_json::from_slice::<LogEntry>(&line?) else {
                continue;
            };
            if let Some(before) = log.back() {
                share(&mut entry, before);
            }
            if log.len() == MOST_ENTRIES {
                log.pop_front();
                forgotten = true;
            }
            log.push_back(Arc::new(entry));
        }
        let log = Vec::from(log);
        if forgotten {
            self.write_log(&log, true)?;
        }
        Ok(log)
    }

    /// Writes down a world that has just been made, with its whole log.
    pub(super) fn begin(&mut self, state: &State) -> io::Result<()> {
        self.write_log(&state.log, true)?;
        self.write_state(&state.without_log())
    }

    /// Writes down what has changed.
    pub(super) fn save(&mut self, world: &World) -> io::Result<()> {
        let (new, arrived) = world.log_after(self.written);
        self.write_state(&world.snapshot())?;
        self.written = arrived;
        let length = fs::metadata(self.log()).map_or(0, |found| found.len());
        if length > LARGEST_LOG {
            return self.write_log(&world.log(), true);
        }
        self.write_log(&new, false)
    }

    fn write_state(&self, state: &State) -> io::Result<()> {
        let aside = self.state().with_extension("new");
        let mut file = BufWriter::new(private(OpenOptions::new().truncate(true), &aside)?);
        serde_json::to_writer(&mut file, state)?;
        file.flush()?;
        fs::rename(aside, self.state())
    }

    fn write_log(&self, entries: &[Arc<LogEntry>], afresh: bool) -> io::Result<()> {
        if entries.is_empty() && !afresh {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        let options = if afresh {
            options.truncate(true)
        } else {
            options.append(true)
        };
        let mut file = BufWriter::new(private(options, &self.log())?);
        for entry in entries {
            serde_json::to_writer(&mut file, entry)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log.jsonl")
    }
}

/// Lets an entry share with the one before it what both say.
fn share(entry: &mut LogEntry, before: &LogEntry) {
    if entry.log_name == before.log_name {
        entry.log_name = Arc::clone(&before.log_name);
    }
    if entry.resource == before.resource {
        entry.resource = Arc::clone(&before.resource);
    }
    if entry.labels == before.labels {
        entry.labels = Arc::clone(&before.labels);
    }
}

fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.write(true).create(true).mode(0o600).open(path)
}
