//! A gate on the screen: what is asked, what was given so far, and whether it may be answered yet.

use jiff::{SignedDuration, Timestamp};

use super::effect::RequestId;
use super::event::Prepared;
use super::text::TextField;
use crate::domain::act::{Act, Cancellation, SecretChange};
use crate::domain::approval::Consents;
use crate::domain::digest::Digest;
use crate::domain::environment::{EnvironmentName, Tier};
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Demand, Gate, Refusal};
use crate::domain::policy::{Confirm, ReasonRule};

/// How long a gate must have been on the screen before a key may pass it: nobody reads faster.
pub const LOOK_FIRST: SignedDuration = SignedDuration::from_millis(250);
/// Presses of the same key closer than this are a key that is held down.
pub const HELD_DOWN: SignedDuration = SignedDuration::from_millis(700);

/// What stands behind a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A plan with its preflight.
    Plan(Box<Prepared>),
    /// The cancellation of an execution.
    Cancel(Cancellation, Gate),
    /// A change of a secret version.
    Secret(SecretChange, Gate),
}

impl Subject {
    /// The gate in front of it.
    pub fn gate(&self) -> &Gate {
        match self {
            Self::Plan(prepared) => &prepared.gate,
            Self::Cancel(_, gate) | Self::Secret(_, gate) => gate,
        }
    }

    /// What other people gave for it, as far as the ledger was read.
    pub fn consents(&self) -> Consents {
        match self {
            Self::Plan(prepared) => prepared.consents.clone(),
            Self::Cancel(..) | Self::Secret(..) => Consents::unasked(&self.digest(), ""),
        }
    }

    /// The verb, for titles and the record.
    pub fn verb(&self) -> &str {
        match self {
            Self::Plan(prepared) => Act::verb(&prepared.plan),
            Self::Cancel(act, _) => act.verb(),
            Self::Secret(act, _) => Act::verb(act),
        }
    }

    /// The digest of everything that is shown.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Plan(prepared) => prepared.plan.digest(),
            Self::Cancel(act, _) => act.digest(),
            Self::Secret(act, _) => act.digest(),
        }
    }
}

/// What a gate screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The plan is being made.
    Planning(RequestId),
    /// There is no plan.
    Failed(Failure),
    /// The gate stands.
    Open(Subject),
}

/// A field of a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// Why.
    #[default]
    Reason,
    /// The exact text that is asked for.
    Phrase,
}

/// Why a press does not pass a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// It is not on the screen, or not long enough; or the key is held down.
    TooSoon,
    /// One more key is asked for, once this is on the screen.
    AskAgain,
    /// The gate says no.
    Refused(Refusal),
}

/// A gate on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateScreen {
    /// Number of what is to be drawn; it changes when what is asked changes.
    pub serial: u64,
    /// The environment.
    pub environment: EnvironmentName,
    /// How dangerous it is.
    pub tier: Tier,
    /// The operation or verb, for the title.
    pub verb: String,
    /// Parameters that were given, to plan again.
    pub params: std::collections::BTreeMap<String, String>,
    /// What is shown.
    pub stage: Stage,
    /// When this serial was first on the screen.
    pub drawn_at: Option<Timestamp>,
    /// When a key of approval was last pressed.
    pub pressed_at: Option<Timestamp>,
    /// Whether the second key of a confirmation is asked for.
    pub asks_again: bool,
    /// The reason.
    pub reason: TextField,
    /// The phrase.
    pub phrase: TextField,
    /// The field that takes the keys.
    pub field: Field,
    /// Why the last press did not pass.
    pub note: Option<String>,
    /// First visible row of what is shown above the gate.
    pub scroll: usize,
}

impl GateScreen {
    /// A gate screen that has not been drawn.
    pub fn new(
        serial: u64,
        environment: EnvironmentName,
        tier: Tier,
        verb: String,
        stage: Stage,
    ) -> Self {
        let mut screen = Self {
            serial,
            environment,
            tier,
            verb,
            params: std::collections::BTreeMap::new(),
            stage,
            drawn_at: None,
            pressed_at: None,
            asks_again: false,
            reason: TextField::default(),
            phrase: TextField::default(),
            field: Field::Reason,
            note: None,
            scroll: 0,
        };
        screen.first_field();
        screen
    }

    /// What the gate demands, once it stands.
    pub fn demand(&self) -> Option<&Demand> {
        match &self.stage {
            Stage::Open(subject) => Some(subject.gate().demand()),
            _ => None,
        }
    }

    /// Whether it asks for text at all.
    pub fn asks_text(&self) -> bool {
        self.asks_reason() || self.asks_phrase()
    }

    /// Whether it asks for a reason.
    pub fn asks_reason(&self) -> bool {
        self.demand().is_some_and(|d| d.reason != ReasonRule::None)
    }

    /// Whether it asks for the exact phrase.
    pub fn asks_phrase(&self) -> bool {
        self.demand()
            .is_some_and(|d| d.confirm == Confirm::TypeTarget)
    }

    /// Whether a check blocks it, so that no answer can open it.
    pub fn is_blocked(&self) -> bool {
        match &self.stage {
            Stage::Open(subject) => !subject.gate().blocks(false).is_empty(),
            _ => false,
        }
    }

    /// Changes what is asked: nothing that was pressed before it is drawn may answer it.
    pub fn show(&mut self, serial: u64, stage: Stage) {
        self.serial = serial;
        self.drawn_at = None;
        self.asks_again = false;
        self.phrase.clear();
        self.note = None;
        self.stage = stage;
        self.first_field();
    }

    fn first_field(&mut self) {
        self.field = if self.asks_reason() {
            Field::Reason
        } else {
            Field::Phrase
        };
    }

    /// The field after this one, where both are asked for.
    pub fn next_field(&mut self) {
        if self.asks_reason() && self.asks_phrase() {
            self.field = match self.field {
                Field::Reason => Field::Phrase,
                Field::Phrase => Field::Reason,
            };
        }
    }

    /// The field that takes the keys.
    pub fn current_field(&mut self) -> &mut TextField {
        match self.field {
            Field::Reason => &mut self.reason,
            Field::Phrase => &mut self.phrase,
        }
    }

    /// What has been given so far.
    pub fn answer(&self, armed: bool) -> Answer {
        let filled = |field: &TextField| {
            let text = field.text().trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        Answer {
            typed: if self.asks_phrase() {
                filled(&self.phrase)
            } else {
                None
            },
            key: true,
            reason: filled(&self.reason),
            armed,
            breaks_glass: false,
        }
    }

    /// What an approving key does now. `again` says whether it is the second key of a confirmation.
    pub fn press(&mut self, again: bool, armed: bool, now: Timestamp) -> Result<Answer, Halt> {
        let held = self
            .pressed_at
            .replace(now)
            .is_some_and(|before| now.duration_since(before) < HELD_DOWN);
        let looked = self
            .drawn_at
            .is_some_and(|drawn| now.duration_since(drawn) >= LOOK_FIRST);
        if held || !looked {
            return Err(Halt::TooSoon);
        }
        let Stage::Open(subject) = &self.stage else {
            return Err(Halt::TooSoon);
        };
        let answer = self.answer(armed);
        let gate = subject.gate();
        gate.check(&answer, &subject.consents(), now)
            .map_err(Halt::Refused)?;
        self.check_whole_phrase()?;
        let two_keys = self.demand().is_some_and(|d| d.confirm == Confirm::Key);
        match (two_keys, self.asks_again, again) {
            (false, _, false) | (true, true, true) => Ok(answer),
            (true, false, false) => Err(Halt::AskAgain),
            _ => Err(Halt::TooSoon),
        }
    }

    /// Headless, the environment's name alone is enough; here the whole phrase is asked for.
    fn check_whole_phrase(&self) -> Result<(), Halt> {
        match self.demand() {
            Some(demand)
                if demand.confirm == Confirm::TypeTarget
                    && self.phrase.text().trim() != demand.phrase =>
            {
                Err(Halt::Refused(Refusal::Mistyped(demand.phrase.clone())))
            }
            _ => Ok(()),
        }
    }
}
