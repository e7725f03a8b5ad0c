//! What expressions stand for.

use std::collections::BTreeMap;

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator, UnaryOp};

use super::machine::{Machine, Raised};
use super::value::{Engine, FrameId, Given, Id, Value};

type Found<'a> = Result<Value<'a>, Raised>;

impl<'a> Machine<'a> {
    /// The value of an expression; what it executes is executed.
    pub(super) fn value(&mut self, expr: &'a Expr, frame: FrameId) -> Found<'a> {
        self.step()?;
        Ok(match expr {
            Expr::NoneLiteral(_) => Value::None,
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::StringLiteral(text) => Value::Text(text.value.to_str().to_owned()),
            Expr::FString(text) => self.format(text, frame)?,
            Expr::Name(name) => self.lookup(name.id.as_str(), frame),
            Expr::Attribute(attribute) => {
                let owner = self.value(&attribute.value, frame)?;
                Self::attribute(owner, attribute.attr.as_str())
            }
            Expr::Call(call) => return self.call(call, frame),
            Expr::Await(wait) => {
                let value = self.value(&wait.value, frame)?;
                return self.wait(value);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let values = elts.iter().map(|element| self.value(element, frame));
                Value::Many(values.collect::<Result<_, _>>()?)
            }
            Expr::Dict(dict) => self.dict(dict, frame)?,
            Expr::Lambda(lambda) => Value::Lambda(lambda, frame),
            Expr::Subscript(subscript) => self.item(subscript, frame)?,
            Expr::Named(named) => {
                let value = self.value(&named.value, frame)?;
                self.assign(&named.target, value.clone(), frame);
                value
            }
            Expr::Yield(give) => {
                let value = match &give.value {
                    Some(value) => self.value(value, frame)?,
                    None => Value::None,
                };
                return self.at_yield(value, frame);
            }
            other => return self.computed(other, frame),
        })
    }

    /// What comes out of others by conditions, sums and loops.
    fn computed(&mut self, expr: &'a Expr, frame: FrameId) -> Found<'a> {
        Ok(match expr {
            Expr::If(choice) => {
                let part = if self.truth(&choice.test, frame)? {
                    &choice.body
                } else {
                    &choice.orelse
                };
                return self.value(part, frame);
            }
            Expr::BoolOp(join) => return self.join(join, frame),
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
                Value::Bool(!self.truth(&unary.operand, frame)?)
            }
            Expr::UnaryOp(unary) => {
                self.value(&unary.operand, frame)?;
                Value::Unknown
            }
            Expr::Compare(compare) => self.compare(compare, frame)?,
            Expr::BinOp(sum) => self.sum(sum, frame)?,
            Expr::Starred(starred) => {
                let inner = self.value(&starred.value, frame)?;
                Self::holder(inner.sessions())
            }
            Expr::ListComp(ast::ExprListComp {
                generators, elt, ..
            })
            | Expr::SetComp(ast::ExprSetComp {
                generators, elt, ..
            })
            | Expr::Generator(ast::ExprGenerator {
                generators, elt, ..
            }) => self.comprehension(generators, elt, frame)?,
            _ => Value::Unknown,
        })
    }

    /// Something unknown, with these connections inside.
    pub(super) fn holder(sessions: Vec<Id>) -> Value<'a> {
        if sessions.is_empty() {
            Value::Unknown
        } else {
            Value::Holder(sessions)
        }
    }

    /// Whether a condition holds; one that is not known is taken both ways.
    pub(super) fn truth(&mut self, test: &'a Expr, frame: FrameId) -> Result<bool, Raised> {
        let value = self.value(test, frame)?;
        Ok(value.truth().unwrap_or_else(|| self.choose(test)))
    }

    fn format(&mut self, text: &'a ast::ExprFString, frame: FrameId) -> Found<'a> {
        let mut out = String::new();
        for part in &text.value {
            match part {
                ast::FStringPart::Literal(literal) => out.push_str(literal.as_str()),
                ast::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                out.push_str(&literal.value);
                            }
                            ast::InterpolatedStringElement::Interpolation(inner) => {
                                match self.value(&inner.expression, frame)? {
                                    Value::Text(text) => out.push_str(&text),
                                    _ => out.push_str("{}"),
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(Value::Text(out))
    }

    fn dict(&mut self, dict: &'a ast::ExprDict, frame: FrameId) -> Found<'a> {
        let mut items = BTreeMap::new();
        let mut inside = Vec::new();
        let mut is_known = true;
        for item in &dict.items {
            let key = match &item.key {
                Some(key) => self.value(key, frame)?,
                None => Value::Unknown,
            };
            let value = self.value(&item.value, frame)?;
            inside.extend(value.sessions());
            match (key, value) {
                (Value::Text(key), value) => {
                    items.insert(key, value);
                }
                (_, Value::Dict(more)) if item.key.is_none() => items.extend(more),
                _ => is_known = false,
            }
        }
        Ok(if is_known {
            Value::Dict(items)
        } else {
            Self::holder(inside)
        })
    }

    fn join(&mut self, join: &'a ast::ExprBoolOp, frame: FrameId) -> Found<'a> {
        let mut last = Value::Unknown;
        for part in &join.values {
            last = self.value(part, frame)?;
            let holds = last.truth().unwrap_or_else(|| self.choose(part));
            if holds == (join.op == BoolOp::Or) {
                // What decided is known to be true or false now, whatever else it is.
                return Ok(match last {
                    Value::Unknown => Value::Bool(holds),
                    other => other,
                });
            }
        }
        Ok(last)
    }

    fn compare(&mut self, compare: &'a ast::ExprCompare, frame: FrameId) -> Found<'a> {
        let left = self.value(&compare.left, frame)?;
        let mut right = Value::Unknown;
        for part in &compare.comparators {
            right = self.value(part, frame)?;
        }
        let [op] = &*compare.ops else {
            return Ok(Value::Unknown);
        };
        let unknown =
            |v: &Value<'_>| matches!(v, Value::Unknown | Value::Holder(_) | Value::Imported(_));
        let equal = match (&left, &right) {
            (Value::Text(a), Value::Text(b)) if !a.contains("{}") && !b.contains("{}") => {
                Some(a == b)
            }
            (Value::Bool(a), Value::Bool(b)) => Some(a == b),
            (Value::None, Value::None) => Some(true),
            (Value::None, other) | (other, Value::None) if !unknown(other) => Some(false),
            _ => None,
        };
        let contains = match (&left, &right) {
            (_, Value::Attributes) => Some(false),
            (Value::Text(key), Value::Dict(items)) => Some(items.contains_key(key)),
            (Value::Text(key), Value::Many(items)) => {
                let same = |item: &Value<'_>| match item {
                    Value::Text(text) if !text.contains("{}") => Some(text == key),
                    _ => None,
                };
                let found: Option<Vec<bool>> = items.iter().map(same).collect();
                found.map(|found| found.contains(&true))
            }
            _ => None,
        };
        let known = match op {
            CmpOp::Eq | CmpOp::Is => equal,
            CmpOp::NotEq | CmpOp::IsNot => equal.map(|equal| !equal),
            CmpOp::In => contains,
            CmpOp::NotIn => contains.map(|contains| !contains),
            _ => None,
        };
        Ok(known.map_or(Value::Unknown, Value::Bool))
    }

    fn sum(&mut self, sum: &'a ast::ExprBinOp, frame: FrameId) -> Found<'a> {
        let left = self.value(&sum.left, frame)?;
        let right = self.value(&sum.right, frame)?;
        Ok(match (sum.op, left, right) {
            (Operator::Add, Value::Text(a), Value::Text(b)) => Value::Text(a + &b),
            (Operator::Add, Value::Text(a), _) => Value::Text(a + "{}"),
            (Operator::Add, _, Value::Text(b)) => Value::Text(format!("{{}}{b}")),
            (Operator::Mod, Value::Text(a), _) => Value::Text(a),
            (_, left, right) => Self::holder([left.sessions(), right.sessions()].concat()),
        })
    }

    fn item(&mut self, subscript: &'a ast::ExprSubscript, frame: FrameId) -> Found<'a> {
        let owner = self.value(&subscript.value, frame)?;
        let key = self.value(&subscript.slice, frame)?;
        match (owner, key) {
            // The command hands nothing over: the key is missing.
            (Value::Attributes, _) => Err(Raised),
            (Value::Dict(mut items), Value::Text(key)) => {
                Ok(items.remove(&key).unwrap_or(Value::Unknown))
            }
            (owner, _) => Ok(Self::holder(owner.sessions())),
        }
    }

    fn comprehension(
        &mut self,
        generators: &'a [ast::Comprehension],
        element: &'a Expr,
        frame: FrameId,
    ) -> Found<'a> {
        for generator in generators {
            let over = self.value(&generator.iter, frame)?;
            self.assign(&generator.target, Self::holder(over.sessions()), frame);
        }
        let inner = self.value(element, frame)?;
        Ok(Self::holder(inner.sessions()))
    }

    fn attribute(owner: Value<'a>, name: &str) -> Value<'a> {
        match (owner, name) {
            (Value::Imported(module), "attributes") if module.ends_with("context.config") => {
                Value::Attributes
            }
            (Value::Imported(module), _) => Value::Imported(format!("{module}.{name}")),
            (Value::Connection(id), "sync_connection") => Value::Connection(id),
            (Value::Connection(_), "connection") | (Value::Driver, _) => Value::Driver,
            (Value::Connection(_), "engine") => Value::Engine(Engine {
                is_foreign: true,
                ..Engine::default()
            }),
            (Value::Connection(_) | Value::Engine(_), "dialect") => {
                Value::Dict([("name".to_owned(), Value::Text("postgresql".to_owned()))].into())
            }
            (Value::Dict(mut items), _) => items.remove(name).unwrap_or(Value::Unknown),
            (Value::Connection(_), "closed" | "info" | "invalidated")
            | (Value::Many(_) | Value::Text(_), _) => Value::Unknown,
            (Value::Engine(engine), "sync_engine") => Value::Engine(engine),
            (Value::Inspector(id) | Value::MigrationContext(id), "bind" | "connection") => {
                Value::Connection(id)
            }
            (other, _) => Self::holder(other.sessions()),
        }
    }

    /// The arguments of a call.
    pub(super) fn given(
        &mut self,
        arguments: &'a ast::Arguments,
        frame: FrameId,
    ) -> Result<Given<'a>, Raised> {
        let mut given = Given::default();
        for argument in &arguments.args {
            let value = self.value(argument, frame)?;
            if argument.is_starred_expr() {
                given.more = true;
            }
            given.plain.push(value);
        }
        for keyword in &arguments.keywords {
            let value = self.value(&keyword.value, frame)?;
            match (&keyword.arg, value) {
                (Some(name), value) => given.named.push((name.to_string(), value)),
                (None, Value::Dict(items)) => given.named.extend(items),
                (None, value) => {
                    given.more = true;
                    given
                        .plain
                        .extend(Some(value).filter(|v| !v.sessions().is_empty()));
                }
            }
        }
        Ok(given)
    }
}
