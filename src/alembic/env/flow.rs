//! Following statements.

use ruff_python_ast::{self as ast, ExceptHandler, Expr, Stmt, WithItem};

use super::machine::{Frame, Hook, Machine, Raised};
use super::strings;
use super::value::{FrameId, Given, Value};

/// How a statement ends.
pub(super) enum Flow<'a> {
    Next,
    Return(Value<'a>),
    Break,
    Continue,
}

type Step<'a> = Result<Flow<'a>, Raised>;

impl<'a> Machine<'a> {
    /// Follows statements until one leaves the block.
    pub(super) fn block(&mut self, body: &'a [Stmt], frame: FrameId) -> Step<'a> {
        for statement in body {
            match self.statement(statement, frame)? {
                Flow::Next => {}
                leaves => return Ok(leaves),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &'a Stmt, frame: FrameId) -> Step<'a> {
        self.step()?;
        match statement {
            Stmt::Expr(only) => {
                self.value(&only.value, frame)?;
            }
            Stmt::Assign(assign) => {
                let value = self.value(&assign.value, frame)?;
                for target in &assign.targets {
                    self.assign(target, value.clone(), frame);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(expression) = &assign.value {
                    let value = self.value(expression, frame)?;
                    self.assign(&assign.target, value, frame);
                }
            }
            Stmt::AugAssign(assign) => {
                self.value(&assign.value, frame)?;
                self.assign(&assign.target, Value::Unknown, frame);
            }
            Stmt::Return(leave) => {
                let value = match &leave.value {
                    Some(value) => self.value(value, frame)?,
                    None => Value::None,
                };
                return Ok(Flow::Return(value));
            }
            Stmt::Raise(_) => return Err(Raised),
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::FunctionDef(function) => self.define(function, frame),
            Stmt::ClassDef(class) => self.set(class.name.as_str(), Value::Unknown, frame),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.import(statement, frame),
            Stmt::Global(names) => {
                let names = names.names.iter().map(ast::Identifier::as_str);
                self.frames[frame].globals.extend(names);
            }
            Stmt::If(branch) => return self.branch(branch, frame),
            Stmt::With(with) => return self.with(&with.items, &with.body, frame),
            Stmt::Try(attempt) => return self.attempt(attempt, frame),
            Stmt::For(each) => return self.each(each, frame),
            Stmt::While(repeat) => return self.repeat(repeat, frame),
            Stmt::Match(cases) => return self.cases(cases, frame),
            Stmt::Assert(_)
            | Stmt::Delete(_)
            | Stmt::Nonlocal(_)
            | Stmt::Pass(_)
            | Stmt::TypeAlias(_)
            | Stmt::IpyEscapeCommand(_) => {}
        }
        Ok(Flow::Next)
    }

    fn define(&mut self, function: &'a ast::StmtFunctionDef, frame: FrameId) {
        let listens = function.decorator_list.iter().any(|decorator| {
            strings::names(&decorator.expression).any(|name| name == "listens_for")
        });
        if listens {
            self.listeners.extend(strings::settings(&function.body));
        }
        self.set(
            function.name.as_str(),
            Value::Function(function, frame),
            frame,
        );
    }

    fn import(&mut self, statement: &'a Stmt, frame: FrameId) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let whole = alias.name.as_str();
                    if let Some(name) = &alias.asname {
                        self.set(name.as_str(), Value::Imported(whole.to_owned()), frame);
                    } else {
                        let first = whole.split('.').next().unwrap_or(whole);
                        self.set(first, Value::Imported(first.to_owned()), frame);
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |m| m.as_str());
                let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let whole = format!("{dots}{module}.{}", alias.name.as_str());
                    self.set(name.as_str(), Value::Imported(whole), frame);
                }
            }
            _ => {}
        }
    }

    /// Gives a target its value; of parts only those of a list that is written out are known.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value<'a>, frame: FrameId) {
        match target {
            Expr::Name(name) => self.set(name.id.as_str(), value, frame),
            Expr::Starred(starred) => self.assign(&starred.value, Value::Unknown, frame),
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                self.unpack(elts, value, frame);
            }
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: Value<'a>, frame: FrameId) {
        match value {
            Value::Many(values) if values.len() == targets.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value, frame);
                }
            }
            other => {
                let inside = Self::holder(other.sessions());
                for target in targets {
                    self.assign(target, inside.clone(), frame);
                }
            }
        }
    }

    fn branch(&mut self, branch: &'a ast::StmtIf, frame: FrameId) -> Step<'a> {
        if self.truth(&branch.test, frame)? {
            return self.block(&branch.body, frame);
        }
        for clause in &branch.elif_else_clauses {
            let holds = match &clause.test {
                Some(test) => self.truth(test, frame)?,
                None => true,
            };
            if holds {
                return self.block(&clause.body, frame);
            }
        }
        Ok(Flow::Next)
    }

    /// A handler is followed where something is known to raise; nothing else is taken to.
    fn attempt(&mut self, attempt: &'a ast::StmtTry, frame: FrameId) -> Step<'a> {
        let mut went = match self.block(&attempt.body, frame) {
            Ok(Flow::Next) => self.block(&attempt.orelse, frame),
            other => other,
        };
        if went.is_err()
            && let Some(ExceptHandler::ExceptHandler(handler)) = attempt.handlers.first()
        {
            if let Some(name) = &handler.name {
                self.set(name.as_str(), Value::Unknown, frame);
            }
            went = self.block(&handler.body, frame);
        }
        match self.block(&attempt.finalbody, frame)? {
            Flow::Next => went,
            leaves => Ok(leaves),
        }
    }

    fn each(&mut self, each: &'a ast::StmtFor, frame: FrameId) -> Step<'a> {
        let over = self.value(&each.iter, frame)?;
        let first = match &over {
            Value::Many(items) => items.first().cloned(),
            other => match other.truth() {
                Some(false) => None,
                _ if self.choose(each.iter.as_ref()) => Some(Self::holder(other.sessions())),
                _ => None,
            },
        };
        let Some(first) = first else {
            return self.block(&each.orelse, frame);
        };
        self.assign(&each.target, first, frame);
        match self.block(&each.body, frame)? {
            Flow::Return(value) => Ok(Flow::Return(value)),
            Flow::Break => Ok(Flow::Next),
            Flow::Next | Flow::Continue => self.block(&each.orelse, frame),
        }
    }

    fn repeat(&mut self, repeat: &'a ast::StmtWhile, frame: FrameId) -> Step<'a> {
        if !self.truth(&repeat.test, frame)? {
            return self.block(&repeat.orelse, frame);
        }
        match self.block(&repeat.body, frame)? {
            Flow::Return(value) => Ok(Flow::Return(value)),
            _ => Ok(Flow::Next),
        }
    }

    fn cases(&mut self, cases: &'a ast::StmtMatch, frame: FrameId) -> Step<'a> {
        self.value(&cases.subject, frame)?;
        for case in &cases.cases {
            let always = case.guard.is_none() && case.pattern.is_irrefutable();
            if always || self.choose(&case.pattern) {
                return self.block(&case.body, frame);
            }
        }
        Ok(Flow::Next)
    }

    /// Enters the managers one after the other, and leaves them in reverse.
    pub(super) fn with(
        &mut self,
        items: &'a [WithItem],
        body: &'a [Stmt],
        frame: FrameId,
    ) -> Step<'a> {
        let Some((item, rest)) = items.split_first() else {
            return self.block(body, frame);
        };
        let hook = Hook {
            target: item.optional_vars.as_deref(),
            items: rest,
            body,
            frame,
        };
        match self.value(&item.context_expr, frame)? {
            Value::Connection(id) => {
                let went = self.inside(hook, Value::Connection(id));
                self.sessions[id].roll_back();
                went
            }
            Value::Beginning(engine) => {
                let id = self.connect(&engine);
                self.sessions[id].begun = Some(self.place(&item.context_expr));
                let went = self.inside(hook, Value::Connection(id));
                self.leave(id, went.is_ok());
                went
            }
            Value::Transaction(id) => {
                let went = self.inside(hook, Value::Transaction(id));
                self.leave(id, went.is_ok());
                went
            }
            Value::ContextTransaction(owner) => {
                let went = self.inside(hook, Value::ContextTransaction(owner));
                if let Some(id) = owner {
                    self.leave(id, went.is_ok());
                }
                went
            }
            Value::Later(call) => self.deeper(|machine| machine.managed(*call, hook)),
            Value::Unknown => self.inside(hook, Value::Unknown),
            other => {
                let inside = Self::holder(other.sessions());
                self.inside(hook, inside)
            }
        }
    }

    fn leave(&mut self, id: usize, well: bool) {
        if well {
            self.sessions[id].commit();
        } else {
            self.sessions[id].roll_back();
        }
    }

    fn inside(&mut self, hook: Hook<'a>, value: Value<'a>) -> Step<'a> {
        if let Some(target) = hook.target {
            self.assign(target, value, hook.frame);
        }
        self.with(hook.items, hook.body, hook.frame)
    }

    /// A context manager of the file: its body with the rest of the `with` where it yields.
    fn managed(&mut self, call: super::value::Call<'a>, hook: Hook<'a>) -> Step<'a> {
        let Value::Function(function, parent) = call.function else {
            return self.inside(hook, Value::Unknown);
        };
        let frame = self.enter(&function.parameters, call.given, parent)?;
        self.frames[frame].hook = Some(hook);
        self.block(&function.body, frame)?;
        // What left the `with` leaves it also through the manager.
        let left = self.frames[frame].names.remove(LEFT);
        Ok(match left {
            Some(Value::Many(mut value)) => Flow::Return(value.pop().unwrap_or(Value::None)),
            _ => Flow::Next,
        })
    }

    /// What happens at a `yield`.
    pub(super) fn at_yield(
        &mut self,
        value: Value<'a>,
        frame: FrameId,
    ) -> Result<Value<'a>, Raised> {
        let Some(hook) = self.frames[frame].hook.take() else {
            return Ok(Value::Unknown);
        };
        if let Flow::Return(value) = self.inside(hook, value)? {
            let names = &mut self.frames[frame].names;
            names.insert(LEFT, Value::Many(vec![value]));
        }
        Ok(Value::None)
    }

    /// A frame with the arguments of a call in it.
    pub(super) fn enter(
        &mut self,
        parameters: &'a ast::Parameters,
        given: Given<'a>,
        parent: FrameId,
    ) -> Result<FrameId, Raised> {
        let frame = self.frames.len();
        self.frames.push(Frame {
            parent: Some(parent),
            ..Frame::default()
        });
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let mut plain = given.plain.into_iter();
        let mut named = given.named;
        let mut take = |name: &str| {
            let at = named.iter().position(|(given, _)| given == name)?;
            Some(named.swap_remove(at).1)
        };
        for parameter in positional {
            let value = plain.next().or_else(|| take(parameter.name().as_str()));
            self.parameter(parameter, value, frame, parent)?;
        }
        for parameter in &parameters.kwonlyargs {
            let value = take(parameter.name().as_str());
            self.parameter(parameter, value, frame, parent)?;
        }
        if let Some(rest) = &parameters.vararg {
            self.set(rest.name.as_str(), Value::Many(plain.collect()), frame);
        }
        if let Some(rest) = &parameters.kwarg {
            let items = named.into_iter().collect();
            let rest_value = if given.more {
                Value::Unknown
            } else {
                Value::Dict(items)
            };
            self.set(rest.name.as_str(), rest_value, frame);
        }
        Ok(frame)
    }

    fn parameter(
        &mut self,
        parameter: &'a ast::ParameterWithDefault,
        value: Option<Value<'a>>,
        frame: FrameId,
        parent: FrameId,
    ) -> Result<(), Raised> {
        let value = match (value, parameter.default()) {
            (Some(value), _) => value,
            (None, Some(default)) => self.value(default, parent)?,
            (None, None) => Value::Unknown,
        };
        self.set(parameter.name().as_str(), value, frame);
        Ok(())
    }
}

/// The name, impossible in Python, under which a value waits that left a `with` by `return`.
const LEFT: &str = " left";
