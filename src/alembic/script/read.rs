//! From the bytes of a revision file to what its functions send.

use std::path::Path;

use ruff_python_ast as ast;
use ruff_text_size::Ranged as _;

use super::python::{Flow, Machine, Value};
use super::{Action, Body, Script, Step, remark};
use crate::alembic::parse::{self, FileProblem, Module};
use crate::domain::review::Certainty;

/// Reads what `upgrade` and `downgrade` of a revision file would send to PostgreSQL.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Script, FileProblem> {
    let Module { source, parsed } = parse::module(path, bytes)?;
    let suite = parsed.suite();
    let mut module = Machine::new(&source);
    module.run(suite);
    let remarks = remark::find(&source, &parsed, |at| module.line_of(at));
    Ok(Script {
        upgrade: function(&mut module, suite, "upgrade"),
        downgrade: function(&mut module, suite, "downgrade"),
        remarks,
    })
}

/// What a function of the module does, if there is one of this name.
fn function<'a>(module: &mut Machine<'a>, suite: &'a [ast::Stmt], name: &str) -> Option<Body> {
    let found = module.global(name)?;
    let written = suite.iter().find_map(|statement| match statement {
        ast::Stmt::FunctionDef(function) if function.name.as_str() == name => Some(function),
        _ => None,
    });
    let line = written.map_or(1, |function| module.line_of(function.name.start()));
    let Value::Function(function, _) = found else {
        return Some(Body {
            line,
            steps: vec![unknown_function(line, name)],
            raises: false,
        });
    };
    let (flow, steps) = module.follow(&function.body);
    Some(Body {
        line: module.line_of(function.name.start()),
        raises: flow == Flow::Raise && steps.is_empty(),
        steps,
    })
}

fn unknown_function(line: usize, name: &str) -> Step {
    Step {
        line,
        call: name.to_owned(),
        action: Action::Opaque {
            why: format!("`{name}` is no plain function of this file"),
        },
        certainty: Certainty::Always,
        transactional: true,
    }
}
