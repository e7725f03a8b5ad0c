//! Following an execution to its end: its state, and its log within the quota.

use jiff::{SignedDuration, Timestamp};

use crate::domain::environment::Environment;
use crate::domain::execution::{Execution, ExecutionName};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::logs::{LogLine, LogQuery};
use crate::ports::World;

/// How often the state is asked for.
const STATE_EVERY: SignedDuration = SignedDuration::from_millis(1_000);
/// Each how manieth look at the state the log is read: 30 reads a minute of 60.
const LOG_EACH: u32 = 2;
/// How long the state may stay unreadable before the run counts as lost.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// What happens while an execution is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The platform's word about it.
    State(Box<Execution>),
    /// New lines of its log, the oldest first.
    Log(Vec<LogLine>),
    /// It could not be read just now; it is asked again.
    Interrupted(Failure),
}

/// Follows an execution until it is over. A network that comes and goes is waited out;
/// a sign-in that ended is not, because only a person can mend it.
pub async fn follow(
    world: &World,
    environment: &Environment,
    name: &ExecutionName,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Execution, Failure> {
    let mut log = LogReader::new(environment, name);
    let mut lost_since: Option<Timestamp> = None;
    let mut round = 0_u32;
    loop {
        match world.jobs.execution(environment, name).await {
            Ok(execution) => {
                lost_since = None;
                let over = execution.is_over();
                tell(Progress::State(Box::new(execution.clone())));
                if over {
                    log.advance(world, tell).await;
                    return Ok(execution);
                }
            }
            Err(failure) => {
                let since = *lost_since.get_or_insert(world.clock.now());
                let given_up = world.clock.now().duration_since(since) > PATIENCE;
                if given_up || !may_pass(&failure) {
                    return Err(failure);
                }
                tell(Progress::Interrupted(failure));
            }
        }
        if round.is_multiple_of(LOG_EACH) {
            log.advance(world, tell).await;
        }
        round = round.wrapping_add(1);
        world.clock.sleep(STATE_EVERY).await;
    }
}

fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Unreachable | FailureKind::Stale | FailureKind::Internal
    )
}

/// Reads a log piece by piece and gives every line once.
pub struct LogReader {
    query: LogQuery,
    /// Lines at the newest timestamp so far, which the next read brings again.
    at_edge: Vec<String>,
}

impl LogReader {
    /// A reader that starts at the first line.
    pub fn new(environment: &Environment, name: &ExecutionName) -> Self {
        Self {
            query: LogQuery::of(environment, name),
            at_edge: Vec::new(),
        }
    }

    /// The lines that are new since the last call, page by page.
    pub async fn next(&mut self, world: &World) -> Result<Vec<LogLine>, Failure> {
        let mut fresh = Vec::new();
        self.query.page = None;
        loop {
            let page = world.logs.read(&self.query).await?;
            for line in page.lines {
                if !self.seen(&line) {
                    self.remember(&line);
                    fresh.push(line);
                }
            }
            self.query.page = page.next;
            if self.query.page.is_none() {
                break;
            }
        }
        self.query.since = fresh
            .last()
            .map(|line: &LogLine| line.at)
            .or(self.query.since);
        Ok(fresh)
    }

    async fn advance(&mut self, world: &World, tell: &(dyn Fn(Progress) + Send + Sync)) {
        match self.next(world).await {
            Ok(lines) if lines.is_empty() => {}
            Ok(lines) => tell(Progress::Log(lines)),
            Err(failure) => tell(Progress::Interrupted(failure)),
        }
    }

    fn seen(&self, line: &LogLine) -> bool {
        self.at_edge.contains(&line.insert_id)
    }

    fn remember(&mut self, line: &LogLine) {
        // A bounded memory suffices: only lines near the edge come twice.
        if self.at_edge.len() >= 2_000 {
            self.at_edge.drain(..1_000);
        }
        self.at_edge.push(line.insert_id.clone());
    }
}
