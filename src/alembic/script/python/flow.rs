//! Statements: which of them are reached, and with what.

use ruff_python_ast::{self as ast, ExceptHandler, Expr, Stmt};
use ruff_text_size::Ranged;

use super::super::operation;
use super::machine::{Machine, Place};
use super::value::{Handle, Value};

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Flow {
    /// What follows is reached.
    Next,
    Return,
    Raise,
    Break,
    Continue,
}

const CONDITION: &str = "it is set under a condition that is not known";

impl<'a> Machine<'a> {
    /// Follows a block.
    pub(in super::super) fn run(&mut self, body: &'a [Stmt]) -> Flow {
        for statement in body {
            if self.is_exhausted() {
                return Flow::Next;
            }
            if self.is_deepest() {
                let place = self.place_of(statement);
                self.give_up(&place, "calls and blocks lie too deep in each other");
                return Flow::Next;
            }
            let flow = self.deeper(Flow::Next, |this| this.run_one(statement));
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    /// Where a statement stands.
    pub(super) fn place_of(&self, node: &impl Ranged) -> Place {
        let text = self
            .source
            .get(node.range().to_std_range())
            .unwrap_or_default();
        Place {
            line: self.line_of(node.start()),
            call: text.lines().next().unwrap_or_default().trim().to_owned(),
        }
    }

    fn run_one(&mut self, statement: &'a Stmt) -> Flow {
        match statement {
            Stmt::Return(end) => {
                let value = end
                    .value
                    .as_deref()
                    .map_or(Value::None, |value| self.eval(value));
                self.returned.push(value);
                Flow::Return
            }
            Stmt::Raise(_) => Flow::Raise,
            Stmt::Break(_) => Flow::Break,
            Stmt::Continue(_) => Flow::Continue,
            Stmt::If(branch) => self.run_if(branch),
            Stmt::For(repeat) => self.run_for(repeat),
            Stmt::While(repeat) => self.run_while(repeat),
            Stmt::With(with) => self.run_with(with),
            Stmt::Try(attempt) => self.run_try(attempt),
            Stmt::Match(choice) => self.run_match(choice),
            other => {
                self.run_simple(other);
                Flow::Next
            }
        }
    }

    fn run_simple(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Expr(expression) => {
                self.eval(&expression.value);
            }
            Stmt::Assert(check) => {
                self.eval(&check.test);
            }
            Stmt::Assign(assign) => {
                let value = self.eval(&assign.value);
                for target in &assign.targets {
                    self.assign(target, value.clone());
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.eval(value);
                    self.assign(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => self.augment(assign),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.assign(target, Value::unknown("it is deleted"));
                }
            }
            Stmt::FunctionDef(function) => self.define_function(function),
            Stmt::ClassDef(class) => self.define_class(class),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(names) => self.share(&names.names),
            Stmt::Nonlocal(names) => self.share(&names.names),
            _ => {}
        }
    }

    /// Names that are shared with an outer function or the module are not followed.
    fn share(&mut self, names: &[ast::Identifier]) {
        for name in names {
            self.set(
                name.as_str(),
                Value::unknown("it is shared between functions"),
            );
        }
    }

    fn run_if(&mut self, branch: &'a ast::StmtIf) -> Flow {
        let mut ways: Vec<(Option<&'a Expr>, &'a [Stmt])> =
            vec![(Some(&*branch.test), &branch.body)];
        for clause in &branch.elif_else_clauses {
            ways.push((clause.test.as_ref(), &clause.body));
        }
        self.choose(&ways)
    }

    /// Takes the first way whose condition holds; without knowing that, all that are left.
    fn choose(&mut self, ways: &[(Option<&'a Expr>, &'a [Stmt])]) -> Flow {
        let Some(((test, body), rest)) = ways.split_first() else {
            return Flow::Next;
        };
        let truth = match test {
            None => Some(true),
            Some(test) => self.eval(test).truth(),
        };
        match truth {
            Some(true) => self.run(body),
            Some(false) => self.choose(rest),
            None => self.either(|this| this.run(body), |this| this.choose(rest)),
        }
    }

    /// Goes two ways, of which one will be gone.
    pub(super) fn either(
        &mut self,
        one: impl FnOnce(&mut Self) -> Flow,
        other: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let before = self.names_mut().clone();
        let first = self.perhaps(one);
        let after_first = std::mem::replace(self.names_mut(), before);
        let second = self.perhaps(other);
        match (first == Flow::Next, second == Flow::Next) {
            (true, true) => self.merge(after_first, CONDITION),
            (true, false) => *self.names_mut() = after_first,
            (false, true) => {}
            (false, false) if first == second => return first,
            (false, false) => {
                self.may_leave(first);
                return second;
            }
        }
        self.may_leave(first);
        self.may_leave(second);
        Flow::Next
    }

    /// Notes that what follows may not be reached. After a `raise` nothing counts any more.
    pub(super) fn may_leave(&mut self, flow: Flow) {
        match flow {
            Flow::Return => self.may_have_left.function = true,
            Flow::Break | Flow::Continue => self.may_have_left.the_loop = true,
            Flow::Next | Flow::Raise => {}
        }
    }

    fn run_match(&mut self, choice: &'a ast::StmtMatch) -> Flow {
        self.eval(&choice.subject);
        for case in &choice.cases {
            self.forget_changes(&case.body, CONDITION);
            let flow = self.perhaps(|this| this.run(&case.body));
            self.may_leave(flow);
            self.forget_changes(&case.body, CONDITION);
        }
        Flow::Next
    }

    fn run_try(&mut self, attempt: &'a ast::StmtTry) -> Flow {
        let before = self.steps.len();
        let flow = self.run(&attempt.body);
        if !attempt.handlers.is_empty() {
            self.doubt_after_unknown(before);
        }
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            self.forget_changes(&handler.body, CONDITION);
            let flow = self.perhaps(|this| this.run(&handler.body));
            self.may_leave(flow);
            self.forget_changes(&handler.body, CONDITION);
        }
        let flow = match flow {
            Flow::Next => self.run(&attempt.orelse),
            // What is raised may be caught.
            Flow::Raise if !attempt.handlers.is_empty() => Flow::Next,
            other => other,
        };
        let last = self.run(&attempt.finalbody);
        if last == Flow::Next { flow } else { last }
    }

    fn run_with(&mut self, with: &'a ast::StmtWith) -> Flow {
        let transactional = self.transactional;
        let mut batches = Vec::new();
        for item in &with.items {
            let value = self.eval(&item.context_expr);
            match &value {
                Value::Batch(batch) => {
                    self.waiting.push(Vec::new());
                    batches.push((batch.clone(), self.place_of(&item.context_expr)));
                }
                Value::Bound(bound) if &*bound.1 == "autocommit_block()" => {
                    self.transactional = false;
                }
                _ => {}
            }
            if let Some(target) = &item.optional_vars {
                self.assign(target, entered(value));
            }
        }
        let flow = self.run(&with.body);
        while let Some((batch, place)) = batches.pop() {
            let waiting = self.waiting.pop().unwrap_or_default();
            operation::end_batch(self, &batch, &place, waiting);
        }
        self.transactional = transactional;
        flow
    }
}

/// What a context manager gives to the name after `as`.
fn entered(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Handle(Handle::Engine | Handle::Transaction) => Value::Handle(Handle::Connection),
        other => other,
    }
}
