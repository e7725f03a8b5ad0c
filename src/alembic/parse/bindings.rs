//! What the names of a module stand for once it has been imported.

use std::collections::HashMap;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Operator, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextSize};

use super::value::{Unknown, Value, add, evaluate};
use super::{Reason, depth, encoding};

/// Names at the top level of a module, with their values at the end of it.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    names: HashMap<String, Bound>,
    /// Where `from … import *` stands, if it does.
    star: Option<TextSize>,
}

#[derive(Clone, Debug)]
struct Bound {
    at: TextSize,
    value: Result<Value, Unknown>,
    /// The expression, when it was set by a plain assignment.
    expression: Option<Expr>,
    import: Option<Imported>,
}

/// Where an imported name comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Imported {
    /// The dotted name of the module.
    pub(super) module: String,
    /// What was taken from it; `None` for the module itself.
    pub(super) item: Option<String>,
}

impl Imported {
    /// A name inside what was imported, which then was a module.
    pub(super) fn inner(&self, name: &str) -> Self {
        let module = match &self.item {
            Some(item) => format!("{}.{item}", self.module),
            None => self.module.clone(),
        };
        Self {
            module,
            item: Some(name.to_owned()),
        }
    }
}

impl Bindings {
    /// Follows the statements of a module from first to last.
    pub(super) fn of(suite: &[Stmt], source: &str) -> Self {
        let mut bindings = Self::default();
        for statement in suite {
            bindings.follow(statement);
        }
        // An assignment inside an expression is rare enough for this look at the text.
        if source.contains(":=") {
            let mut walrus = Walrus::default();
            walrus.visit_body(suite);
            for (name, at) in walrus.found {
                bindings.forget(&name, at, "it is set inside an expression");
            }
        }
        bindings
    }

    /// Follows a whole file.
    pub(super) fn of_source(bytes: &[u8]) -> Result<Self, Reason> {
        let source = encoding::decode(bytes).map_err(|(_, reason)| reason)?;
        depth::check(&source).map_err(|(_, reason)| reason)?;
        let parsed = parse_module(&source).map_err(|error| Reason::Syntax(error.to_string()))?;
        Ok(Self::of(parsed.suite(), &source))
    }

    /// Where a name comes from, if it was imported and not set again.
    pub(super) fn imported(&self, name: &str) -> Option<&Imported> {
        self.names.get(name)?.import.as_ref()
    }

    /// The expression of a plain assignment to a name.
    pub(super) fn expression(&self, name: &str) -> Option<&Expr> {
        self.names.get(name)?.expression.as_ref()
    }

    /// The value of a name that is used at some place.
    pub(super) fn get(&self, name: &str, at: TextSize) -> Result<Value, Unknown> {
        match self.names.get(name) {
            Some(bound) => bound.value.clone(),
            None if self.star.is_some() => {
                Err(Unknown::new(at, format!("`{name}` may be imported")))
            }
            None => Err(Unknown::new(at, format!("`{name}` is not set before it"))),
        }
    }

    /// The value of a variable that Alembic reads, and where it is set.
    pub(super) fn find(&self, name: &str) -> Option<(TextSize, Result<Value, Unknown>)> {
        let imported = || {
            self.star
                .map(|at| (at, Err(Unknown::new(at, "it may come from an `import *`"))))
        };
        match self.names.get(name) {
            Some(bound) => Some((bound.at, bound.value.clone())),
            None => imported(),
        }
    }

    /// Whether the module gives this name a meaning of its own.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    fn follow(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                let value = evaluate(&assign.value, self);
                for target in &assign.targets {
                    self.assign(target, value.clone());
                    self.keep(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(expression) = &assign.value {
                    let value = evaluate(expression, self);
                    self.assign(&assign.target, value);
                    self.keep(&assign.target, expression);
                }
            }
            Stmt::AugAssign(assign) => self.augment(assign),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Name(name) = target {
                        self.names.remove(name.id.as_str());
                    }
                }
            }
            Stmt::If(branch) => self.follow_if(branch),
            other => self.forget_all(std::slice::from_ref(other), "it is set inside a block"),
        }
    }

    /// A condition that is known takes its branch; any other hides what it sets.
    fn follow_if(&mut self, branch: &ast::StmtIf) {
        match constant_condition(&branch.test) {
            Some(true) => branch
                .body
                .iter()
                .for_each(|statement| self.follow(statement)),
            Some(false) => {
                let rest = branch.elif_else_clauses.as_slice();
                match rest {
                    [only] if only.test.is_none() => {
                        only.body
                            .iter()
                            .for_each(|statement| self.follow(statement));
                    }
                    _ => self.forget_clauses(rest),
                }
            }
            None => {
                self.forget_all(&branch.body, "it is set under a condition");
                self.forget_clauses(&branch.elif_else_clauses);
            }
        }
    }

    fn forget_clauses(&mut self, clauses: &[ast::ElifElseClause]) {
        for clause in clauses {
            self.forget_all(&clause.body, "it is set under a condition");
        }
    }

    fn assign(&mut self, target: &Expr, value: Result<Value, Unknown>) {
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), target.start(), value),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value),
            Expr::List(list) => self.unpack(&list.elts, value),
            Expr::Starred(starred) => {
                let why = Unknown::new(target.start(), "it takes what is left of an unpacking");
                self.assign(&starred.value, Err(why));
            }
            // `a.b = …` and `a[0] = …` may change what `a` holds.
            Expr::Attribute(part) => self.touch(&part.value),
            Expr::Subscript(part) => self.touch(&part.value),
            _ => {}
        }
    }

    /// Keeps an expression whose value is not known, to look at its parts later.
    fn keep(&mut self, target: &Expr, expression: &Expr) {
        if let Expr::Name(name) = target
            && let Some(bound) = self.names.get_mut(name.id.as_str())
            && bound.value.is_err()
        {
            bound.expression = Some(expression.clone());
        }
    }

    fn unpack(&mut self, targets: &[Expr], value: Result<Value, Unknown>) {
        let plain = !targets.iter().any(Expr::is_starred_expr);
        match value {
            Ok(Value::Many(values)) if plain && values.len() == targets.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, Ok(value));
                }
            }
            other => {
                let why = other.err();
                for target in targets {
                    let unknown = why.clone().unwrap_or_else(|| {
                        Unknown::new(target.start(), "it is unpacked from another value")
                    });
                    self.assign(target, Err(unknown));
                }
            }
        }
    }

    fn touch(&mut self, owner: &Expr) {
        if let Expr::Name(name) = owner {
            self.forget(name.id.as_str(), owner.start(), "its content is changed");
        }
    }

    fn augment(&mut self, assign: &ast::StmtAugAssign) {
        let Expr::Name(name) = &*assign.target else {
            return;
        };
        let at = assign.target.start();
        let joined = (assign.op == Operator::Add)
            .then(|| {
                let left = self.get(name.id.as_str(), at).ok()?;
                add(left, evaluate(&assign.value, self).ok()?)
            })
            .flatten();
        let value = joined.ok_or_else(|| Unknown::new(at, "it is the result of a computation"));
        self.assign(&assign.target, value);
    }

    fn forget(&mut self, name: &str, at: TextSize, why: &str) {
        self.bind(name, at, Err(Unknown::new(at, why)));
    }

    fn bind(&mut self, name: &str, at: TextSize, value: Result<Value, Unknown>) {
        let bound = Bound {
            at,
            value,
            expression: None,
            import: None,
        };
        self.names.insert(name.to_owned(), bound);
    }

    /// Marks all names that these statements may set as unknown.
    fn forget_all(&mut self, statements: &[Stmt], why: &str) {
        for statement in statements {
            self.forget_one(statement, why);
        }
    }

    fn forget_one(&mut self, statement: &Stmt, why: &str) {
        match statement {
            Stmt::FunctionDef(function) => self.define(&function.name, "a function"),
            Stmt::ClassDef(class) => self.define(&class.name, "a class"),
            Stmt::Import(import) => self.import(&import.names),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Assign(assign) => {
                assign
                    .targets
                    .iter()
                    .for_each(|target| self.hide(target, why));
            }
            Stmt::AnnAssign(assign) if assign.value.is_some() => self.hide(&assign.target, why),
            Stmt::AugAssign(assign) => self.hide(&assign.target, why),
            Stmt::Delete(delete) => {
                delete
                    .targets
                    .iter()
                    .for_each(|target| self.hide(target, why));
            }
            Stmt::TypeAlias(alias) => self.hide(&alias.name, why),
            compound => self.forget_compound(compound, why),
        }
    }

    fn forget_compound(&mut self, statement: &Stmt, why: &str) {
        match statement {
            Stmt::If(inner) => {
                self.forget_all(&inner.body, why);
                self.forget_clauses(&inner.elif_else_clauses);
            }
            Stmt::For(inner) => {
                self.hide(&inner.target, why);
                self.forget_all(&inner.body, why);
                self.forget_all(&inner.orelse, why);
            }
            Stmt::While(inner) => {
                self.forget_all(&inner.body, why);
                self.forget_all(&inner.orelse, why);
            }
            Stmt::With(inner) => {
                let targets = inner
                    .items
                    .iter()
                    .filter_map(|item| item.optional_vars.as_deref());
                targets.for_each(|target| self.hide(target, why));
                self.forget_all(&inner.body, why);
            }
            Stmt::Try(inner) => {
                self.forget_all(&inner.body, why);
                for handler in &inner.handlers {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    self.forget_all(&handler.body, why);
                }
                self.forget_all(&inner.orelse, why);
                self.forget_all(&inner.finalbody, why);
            }
            Stmt::Match(inner) => {
                inner
                    .cases
                    .iter()
                    .for_each(|case| self.forget_all(&case.body, why));
            }
            _ => {}
        }
    }

    fn hide(&mut self, target: &Expr, why: &str) {
        self.assign(target, Err(Unknown::new(target.start(), why)));
    }

    fn define(&mut self, name: &ast::Identifier, what: &'static str) {
        self.bind(name.id.as_str(), name.start(), Ok(Value::Other(what)));
    }

    /// `import a.b` binds `a`; `import a.b as c` binds `c` to the inner module.
    fn import(&mut self, aliases: &[ast::Alias]) {
        for alias in aliases {
            let whole = alias.name.id.as_str();
            let first = whole.split('.').next().unwrap_or(whole);
            let (name, module) = match &alias.asname {
                Some(name) => (name.id.as_str(), whole),
                None => (first, first),
            };
            self.bind_import(name, alias.start(), module, None);
        }
    }

    fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let module = import
            .module
            .as_ref()
            .map_or("", |module| module.id.as_str());
        for alias in &import.names {
            let item = alias.name.id.as_str();
            if item == "*" {
                self.star = Some(alias.start());
                continue;
            }
            let name = alias.asname.as_ref().map_or(item, |name| name.id.as_str());
            // A relative import is not followed.
            let module = if import.level == 0 { module } else { "" };
            self.bind_import(name, alias.start(), module, Some(item));
        }
    }

    fn bind_import(&mut self, name: &str, at: TextSize, module: &str, item: Option<&str>) {
        self.forget(name, at, "it is imported");
        if let Some(bound) = self.names.get_mut(name) {
            let item = item.map(str::to_owned);
            bound.import = Some(Imported {
                module: module.to_owned(),
                item,
            });
        }
    }
}

/// Conditions that are known: `TYPE_CHECKING`, `True`, `False`, and that this is not the main module.
fn constant_condition(test: &Expr) -> Option<bool> {
    match test {
        Expr::BooleanLiteral(literal) => Some(literal.value),
        Expr::Name(name) if name.id.as_str() == "TYPE_CHECKING" => Some(false),
        Expr::Attribute(path) if path.attr.id.as_str() == "TYPE_CHECKING" => Some(false),
        Expr::Compare(compare) => {
            let is_name = |e: &Expr| matches!(e, Expr::Name(n) if n.id.as_str() == "__name__");
            let is_main =
                |e: &Expr| matches!(e, Expr::StringLiteral(s) if s.value.to_str() == "__main__");
            let equal = matches!(&*compare.ops, [ast::CmpOp::Eq]);
            let main = is_name(&compare.left) && compare.comparators.first().is_some_and(is_main);
            (equal && main).then_some(false)
        }
        _ => None,
    }
}

/// Finds every `name := value`.
#[derive(Default)]
struct Walrus {
    found: Vec<(String, TextSize)>,
}

impl Visitor<'_> for Walrus {
    fn visit_expr(&mut self, expr: &Expr) {
        if let Expr::Named(named) = expr
            && let Expr::Name(name) = &*named.target
        {
            self.found.push((name.id.to_string(), expr.start()));
        }
        walk_expr(self, expr);
    }
}
