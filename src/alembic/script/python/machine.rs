//! The state of a file that is being followed.

use std::collections::HashMap;
use std::collections::HashSet;

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextSize};

use super::super::{Action, Step};
use super::flow::Flow;
use super::value::{STAND_IN, Value};
use crate::domain::review::Certainty;

/// How many expressions and statements are followed before it is given up.
const MOST_WORK: usize = 400_000;
/// How many steps a function may have before it is given up.
const MOST_STEPS: usize = 20_000;
/// How deep calls, blocks and expressions may lie in each other.
const DEEPEST: usize = 120;

/// Names and their values.
pub(super) type Names<'a> = HashMap<String, Value<'a>>;

/// Follows code, and notes what it sends.
#[derive(Debug)]
pub(in super::super) struct Machine<'a> {
    pub(super) source: &'a str,
    /// Offsets at which lines begin.
    lines: Vec<usize>,
    pub(super) globals: Names<'a>,
    /// Names of the functions that are being followed, the innermost last.
    pub(super) frames: Vec<Names<'a>>,
    /// Functions that are being followed, against endless recursion.
    pub(super) following: Vec<TextSize>,
    pub(super) steps: Vec<Step>,
    /// Steps that wait for the end of a `batch_alter_table`, the innermost last.
    pub(super) waiting: Vec<Vec<Step>>,
    pub(super) certainty: Certainty,
    pub(super) transactional: bool,
    /// Whether this function, or this loop, may have been left.
    pub(super) may_have_left: Left,
    /// What the function that is being followed gives back.
    pub(super) returned: Vec<Value<'a>>,
    /// Types that a table has made already.
    pub(in super::super) made_types: HashSet<String>,
    /// The only library of which all names are imported, if there is one.
    pub(super) star: Option<String>,
    depth: usize,
    work: usize,
}

/// What may have been left before its end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    pub(super) function: bool,
    pub(super) the_loop: bool,
}

/// Where a call stands, and how it is written.
#[derive(Clone, Debug)]
pub(in super::super) struct Place {
    pub(in super::super) line: usize,
    pub(in super::super) call: String,
}

impl<'a> Machine<'a> {
    pub(in super::super) fn new(source: &'a str) -> Self {
        let ends = source
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n');
        Self {
            source,
            lines: std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect(),
            globals: Names::new(),
            frames: Vec::new(),
            following: Vec::new(),
            steps: Vec::new(),
            waiting: Vec::new(),
            certainty: Certainty::Always,
            transactional: true,
            may_have_left: Left::default(),
            returned: Vec::new(),
            made_types: HashSet::new(),
            star: None,
            depth: 0,
            work: MOST_WORK,
        }
    }

    /// The line of an offset, from 1.
    pub(in super::super) fn line_of(&self, at: TextSize) -> usize {
        self.lines.partition_point(|start| *start <= at.to_usize())
    }

    /// Where a call stands.
    pub(super) fn place(&self, call: &ast::ExprCall) -> Place {
        let range = call.func.range();
        let written = self.source.get(range.to_std_range()).unwrap_or_default();
        Place {
            line: self.line_of(range.end()).min(self.line_of(call.start())),
            call: written.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Goes one level deeper, as long as there is room and time.
    pub(super) fn deeper<T>(&mut self, or: T, go: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEEPEST || self.is_exhausted() {
            return or;
        }
        self.work -= 1;
        self.depth += 1;
        let done = go(self);
        self.depth -= 1;
        done
    }

    /// Whether so much was followed that the rest is not.
    pub(in super::super) fn is_exhausted(&self) -> bool {
        self.work == 0 || self.steps.len() >= MOST_STEPS
    }

    /// Whether there is no room to go deeper.
    pub(super) fn is_deepest(&self) -> bool {
        self.depth >= DEEPEST
    }

    /// Notes statements that are sent at once.
    pub(in super::super) fn send(&mut self, place: &Place, statements: &[String]) {
        let step = self.sql_step(place, statements);
        self.steps.extend(step);
    }

    /// Notes statements that are sent when the batch ends, if there is one.
    pub(in super::super) fn send_batched(&mut self, place: &Place, statements: &[String]) {
        let step = self.sql_step(place, statements);
        match self.waiting.last_mut() {
            Some(waiting) => waiting.extend(step),
            None => self.steps.extend(step),
        }
    }

    fn sql_step(&self, place: &Place, statements: &[String]) -> Option<Step> {
        let text = statements.join(";\n");
        let exact = !text.contains(STAND_IN);
        (!text.trim().is_empty()).then(|| self.step(place, Action::Sql { text, exact }))
    }

    /// Notes a place that cannot be known.
    pub(in super::super) fn give_up(&mut self, place: &Place, why: impl Into<String>) {
        let why = why.into();
        let step = self.step(place, Action::Opaque { why });
        // A chain of calls is one place, not one for each of its links.
        let is_known = |last: &Step| last.line == step.line && last.action == step.action;
        if !self.steps.last().is_some_and(is_known) {
            self.steps.push(step);
        }
    }

    /// Notes steps that were made before.
    pub(in super::super) fn append(&mut self, steps: Vec<Step>) {
        self.steps.extend(steps);
    }

    /// Where something may be caught: what follows a step that is not known may not be reached.
    pub(super) fn doubt_after_unknown(&mut self, from: usize) {
        let is_unknown = |step: &Step| matches!(step.action, Action::Opaque { .. });
        let rest = self.steps.get_mut(from..).unwrap_or_default();
        let first = rest.iter().position(is_unknown).unwrap_or(rest.len());
        for step in rest.iter_mut().skip(first) {
            if step.certainty == Certainty::Always {
                step.certainty = Certainty::Perhaps;
            }
        }
    }

    fn step(&self, place: &Place, action: Action) -> Step {
        let left = self.may_have_left.function || self.may_have_left.the_loop;
        let certainty = match self.certainty {
            Certainty::Always if left => Certainty::Perhaps,
            known => known,
        };
        Step {
            line: place.line,
            call: place.call.clone(),
            action,
            certainty,
            transactional: self.transactional,
        }
    }

    /// Does something that may not be reached.
    pub(in super::super) fn perhaps<T>(&mut self, go: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.certainty;
        if before == Certainty::Always {
            self.certainty = Certainty::Perhaps;
        }
        let done = go(self);
        self.certainty = before;
        done
    }

    /// The value of a name.
    pub(super) fn look_up(&self, name: &str) -> Value<'a> {
        let local = self.frames.last().and_then(|frame| frame.get(name));
        if let Some(value) = local.or_else(|| self.globals.get(name)) {
            return value.clone();
        }
        if super::builtin::is_builtin(name) {
            return Value::Path(format!("builtins.{name}").into());
        }
        match &self.star {
            Some(library) => Value::Path(format!("{library}.{name}").into()),
            None => Value::unknown(format!("`{name}` is not set")),
        }
    }

    /// The value of a name of the module, if it has one.
    pub(in super::super) fn global(&self, name: &str) -> Option<Value<'a>> {
        self.globals.get(name).cloned()
    }

    /// Follows the body of a function from a fresh start.
    pub(in super::super) fn follow(&mut self, body: &'a [ast::Stmt]) -> (Flow, Vec<Step>) {
        let globals = self.globals.clone();
        self.steps.clear();
        self.waiting.clear();
        self.made_types.clear();
        self.returned.clear();
        self.certainty = Certainty::Always;
        self.transactional = true;
        self.may_have_left = Left::default();
        (self.depth, self.work) = (0, MOST_WORK);
        self.frames = vec![Names::new()];
        let flow = self.run(body);
        self.frames.clear();
        if self.is_exhausted() {
            let place = Place {
                line: self.steps.last().map_or(1, |step| step.line),
                call: String::new(),
            };
            self.give_up(&place, "it does too much to be followed to its end");
        }
        self.globals = globals;
        (flow, std::mem::take(&mut self.steps))
    }

    /// Gives a name a value.
    pub(super) fn set(&mut self, name: &str, value: Value<'a>) {
        self.names_mut().insert(name.to_owned(), value);
    }

    /// The names that assignments change here.
    pub(super) fn names_mut(&mut self) -> &mut Names<'a> {
        self.frames.last_mut().unwrap_or(&mut self.globals)
    }
}
