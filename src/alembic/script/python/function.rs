//! Functions and classes of the file, and calls of them.

use std::rc::Rc;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::Arguments;
use super::flow::Flow;
use super::machine::{Left, Machine, Names, Place};
use super::value::{Class, Value};

/// How many calls may lie in each other.
const DEEPEST_CALL: usize = 12;

impl<'a> Machine<'a> {
    pub(super) fn define_function(&mut self, function: &'a ast::StmtFunctionDef) {
        // What decorators do to it is not followed.
        let keeps = |decorator: &ast::Decorator| match &decorator.expression {
            Expr::Name(name) => matches!(name.id.as_str(), "staticmethod" | "contextmanager"),
            Expr::Attribute(part) => part.attr.as_str() == "contextmanager",
            _ => false,
        };
        let value = if function.decorator_list.iter().all(keeps) {
            let captured = self.frames.last().map_or(Vec::new(), |frame| {
                frame
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect()
            });
            Value::Function(function, Rc::new(captured))
        } else {
            Value::foreign(function.name.as_str())
        };
        self.set(function.name.as_str(), value);
    }

    pub(super) fn define_class(&mut self, class: &'a ast::StmtClassDef) {
        let name: Rc<str> = class.name.as_str().into();
        let is_enum = class.bases().iter().any(|base| {
            let word = match base {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(part) => part.attr.as_str(),
                _ => "",
            };
            word.ends_with("Enum")
        });
        self.frames
            .push(self.frames.last().cloned().unwrap_or_default());
        let mut members = Vec::new();
        for statement in &class.body {
            for target in targets(statement) {
                self.deeper((), |this| {
                    this.run(std::slice::from_ref(statement));
                });
                members.push((target.to_owned(), self.look_up(target)));
            }
        }
        self.frames.pop();
        let members = if is_enum {
            let is_private = |name: &str| name.starts_with('_');
            members
                .into_iter()
                .filter(|(name, _)| !is_private(name))
                .collect()
        } else {
            members
        };
        let value = Value::Class(Rc::new(Class {
            name: name.clone(),
            members,
            is_enum,
        }));
        self.set(&name, value);
    }

    /// Follows a call of a function of this file.
    pub(super) fn call_function(
        &mut self,
        function: &'a ast::StmtFunctionDef,
        captured: &[(String, Value<'a>)],
        arguments: Arguments<'a>,
        place: &Place,
    ) -> Value<'a> {
        let name = function.name.as_str();
        let at = function.range().start();
        if self.following.contains(&at) {
            self.give_up(place, format!("`{name}` calls itself"));
            return Value::unknown(format!("`{name}` calls itself"));
        }
        if self.following.len() >= DEEPEST_CALL || self.is_deepest() {
            self.give_up(place, "calls lie too deep in each other");
            return Value::unknown("calls lie too deep in each other");
        }
        if is_generator(function) {
            self.give_up(
                place,
                format!("`{name}` is run bit by bit, which is not followed"),
            );
            return Value::unknown(format!("`{name}` is run bit by bit"));
        }
        let mut names: Names<'a> = captured.iter().cloned().collect();
        self.hand_over(&function.parameters, arguments, &mut names);
        self.following.push(at);
        let value = self.run_body(names, |this| this.run(&function.body));
        self.following.pop();
        value
    }

    pub(super) fn call_lambda(
        &mut self,
        lambda: &'a ast::ExprLambda,
        arguments: Arguments<'a>,
    ) -> Value<'a> {
        let mut names = self.frames.last().cloned().unwrap_or_default();
        if let Some(parameters) = &lambda.parameters {
            self.hand_over(parameters, arguments, &mut names);
        }
        self.frames.push(names);
        let value = self.eval(&lambda.body);
        self.frames.pop();
        value
    }

    /// Runs a body with names of its own, and finds what it gives back.
    fn run_body(&mut self, names: Names<'a>, go: impl FnOnce(&mut Self) -> Flow) -> Value<'a> {
        self.frames.push(names);
        let left = std::mem::take(&mut self.may_have_left);
        let was_left = left.function || left.the_loop;
        self.may_have_left = Left {
            function: was_left,
            the_loop: false,
        };
        let returned = std::mem::take(&mut self.returned);
        let flow = go(self);
        let given = std::mem::replace(&mut self.returned, returned);
        let is_sure = self.may_have_left.function == was_left;
        self.may_have_left = left;
        self.frames.pop();
        match (&*given, flow) {
            ([], _) => Value::None,
            ([only], Flow::Return) if is_sure => only.clone(),
            ([first, rest @ ..], Flow::Return) if rest.iter().all(|one| one == first) => {
                first.clone()
            }
            _ => Value::unknown("the function gives back one of several values"),
        }
    }

    /// Gives parameters what is passed to them, and else their defaults.
    fn hand_over(
        &mut self,
        parameters: &'a ast::Parameters,
        arguments: Arguments<'a>,
        names: &mut Names<'a>,
    ) {
        let open = arguments.open;
        let mut positional = arguments.positional.into_iter();
        let mut named = arguments.named;
        let in_order = parameters.posonlyargs.iter().chain(&parameters.args);
        let take = |name: &str, named: &mut Vec<(Rc<str>, Value<'a>)>| {
            let at = named.iter().position(|(known, _)| &**known == name)?;
            Some(named.remove(at).1)
        };
        let mut missing = Vec::new();
        for parameter in in_order {
            let name = parameter.parameter.name.as_str();
            match positional.next().or_else(|| take(name, &mut named)) {
                Some(value) => {
                    names.insert(name.to_owned(), value);
                }
                None => missing.push(parameter),
            }
        }
        if let Some(rest) = &parameters.vararg {
            names.insert(rest.name.to_string(), Value::tuple(positional.collect()));
        }
        for parameter in &parameters.kwonlyargs {
            let name = parameter.parameter.name.as_str();
            match take(name, &mut named) {
                Some(value) => {
                    names.insert(name.to_owned(), value);
                }
                None => missing.push(parameter),
            }
        }
        for parameter in missing {
            let value = match &parameter.default {
                Some(default) if !open => self.eval(default),
                _ => Value::unknown("it is passed from outside"),
            };
            names.insert(parameter.parameter.name.to_string(), value);
        }
        if let Some(rest) = &parameters.kwarg {
            let pairs: Vec<Value<'a>> = named
                .into_iter()
                .map(|(name, value)| Value::tuple(vec![Value::text(&name), value]))
                .collect();
            let value = if open {
                Value::unknown("it is passed from outside")
            } else {
                super::expression::from_pairs(&pairs)
            };
            names.insert(rest.name.to_string(), value);
        }
    }
}

/// Names that a statement of a class sets.
fn targets(statement: &Stmt) -> Vec<&str> {
    match statement {
        Stmt::Assign(assign) => assign
            .targets
            .iter()
            .filter_map(|target| match target {
                Expr::Name(name) => Some(name.id.as_str()),
                _ => None,
            })
            .collect(),
        Stmt::AnnAssign(assign) if assign.value.is_some() => match &*assign.target {
            Expr::Name(name) => vec![name.id.as_str()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether a function yields.
fn is_generator(function: &ast::StmtFunctionDef) -> bool {
    struct Yields(bool);
    impl<'v> Visitor<'v> for Yields {
        fn visit_stmt(&mut self, statement: &'v Stmt) {
            if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                ruff_python_ast::visitor::walk_stmt(self, statement);
            }
        }
        fn visit_expr(&mut self, expr: &'v Expr) {
            if matches!(expr, Expr::Yield(_) | Expr::YieldFrom(_)) {
                self.0 = true;
            }
            walk_expr(self, expr);
        }
    }
    let mut yields = Yields(false);
    yields.visit_body(&function.body);
    yields.0
}
