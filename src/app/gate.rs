//! A gate on the screen: what is asked, what was given so far, and whether it may be answered yet.

use jiff::{SignedDuration, Timestamp};

use super::consent::RequestSeen;
use super::effect::RequestId;
use super::event::Prepared;
use super::text::TextField;
use crate::domain::act::{Act, Cancellation, SecretChange};
use crate::domain::approval::{Consents, Standing};
use crate::domain::digest::Digest;
use crate::domain::environment::{EnvironmentName, Tier};
use crate::domain::failure::Failure;
use crate::domain::gate::{Answer, Demand, Gate, Refusal};
use crate::domain::policy::{Confirm, ReasonRule};
use crate::domain::review_debt::Debt;

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
    /// Somebody's request to agree to a plan, and what is to be typed for it.
    Request(Box<RequestSeen>, Demand),
    /// A review that is owed, and what is to be typed for it.
    Review(Box<Debt>, Demand),
}

impl Subject {
    /// The gate in front of an act; somebody's word stands behind none.
    pub fn gate(&self) -> Option<&Gate> {
        match self {
            Self::Plan(prepared) => Some(&prepared.gate),
            Self::Cancel(_, gate) | Self::Secret(_, gate) => Some(gate),
            Self::Request(..) | Self::Review(..) => None,
        }
    }

    /// What is demanded; with broken glass it is another thing.
    pub fn demand(&self, glass: bool) -> Option<&Demand> {
        match self {
            Self::Request(_, demand) | Self::Review(_, demand) => Some(demand),
            _ if glass => self.gate()?.glass(),
            _ => self.gate().map(Gate::demand),
        }
    }

    /// What other people gave for it, as far as the ledger was read.
    pub fn consents(&self) -> Consents {
        match self {
            Self::Plan(prepared) => prepared.consents.clone(),
            _ => Consents::unasked(&self.digest(), ""),
        }
    }

    /// Whether what was given opens it.
    fn check(&self, answer: &Answer, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Request(_, demand) | Self::Review(_, demand) => {
                demand.check_reason(answer.reason.as_deref())
            }
            _ => self
                .gate()
                .map_or(Ok(()), |gate| gate.check(answer, &self.consents(), now)),
        }
    }

    /// Where the request to others stands, when they have not given enough.
    fn lacks(&self, now: Timestamp) -> Option<Standing> {
        let Self::Plan(prepared) = self else {
            return None;
        };
        if prepared.gate.terms().approvals == 0 {
            return None;
        }
        let standing = prepared.gate.standing(&prepared.consents, now);
        (!matches!(standing, Standing::Granted { .. })).then_some(standing)
    }

    /// The verb, for titles and the record.
    pub fn verb(&self) -> &str {
        match self {
            Self::Plan(prepared) => Act::verb(&prepared.plan),
            Self::Cancel(act, _) => act.verb(),
            Self::Secret(act, _) => Act::verb(act),
            Self::Request(seen, _) => Act::verb(&seen.prepared.plan),
            Self::Review(owed, _) => &owed.operation,
        }
    }

    /// The digest of everything that is shown.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Plan(prepared) => prepared.plan.digest(),
            Self::Cancel(act, _) => act.digest(),
            Self::Secret(act, _) => act.digest(),
            Self::Request(seen, _) => seen.request.plan.clone(),
            Self::Review(owed, _) => Digest::of_bytes(owed.run_id.as_bytes()),
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
    /// Whether a backup was asked for as the first step, to plan again.
    pub backup_first: bool,
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
    /// Whether the glass is being broken.
    pub glass: bool,
    /// Where the request to others stands, while they have not given enough.
    pub standing: Option<Standing>,
    /// The request that reads, or asks for, what others give.
    pub asking: Option<RequestId>,
    /// When that was read last.
    pub asked_at: Option<Timestamp>,
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
            backup_first: false,
            stage,
            drawn_at: None,
            pressed_at: None,
            asks_again: false,
            reason: TextField::default(),
            phrase: TextField::default(),
            field: Field::Reason,
            note: None,
            scroll: 0,
            glass: false,
            standing: None,
            asking: None,
            asked_at: None,
        };
        screen.first_field();
        screen
    }

    /// What the gate demands, once it stands.
    pub fn demand(&self) -> Option<&Demand> {
        match &self.stage {
            Stage::Open(subject) => subject.demand(self.glass),
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
            Stage::Open(subject) => subject
                .gate()
                .is_some_and(|gate| !gate.blocks(self.glass).is_empty()),
            _ => false,
        }
    }

    /// Where the request to others stands, when that keeps the gate closed.
    pub fn lacks(&self) -> Option<&Standing> {
        self.standing.as_ref().filter(|_| !self.glass)
    }

    /// Whether others can be asked now: nobody was, or it came to nothing.
    pub fn may_ask(&self) -> bool {
        self.lacks()
            .is_some_and(|standing| !matches!(standing, Standing::Waiting { .. }))
            && self.asking.is_none()
    }

    /// Whether broken glass would help: something is in the way, and nothing else than the policy.
    pub fn may_break(&self) -> bool {
        let Stage::Open(subject) = &self.stage else {
            return false;
        };
        let Some(gate) = subject.gate().filter(|gate| gate.glass().is_some()) else {
            return false;
        };
        let in_the_way = self.standing.is_some() || !gate.blocks(false).is_empty();
        self.glass || (in_the_way && gate.blocks(true).is_empty())
    }

    /// Takes the glass for broken, or for whole: something else is asked from now on.
    pub fn turn_glass(&mut self, serial: u64) {
        self.glass = !self.glass;
        self.asked_anew(serial);
    }

    /// Looks where the request to others stands. Once that is something else, so is what is asked.
    pub fn look(&mut self, serial: u64, now: Timestamp) {
        let found = match &self.stage {
            Stage::Open(subject) => subject.lacks(now),
            _ => None,
        };
        if found == self.standing {
            return;
        }
        let word = |standing: &Option<Standing>| standing.as_ref().map(Standing::word);
        let changed = word(&found) != word(&self.standing);
        self.standing = found;
        if changed {
            self.asked_anew(serial);
        }
    }

    fn asked_anew(&mut self, serial: u64) {
        self.serial = serial;
        self.drawn_at = None;
        self.asks_again = false;
        self.phrase.clear();
        self.note = None;
        self.first_field();
    }

    /// Changes what is asked: nothing that was pressed before it is drawn may answer it.
    pub fn show(&mut self, serial: u64, stage: Stage) {
        self.stage = stage;
        self.glass = false;
        self.standing = None;
        self.asking = None;
        self.asked_at = None;
        self.asked_anew(serial);
    }

    fn first_field(&mut self) {
        self.field = if self.asks_reason() || self.lacks().is_some() {
            Field::Reason
        } else {
            Field::Phrase
        };
    }

    /// The field after this one, where both are asked for.
    pub fn next_field(&mut self) {
        if self.asks_reason() && self.asks_phrase() && self.lacks().is_none() {
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
            breaks_glass: self.glass,
        }
    }

    fn is_seen(&self, now: Timestamp) -> bool {
        self.drawn_at
            .is_some_and(|drawn| now.duration_since(drawn) >= LOOK_FIRST)
    }

    /// Notes a press of a key that decides something, and says whether it counts: the gate is on
    /// the screen for long enough, and the key is not held down.
    pub fn is_looked_at(&mut self, now: Timestamp) -> bool {
        let held = self
            .pressed_at
            .replace(now)
            .is_some_and(|before| now.duration_since(before) < HELD_DOWN);
        !held && self.is_seen(now)
    }

    /// What an approving key does now. `again` says whether it is the second key of a confirmation.
    pub fn press(&mut self, again: bool, armed: bool, now: Timestamp) -> Result<Answer, Halt> {
        if !self.is_looked_at(now) {
            return Err(Halt::TooSoon);
        }
        let Stage::Open(subject) = &self.stage else {
            return Err(Halt::TooSoon);
        };
        let answer = self.answer(armed);
        if self.lacks().is_some() {
            self.check_reason().map_err(Halt::Refused)?;
            return Ok(answer);
        }
        subject.check(&answer, now).map_err(Halt::Refused)?;
        self.check_whole_phrase()?;
        let two_keys = self.demand().is_some_and(|d| d.confirm == Confirm::Key);
        match (two_keys, self.asks_again, again) {
            (false, _, false) | (true, true, true) => Ok(answer),
            (true, false, false) => Err(Halt::AskAgain),
            _ => Err(Halt::TooSoon),
        }
    }

    /// Others are not asked, and nothing is declined, without a reason.
    pub fn check_reason(&self) -> Result<(), Refusal> {
        let Some(demand) = self.demand() else {
            return Ok(());
        };
        let demand = Demand {
            reason: ReasonRule::Required,
            ..demand.clone()
        };
        demand.check_reason(Some(self.reason.text()))
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
