//! Looking through code without following it: which names and which strings are in it.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};

use super::settings::{self, Kind, Setting};

#[derive(Default)]
struct Finder {
    strings: Vec<String>,
    names: Vec<String>,
    yields: bool,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::StringLiteral(text) => self.strings.push(text.value.to_str().to_owned()),
            Expr::FString(text) => {
                for literal in text.value.iter().flat_map(|part| match part {
                    ruff_python_ast::FStringPart::Literal(text) => vec![text.as_str()],
                    ruff_python_ast::FStringPart::FString(inner) => inner
                        .elements
                        .literals()
                        .map(|literal| &*literal.value)
                        .collect(),
                }) {
                    self.strings.push(literal.to_owned());
                }
            }
            Expr::Name(name) => self.names.push(name.id.to_string()),
            Expr::Attribute(attribute) => self.names.push(attribute.attr.to_string()),
            Expr::Yield(_) | Expr::YieldFrom(_) => self.yields = true,
            _ => {}
        }
        walk_expr(self, expr);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        // What a function inside yields is not what the function around it yields.
        if !matches!(stmt, Stmt::FunctionDef(_)) {
            ruff_python_ast::visitor::walk_stmt(self, stmt);
        }
    }
}

/// All names in an expression.
pub(super) fn names(expr: &Expr) -> impl Iterator<Item = String> {
    let mut finder = Finder::default();
    finder.visit_expr(expr);
    finder.names.into_iter()
}

/// What the strings of some code set when they are sent.
pub(super) fn settings(body: &[Stmt]) -> Vec<Setting> {
    let mut finder = Finder::default();
    finder.visit_body(body);
    let strings = finder.strings.iter();
    strings
        .flat_map(|text| settings::of_statement(text))
        .collect()
}

/// Whether a function is a generator.
pub(super) fn yields(body: &[Stmt]) -> bool {
    let mut finder = Finder::default();
    finder.visit_body(body);
    finder.yields
}

/// What is mentioned anywhere in a text, executed or not.
pub(super) fn mentioned(source: &str) -> Vec<Kind> {
    let words = [
        ("advisory", Kind::Lock),
        ("LOCK TABLE", Kind::Lock),
        ("lock_timeout", Kind::LockTimeout),
        ("statement_timeout", Kind::StatementTimeout),
    ];
    let code = source
        .lines()
        .map(|line| line.split('#').next().unwrap_or(line));
    let code = code.collect::<Vec<_>>().join("\n");
    let found = words.iter().filter(|(word, _)| code.contains(word));
    found.map(|(_, kind)| *kind).collect()
}
