//! Which names a piece of code may change.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};

use super::machine::{Machine, Names};
use super::value::Value;

/// Names that are set in a block, and names whose content it may change.
#[derive(Default)]
struct Changes<'a> {
    set: Vec<&'a str>,
    touched: Vec<&'a str>,
}

impl<'a> Visitor<'a> for Changes<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.set.push(function.name.as_str()),
            Stmt::ClassDef(class) => self.set.push(class.name.as_str()),
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if !name.ctx.is_load() => self.set.push(name.id.as_str()),
            Expr::Attribute(attribute) => self.touch(&attribute.value),
            Expr::Subscript(part) if !part.ctx.is_load() => self.touch(&part.value),
            _ => {}
        }
        walk_expr(self, expr);
    }
}

impl<'a> Changes<'a> {
    fn touch(&mut self, owner: &'a Expr) {
        if let Expr::Name(name) = owner {
            self.touched.push(name.id.as_str());
        }
    }
}

impl<'a> Machine<'a> {
    /// Forgets what a block that may run any number of times can change.
    pub(super) fn forget_changes(&mut self, body: &'a [Stmt], why: &str) {
        let mut changes = Changes::default();
        changes.visit_body(body);
        for name in changes.set {
            self.set(name, Value::unknown(why));
        }
        for name in changes.touched {
            let holds = matches!(
                self.look_up(name),
                Value::List(_) | Value::Dict(_) | Value::Set(_)
            );
            if holds {
                self.set(name, Value::unknown(why));
            }
        }
    }

    /// What names are worth after one of two ways was gone.
    pub(super) fn merge(&mut self, other: Names<'a>, why: &str) {
        let names = self.names_mut();
        let only_here: Vec<String> = names
            .keys()
            .filter(|name| !other.contains_key(*name))
            .cloned()
            .collect();
        for name in only_here {
            names.insert(name, Value::unknown(why));
        }
        for (name, value) in other {
            if names.get(&name) != Some(&value) {
                names.insert(name, Value::unknown(why));
            }
        }
    }
}
