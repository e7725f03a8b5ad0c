//! What expressions are worth.

use std::rc::Rc;

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Number, UnaryOp};

use super::super::schema::{is_expression, negate, operate};
use super::flow::Flow;
use super::machine::Machine;
use super::value::Value;
use super::{compute, format};

impl<'a> Machine<'a> {
    /// The value of an expression; what it calls is called.
    pub(in super::super) fn eval(&mut self, expr: &'a Expr) -> Value<'a> {
        let or = Value::unknown("it lies too deep to be followed");
        self.deeper(or, |this| this.eval_one(expr))
    }

    fn eval_one(&mut self, expr: &'a Expr) -> Value<'a> {
        match expr {
            Expr::NoneLiteral(_) => Value::None,
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::NumberLiteral(literal) => number(&literal.value),
            Expr::StringLiteral(text) => readable(text.value.to_str()),
            Expr::FString(text) => self.format_string(text),
            Expr::List(list) => Value::list(self.elements(&list.elts)),
            Expr::Tuple(tuple) => Value::tuple(self.elements(&tuple.elts)),
            Expr::Set(set) => Value::Set(Rc::new(self.elements(&set.elts))),
            Expr::Dict(dict) => self.dictionary(dict),
            Expr::Name(name) => self.look_up(name.id.as_str()),
            Expr::Attribute(part) => {
                let owner = self.eval(&part.value);
                super::attribute::of(&owner, part.attr.as_str())
            }
            Expr::Call(call) => self.call(call),
            Expr::BinOp(_) => self.binary(expr),
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, value.clone());
                value
            }
            Expr::Lambda(lambda) => Value::Lambda(lambda),
            Expr::Await(wait) => self.eval(&wait.value),
            Expr::Starred(starred) => self.eval(&starred.value),
            other => self.eval_rare(other),
        }
    }

    fn eval_rare(&mut self, expr: &'a Expr) -> Value<'a> {
        match expr {
            Expr::UnaryOp(unary) => {
                let operand = self.eval(&unary.operand);
                unary_value(unary.op, &operand)
            }
            Expr::BoolOp(all) => self.bool_op(all),
            Expr::Compare(compare) => self.compare(compare),
            Expr::If(choice) => self.conditional(choice),
            Expr::Subscript(part) => self.subscript(part),
            Expr::ListComp(all) => {
                let made = self.comprehend(&all.generators, &mut |this| this.eval(&all.elt));
                known_or(made.map(Value::list))
            }
            Expr::SetComp(all) => {
                let made = self.comprehend(&all.generators, &mut |this| this.eval(&all.elt));
                known_or(made.map(|values| Value::Set(Rc::new(distinct(values)))))
            }
            Expr::Generator(all) => {
                let made = self.comprehend(&all.generators, &mut |this| this.eval(&all.elt));
                known_or(made.map(Value::list))
            }
            Expr::DictComp(all) => {
                let Some(key) = all.key.as_deref() else {
                    return Value::unknown("it is unpacked");
                };
                let made = self.comprehend(&all.generators, &mut |this| {
                    Value::tuple(vec![this.eval(key), this.eval(&all.value)])
                });
                known_or(made.map(|pairs| from_pairs(&pairs)))
            }
            Expr::Yield(yielded) => {
                if let Some(value) = &yielded.value {
                    self.eval(value);
                }
                Value::unknown("it is sent in from outside")
            }
            _ => Value::unknown("it is of a kind that is not followed"),
        }
    }

    /// Elements of a list, with what stars unpack; an unknown star leaves one unknown element.
    fn elements(&mut self, all: &'a [Expr]) -> Vec<Value<'a>> {
        let mut values = Vec::with_capacity(all.len());
        for element in all {
            match element {
                Expr::Starred(starred) => {
                    let inner = self.eval(&starred.value);
                    match inner.iterate() {
                        Some(more) => values.extend(more),
                        None => values.push(Value::unknown(inner.why())),
                    }
                }
                plain => {
                    let value = self.eval(plain);
                    values.push(value);
                }
            }
        }
        values
    }

    fn dictionary(&mut self, dict: &'a ast::ExprDict) -> Value<'a> {
        let mut pairs = Vec::with_capacity(dict.items.len());
        for item in &dict.items {
            let value = self.eval(&item.value);
            match &item.key {
                Some(key) => {
                    let key = self.eval(key);
                    pairs.push(Value::tuple(vec![key, value]));
                }
                None => match value {
                    Value::Dict(inner) => pairs.extend(
                        inner
                            .iter()
                            .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()])),
                    ),
                    other => return Value::unknown(other.why()),
                },
            }
        }
        from_pairs(&pairs)
    }

    /// Operators in a row are followed one after the other, so that a long sum is not deep.
    fn binary(&mut self, expr: &'a Expr) -> Value<'a> {
        let mut left = expr;
        let mut rest = Vec::new();
        while let Expr::BinOp(operation) = left {
            rest.push((operation.op, &*operation.right));
            left = &operation.left;
        }
        let mut value = self.eval(left);
        while let Some((operator, right)) = rest.pop() {
            let right = self.eval(right);
            value = compute::binary(&value, operator, &right);
        }
        value
    }

    fn bool_op(&mut self, all: &'a ast::ExprBoolOp) -> Value<'a> {
        let stops_at = all.op == BoolOp::Or;
        let mut value = Value::None;
        let mut in_doubt = false;
        for operand in &all.values {
            value = if in_doubt {
                self.perhaps(|this| this.eval(operand))
            } else {
                self.eval(operand)
            };
            match value.truth() {
                Some(truth) if truth == stops_at && !in_doubt => return value,
                // Whatever came before: it is decided, though not what it is worth.
                Some(truth) if truth == stops_at => return Value::Bool(truth),
                Some(_) => {}
                None => in_doubt = true,
            }
        }
        if in_doubt {
            return Value::unknown("it depends on a condition that is not known");
        }
        value
    }

    fn compare(&mut self, compare: &'a ast::ExprCompare) -> Value<'a> {
        let left = self.eval(&compare.left);
        let mut rights = Vec::with_capacity(compare.comparators.len());
        for right in &compare.comparators {
            rights.push(self.eval(right));
        }
        let mut value = Value::Bool(true);
        let mut before = &left;
        for (operator, right) in compare.ops.iter().zip(&rights) {
            value = comparison(before, *operator, right);
            if value.truth() != Some(true) {
                return value;
            }
            before = right;
        }
        value
    }

    fn conditional(&mut self, choice: &'a ast::ExprIf) -> Value<'a> {
        match self.eval(&choice.test).truth() {
            Some(true) => self.eval(&choice.body),
            Some(false) => self.eval(&choice.orelse),
            None => {
                let mut values = Vec::new();
                let mut both = |this: &mut Self, expr: &'a Expr| {
                    values.push(this.eval(expr));
                    Flow::Next
                };
                self.perhaps(|this| both(this, &choice.body));
                self.perhaps(|this| both(this, &choice.orelse));
                match &*values {
                    [one, other] if one == other => one.clone(),
                    _ => Value::unknown("it depends on a condition that is not known"),
                }
            }
        }
    }

    fn subscript(&mut self, part: &'a ast::ExprSubscript) -> Value<'a> {
        let owner = self.eval(&part.value);
        if let Expr::Slice(slice) = &*part.slice {
            let mut bound = |expr: &'a Option<Box<Expr>>| match expr {
                None => Some(None),
                Some(expr) => match self.eval(expr) {
                    Value::Int(at) => Some(Some(at)),
                    Value::None => Some(None),
                    _ => None,
                },
            };
            let bounds = (bound(&slice.lower), bound(&slice.upper), bound(&slice.step));
            return match bounds {
                (Some(from), Some(to), Some(None)) => compute::slice(&owner, from, to),
                _ => Value::unknown("it is a part that is not known"),
            };
        }
        let key = self.eval(&part.slice);
        compute::item(&owner, &key)
    }

    fn format_string(&mut self, text: &'a ast::ExprFString) -> Value<'a> {
        let mut out = String::new();
        for part in text.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => out.push_str(literal.as_str()),
                ast::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        self.embed(element, &mut out);
                    }
                }
            }
        }
        readable(&out)
    }

    fn embed(&mut self, element: &'a ast::InterpolatedStringElement, out: &mut String) {
        match element {
            ast::InterpolatedStringElement::Literal(literal) => out.push_str(&literal.value),
            ast::InterpolatedStringElement::Interpolation(inner) => {
                let value = self.eval(&inner.expression);
                let mut spec = String::new();
                if let Some(format) = &inner.format_spec {
                    for element in &format.elements {
                        self.embed(element, &mut spec);
                    }
                }
                let shown = match inner.conversion {
                    ast::ConversionFlag::None if inner.debug_text.is_none() => {
                        format::formatted(&value, &spec)
                    }
                    ast::ConversionFlag::Str => format::formatted(&format::as_text(&value), &spec),
                    ast::ConversionFlag::Repr => format::formatted(&format::repr(&value), &spec),
                    _ => super::STAND_IN.to_owned(),
                };
                out.push_str(&shown);
            }
        }
    }
}

fn known_or(value: Option<Value<'_>>) -> Value<'_> {
    value.unwrap_or_else(|| Value::unknown("it runs over what is not known"))
}

/// A string whose encoding was understood.
fn readable<'a>(text: &str) -> Value<'a> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Value::text(text.replace(char::REPLACEMENT_CHARACTER, super::STAND_IN));
    }
    Value::text(text)
}

fn number<'a>(number: &Number) -> Value<'a> {
    match number {
        Number::Int(int) => int
            .as_i64()
            .map_or_else(|| Value::Float(int.to_string().into()), Value::Int),
        Number::Float(float) => Value::Float(compute::float_text(*float).into()),
        Number::Complex { .. } => Value::unknown("it is a complex number"),
    }
}

/// A dictionary of pairs; the last of equal keys counts. Keys that are not known make it unknown.
pub(super) fn from_pairs<'a>(pairs: &[Value<'a>]) -> Value<'a> {
    let mut all: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let Some([key, value]) = pair.elements() else {
            return Value::unknown("it is made of what is not known");
        };
        let is_key = key.is_known() || matches!(key, Value::Item(_));
        if !is_key {
            return Value::unknown(key.why());
        }
        match all.iter_mut().find(|(known, _)| known == key) {
            Some(entry) => entry.1 = value.clone(),
            None => all.push((key.clone(), value.clone())),
        }
    }
    Value::Dict(Rc::new(all))
}

pub(super) fn distinct<'a>(values: Vec<Value<'a>>) -> Vec<Value<'a>> {
    let mut all: Vec<Value<'a>> = Vec::with_capacity(values.len());
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

fn unary_value<'a>(operator: UnaryOp, operand: &Value<'a>) -> Value<'a> {
    match (operator, operand) {
        (UnaryOp::Not, operand) => match operand.truth() {
            Some(truth) => Value::Bool(!truth),
            None => Value::unknown(operand.why()),
        },
        (UnaryOp::USub, Value::Int(number)) => number
            .checked_neg()
            .map_or_else(|| Value::unknown("it is too large"), Value::Int),
        (UnaryOp::USub, Value::Float(number)) => Value::Float(format!("-{number}").into()),
        (UnaryOp::UAdd, number @ (Value::Int(_) | Value::Float(_))) => number.clone(),
        (UnaryOp::Invert, operand) if is_expression(operand) => negate(operand),
        _ => Value::unknown("it is computed"),
    }
}

fn comparison<'a>(left: &Value<'a>, operator: CmpOp, right: &Value<'a>) -> Value<'a> {
    if is_expression(left) || is_expression(right) {
        let word = match operator {
            CmpOp::Eq => "=",
            CmpOp::NotEq => "!=",
            CmpOp::Lt => "<",
            CmpOp::LtE => "<=",
            CmpOp::Gt => ">",
            CmpOp::GtE => ">=",
            // `is` compares objects, not SQL.
            CmpOp::Is => return identical(left, right, true),
            CmpOp::IsNot => return identical(left, right, false),
            _ => return Value::unknown("it looks into an expression of SQL"),
        };
        return operate(left, word, right);
    }
    let known = match operator {
        CmpOp::Eq => left.equals(right),
        CmpOp::NotEq => left.equals(right).map(|equal| !equal),
        CmpOp::In => compute::contains(right, left),
        CmpOp::NotIn => compute::contains(right, left).map(|inside| !inside),
        CmpOp::Is => return identical(left, right, true),
        CmpOp::IsNot => return identical(left, right, false),
        CmpOp::Lt => compute::order(left, right).map(std::cmp::Ordering::is_lt),
        CmpOp::LtE => compute::order(left, right).map(std::cmp::Ordering::is_le),
        CmpOp::Gt => compute::order(left, right).map(std::cmp::Ordering::is_gt),
        CmpOp::GtE => compute::order(left, right).map(std::cmp::Ordering::is_ge),
    };
    known.map_or_else(
        || Value::unknown("it compares what is not known"),
        Value::Bool,
    )
}

/// `is`, as far as it asks for `None`, `True` or `False`.
fn identical<'a>(left: &Value<'a>, right: &Value<'a>, wanted: bool) -> Value<'a> {
    let is_single = |value: &Value<'a>| matches!(value, Value::None | Value::Bool(_));
    let is_open = |value: &Value<'a>| match value {
        Value::Unknown(_) | Value::Bound(_) | Value::Path(_) => true,
        Value::Handle(handle) => *handle == super::Handle::Answer,
        _ => false,
    };
    match (left, right) {
        (a, b) if is_open(a) || is_open(b) => Value::unknown("it compares what is not known"),
        (a, b) if is_single(a) || is_single(b) => Value::Bool((a == b) == wanted),
        _ => Value::unknown("it compares objects"),
    }
}
