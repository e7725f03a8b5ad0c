//! Loops: unrolled over what is known, and noted as repeated over anything else.

use ruff_python_ast::{self as ast, Expr, Stmt};

use super::flow::Flow;
use super::machine::Machine;
use super::value::Value;
use crate::domain::review::Certainty;

/// The longest list that is unrolled.
const LONGEST: usize = 5_000;

const LOOP: &str = "it changes in a loop that is not known";

impl<'a> Machine<'a> {
    pub(super) fn run_for(&mut self, repeat: &'a ast::StmtFor) -> Flow {
        let over = self.eval(&repeat.iter);
        match over.iterate() {
            Some(values) if values.len() <= LONGEST => self.unroll(repeat, values),
            _ => {
                self.forget_changes(&repeat.body, LOOP);
                let each = Value::unknown(over.why());
                self.assign(&repeat.target, each);
                self.run_repeated(&repeat.body);
                self.run(&repeat.orelse)
            }
        }
    }

    fn unroll(&mut self, repeat: &'a ast::StmtFor, values: Vec<Value<'a>>) -> Flow {
        let before = std::mem::take(&mut self.may_have_left.the_loop);
        let mut end = Flow::Next;
        for value in values {
            if self.is_exhausted() {
                break;
            }
            self.assign(&repeat.target, value);
            match self.run(&repeat.body) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => break,
                leave => {
                    end = leave;
                    break;
                }
            }
        }
        self.may_have_left.the_loop = before;
        if end == Flow::Next {
            return self.run(&repeat.orelse);
        }
        end
    }

    pub(super) fn run_while(&mut self, repeat: &'a ast::StmtWhile) -> Flow {
        self.forget_changes(&repeat.body, LOOP);
        if self.eval(&repeat.test).truth() == Some(false) {
            return self.run(&repeat.orelse);
        }
        self.run_repeated(&repeat.body);
        self.run(&repeat.orelse)
    }

    /// Follows a body once for all the times that it may run.
    fn run_repeated(&mut self, body: &'a [Stmt]) {
        let before = (self.certainty, self.may_have_left.the_loop);
        self.certainty = Certainty::Repeated;
        let flow = self.run(body);
        (self.certainty, self.may_have_left.the_loop) = before;
        if flow == Flow::Return {
            self.may_have_left.function = true;
        }
        self.forget_changes(body, LOOP);
    }

    /// A comprehension: its values, if it runs over what is known.
    pub(super) fn comprehend(
        &mut self,
        generators: &'a [ast::Comprehension],
        make: &mut dyn FnMut(&mut Self) -> Value<'a>,
    ) -> Option<Vec<Value<'a>>> {
        let Some((first, rest)) = generators.split_first() else {
            return Some(vec![make(self)]);
        };
        let over = self.eval(&first.iter);
        let values = over.iterate().filter(|values| values.len() <= LONGEST);
        let Some(values) = values else {
            // What it calls is called, but nobody knows how often.
            let before = self.certainty;
            self.certainty = Certainty::Repeated;
            self.assign(&first.target, Value::unknown(over.why()));
            self.comprehend(rest, make);
            self.certainty = before;
            return None;
        };
        let mut all = Some(Vec::new());
        for value in values {
            self.assign(&first.target, value);
            match self.all_hold(&first.ifs) {
                Some(false) => {}
                Some(true) => {
                    let more = self.comprehend(rest, make);
                    all = all.zip(more).map(|(mut all, more)| {
                        all.extend(more);
                        all
                    });
                }
                None => {
                    self.perhaps(|this| this.comprehend(rest, make));
                    all = None;
                }
            }
        }
        all
    }

    fn all_hold(&mut self, conditions: &'a [Expr]) -> Option<bool> {
        for condition in conditions {
            if !self.eval(condition).truth()? {
                return Some(false);
            }
        }
        Some(true)
    }
}
