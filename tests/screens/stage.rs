//! A stage: keys in, text out. Effects are answered by a world in memory; nothing sleeps.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use portcullis::app::bindings::Bindings;
use portcullis::app::consent::{ConsentAnswer, ConsentAsk, RequestSeen};
use portcullis::app::effect::{Effect, Part, RequestId};
use portcullis::app::event::{
    Earlier, Event, LogAnswer, PartAnswer, Prepared, RunEvent, Settlement, Terminal as At,
};
use portcullis::app::input::Key;
use portcullis::app::model::{Model, Setup};
use portcullis::app::{Msg, update};
use portcullis::domain::act::Act as _;
use portcullis::domain::execution::ExecutionState;
use portcullis::domain::failure::Failure;
use portcullis::domain::gate::Gate;
use portcullis::domain::outcome::{Outcome, decide};
use portcullis::domain::plan::{Plan, Step, differences};
use portcullis::tui::theme::{Colours, Theme};
use portcullis::tui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::book::Book;
use crate::reviews;
use crate::world::{self, START, World};

/// Who is signed in.
pub(crate) const ME: &str = "ravi@example.com";

/// How a run of the world goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It applies everything.
    Applies,
    /// It says that all is well, and applies nothing.
    Lies,
    /// It goes on, and a test says how.
    Waits,
}

/// The console on a terminal in memory.
pub(crate) struct Stage {
    pub(crate) model: Model,
    pub(crate) world: World,
    pub(crate) now: Timestamp,
    pub(crate) theme: Theme,
    pub(crate) fate: Fate,
    /// Effects that no answer has come for, in order.
    pub(crate) waiting: VecDeque<Effect>,
    /// Everything that was ever asked of the world.
    pub(crate) asked: Vec<Effect>,
    /// Runs that an earlier start left open, with what is found about them.
    pub(crate) left_open: Vec<Earlier>,
    /// The ledger.
    pub(crate) book: Book,
    terminal: Terminal<TestBackend>,
}

impl Stage {
    /// The console with the world of the origin document, before any answer.
    pub(crate) fn dark(width: u16, height: u16) -> Self {
        Self::with(World::of_the_origin(START), width, height)
    }

    /// The console with a world, everything read.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut stage = Self::dark(width, height);
        stage.open();
        stage
    }

    /// The console with a world, before any answer.
    pub(crate) fn with(world: World, width: u16, height: u16) -> Self {
        let setup = Setup {
            backend: "sandbox · PostgreSQL".into(),
            environments: world.sites.iter().map(|s| s.environment.clone()).collect(),
            operations: world::operations(),
            policies: world.policies.clone(),
            bindings: Bindings::default(),
            snapshot: None,
            refresh_every: SignedDuration::from_secs(30),
            size: (width, height),
        };
        Self::started_with(setup, world)
    }

    /// The console with a setup of its own.
    pub(crate) fn started_with(setup: Setup, world: World) -> Self {
        let (width, height) = setup.size;
        Self {
            model: Model::new(setup),
            world,
            now: START,
            theme: Theme::named("dark", Colours::None).expect("a test"),
            fate: Fate::Applies,
            waiting: VecDeque::new(),
            asked: Vec::new(),
            left_open: Vec::new(),
            book: Book::default(),
            terminal: Terminal::new(TestBackend::new(width, height)).expect("a test"),
        }
    }

    /// Opens the console and lets the world answer.
    pub(crate) fn open(&mut self) {
        self.draw();
        self.happens(Event::Terminal(At::Opened));
        self.settle();
    }

    /// Something happened.
    pub(crate) fn happens(&mut self, event: Event) {
        self.send(Msg::Event(event));
    }

    pub(crate) fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg, self.now);
        self.asked.extend(effects.iter().cloned());
        self.waiting.extend(effects);
    }

    /// Draws a frame and says so.
    pub(crate) fn draw(&mut self) {
        let mut painted = None;
        self.terminal
            .draw(|frame| painted = Some(view::draw(&self.model, &self.theme, self.now, frame)))
            .expect("a test");
        self.happens(Event::Terminal(At::Drawn(painted.expect("a test"))));
    }

    /// Time goes by.
    pub(crate) fn wait(&mut self, span: SignedDuration) {
        self.now = self.now.checked_add(span).expect("a test");
        self.happens(Event::Terminal(At::Tick));
    }

    /// Presses keys, parted by spaces, each a second after the other; after each the world answers.
    pub(crate) fn press(&mut self, keys: &str) {
        for key in keys.split(' ').filter(|key| !key.is_empty()) {
            self.wait(SignedDuration::from_secs(1));
            self.key(Key::parse(key).expect("the test names a key"));
            self.settle();
        }
    }

    /// One key, as the loop hands it on, without drawing or waiting.
    pub(crate) fn key(&mut self, key: Key) {
        let place = self.model.place();
        match self.model.setup.bindings.command(place, key) {
            Some(command) => self.send(Msg::Command(command)),
            None => self.happens(Event::Terminal(At::Key(key))),
        }
    }

    /// Types a text, a frame after each key.
    pub(crate) fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.now = self
                .now
                .checked_add(SignedDuration::from_millis(80))
                .expect("a test");
            self.key(Key::char(c));
            self.draw();
        }
    }

    /// Lets the world answer until nothing is outstanding, and draws.
    pub(crate) fn settle(&mut self) {
        for _ in 0..500 {
            let Some(effect) = self.waiting.pop_front() else {
                break;
            };
            for event in self.reply(effect) {
                self.happens(event);
            }
        }
        assert!(
            self.waiting.is_empty(),
            "it never settles: {:?}",
            self.waiting
        );
        self.draw();
    }

    /// What the world answers to an effect.
    pub(crate) fn reply(&mut self, effect: Effect) -> Vec<Event> {
        let now = self.now;
        match effect {
            Effect::Identity { id } => vec![Event::Identity {
                id,
                answer: self.world.identity.clone(),
            }],
            Effect::Directory { id } => vec![Event::Directory {
                id,
                answer: self.world.directory.clone(),
            }],
            Effect::Review { id, revisions } => vec![Event::Reviewed {
                id,
                answer: self
                    .world
                    .reviews
                    .clone()
                    .map(|()| revisions.iter().map(reviews::review).collect()),
            }],
            Effect::Read {
                id,
                environment,
                part,
            } => vec![Event::Part {
                id,
                answer: self.world.site(environment.as_str()).answer(part, now),
                environment,
            }],
            Effect::Assess { id, status } => {
                let (standing, problems) = World::assess(&status, now);
                vec![Event::Assessed {
                    id,
                    environment: status.environment.name.clone(),
                    standing,
                    heard: status.heard,
                    directory: status.directory.map(Box::new),
                    problems,
                }]
            }
            effect => self.reply_to_act(effect),
        }
    }

    fn reply_to_act(&mut self, effect: Effect) -> Vec<Event> {
        let now = self.now;
        match effect {
            Effect::MakePlan {
                id,
                environment,
                operation,
                params,
                backup_first,
            } => {
                let prepared = self
                    .world
                    .prepare(environment.as_str(), &operation, &params, now);
                let prepared = if backup_first {
                    self.with_backup(prepared)
                } else {
                    prepared
                };
                vec![Event::Planned {
                    id,
                    answer: Ok(Box::new(prepared)),
                }]
            }
            Effect::Execute { id, run } => self.run(id, &run.act),
            Effect::ChangeSecret { id, change } => {
                let version = self.world.change(&change.act);
                vec![Event::SecretChanged {
                    id,
                    answer: Ok(version),
                }]
            }
            Effect::Cancel { id, .. } => vec![Event::Cancelled { id, answer: Ok(()) }],
            Effect::ReadLog { id, .. } => {
                let lines = (0..40)
                    .map(|n| world::line(now, &format!("line {n} of the log")))
                    .collect();
                vec![
                    Event::Log {
                        id,
                        answer: LogAnswer::Lines(lines),
                    },
                    Event::Log {
                        id,
                        answer: LogAnswer::End,
                    },
                ]
            }
            effect => self.reply_from_book(effect),
        }
    }

    fn reply_from_book(&mut self, effect: Effect) -> Vec<Event> {
        let now = self.now;
        match effect {
            Effect::Consent { id, ask } => vec![Event::Consent {
                id,
                answer: self.consent(ask),
            }],
            Effect::SettleEarlier => {
                vec![Event::Earlier(std::mem::take(&mut self.left_open))]
            }
            Effect::Ledger { id, ask } => vec![Event::Ledger {
                id,
                answer: self.book.answer(ask),
            }],
            Effect::Arm {
                id,
                environment,
                arm,
            } => vec![Event::Armed {
                id,
                answer: self.book.arm(now, &environment, arm),
            }],
            _ => Vec::new(),
        }
    }

    /// The same plan with a backup as its first step.
    fn with_backup(&self, mut prepared: Prepared) -> Prepared {
        let instance = "plant-sql-prod".to_owned();
        prepared.plan.steps.push(Step::Backup { instance });
        let (plan, policies) = (&prepared.plan, &self.world.policies);
        prepared.gate = Gate::before(plan, policies, &prepared.findings);
        prepared.consents = self.book.consents(&plan.digest(), ME);
        prepared
    }

    /// Consents are read from the book, words are written into it.
    fn consent(&mut self, ask: ConsentAsk) -> Result<ConsentAnswer, Failure> {
        let now = self.now;
        Ok(match ask {
            ConsentAsk::Standing { plan } => {
                ConsentAnswer::Consents(self.book.consents(&plan.digest(), ME))
            }
            ConsentAsk::Others { plan, reason } => {
                self.book.request(now, &plan, ME, &reason)?;
                ConsentAnswer::Consents(self.book.consents(&plan.digest(), ME))
            }
            ConsentAsk::Desk => ConsentAnswer::Desk(self.book.desk(&self.world.policies, ME, now)),
            ConsentAsk::Look { request, .. } => ConsentAnswer::Seen(Box::new(self.look(&request))),
            ConsentAsk::Word {
                request,
                agrees,
                reason,
                ..
            } => {
                self.book.word(now, &request, ME, agrees, reason)?;
                ConsentAnswer::Recorded
            }
            ConsentAsk::Review { run_id, reason } => {
                self.book.review(now, &run_id, ME, &reason)?;
                ConsentAnswer::Recorded
            }
        })
    }

    /// A request with its plan, compared with the plan made here.
    fn look(&self, request: &str) -> RequestSeen {
        let (request, asked) = self.book.asked(request);
        let plan = &asked.plan;
        let name = plan.environment.as_str();
        let here = self
            .world
            .prepare(name, &plan.operation, &plan.params, self.now);
        RequestSeen {
            request,
            until: asked.expires_at,
            here: Ok(differences(plan, &here.plan)),
            prepared: Prepared {
                plan: asked.plan,
                ..here
            },
            who: ME.into(),
        }
    }

    fn run(&mut self, id: RequestId, plan: &Plan) -> Vec<Event> {
        let now = self.now;
        let event = |event| Event::Run { id, event };
        let mut running =
            world::execution("plant-db-migrations-run1", now, 31, ExecutionState::Running);
        let mut out = vec![
            event(RunEvent::Recorded {
                run_id: "01JHQX3V9K2M8Z4W7T5R6P1N0D".into(),
            }),
            event(RunEvent::Started(Box::new(running.clone()))),
        ];
        if self.fate == Fate::Waits {
            return out;
        }
        let applied = if self.fate == Fate::Applies {
            plan.pending.len()
        } else {
            0
        };
        out.push(event(RunEvent::Lines(
            plan.pending[..applied]
                .iter()
                .map(|id| {
                    world::line(
                        now,
                        &format!(
                            "INFO  [alembic.runtime.migration] Running upgrade  -> {id}, a step"
                        ),
                    )
                })
                .collect(),
        )));
        running.state = ExecutionState::Succeeded;
        out.push(event(RunEvent::State(Box::new(running))));
        out.push(event(RunEvent::ReadingBack));
        let site = self.world.site_mut(plan.environment.as_str());
        site.at += applied;
        let PartAnswer::Reading(reading) = site.answer(Part::Reading, now) else {
            unreachable!("a reading was asked for");
        };
        let after = reading.value().and_then(|r| r.current.clone());
        out.push(event(RunEvent::ReadBack(reading)));
        let outcome = decide(plan, ExecutionState::Succeeded, after.as_deref());
        out.push(event(RunEvent::Settled(Box::new(settlement(
            plan, outcome, after, now,
        )))));
        out
    }

    /// The text on the screen, line by line, without trailing spaces.
    pub(crate) fn text(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The cells on the screen.
    pub(crate) fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    /// Another size.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.terminal = Terminal::new(TestBackend::new(width, height)).expect("a test");
        self.happens(Event::Terminal(At::Resized { width, height }));
        self.draw();
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(
            self.text().contains(text),
            "no `{text}` in:\n{}",
            self.text()
        );
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.text().contains(text), "`{text}` in:\n{}", self.text());
    }

    /// What was asked to be executed so far.
    pub(crate) fn executed(&self) -> usize {
        self.asked
            .iter()
            .filter(|e| matches!(e, Effect::Execute { .. }))
            .count()
    }
}

pub(crate) fn settlement(
    plan: &Plan,
    outcome: Outcome,
    after: Option<Vec<portcullis::domain::revision::RevisionId>>,
    now: Timestamp,
) -> Settlement {
    Settlement {
        outcome: Some(outcome),
        run_id: Some("01JHQX3V9K2M8Z4W7T5R6P1N0D".into()),
        execution: Some("plant-db-migrations-run1".into()),
        before: plan.from.clone(),
        after,
        read_back: Some(("data-api".into(), now)),
        duration: Some(SignedDuration::from_secs(31)),
        happened: match outcome {
            Outcome::Applied => String::new(),
            _ => {
                "the run ended with exit code 0, but the database is not where the plan said".into()
            }
        },
        remedy: match outcome {
            Outcome::Applied => String::new(),
            _ => "read the log; nothing is half done, so it can be planned again".into(),
        },
        causes: Vec::new(),
    }
}
