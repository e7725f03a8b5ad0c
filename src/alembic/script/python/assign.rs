//! Assignments.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr};

use super::machine::Machine;
use super::value::Value;

impl<'a> Machine<'a> {
    /// Gives a target a value.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value<'a>) {
        match target {
            Expr::Name(name) => self.set(name.id.as_str(), value),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value),
            Expr::List(list) => self.unpack(&list.elts, &value),
            Expr::Starred(starred) => self.assign(&starred.value, value),
            Expr::Subscript(part) => self.assign_item(part, value),
            Expr::Attribute(part) => {
                // What an object holds is not followed.
                if let Expr::Name(owner) = &*part.value
                    && matches!(
                        self.look_up(owner.id.as_str()),
                        Value::Item(_) | Value::Class(_)
                    )
                {
                    self.set(
                        owner.id.as_str(),
                        Value::unknown("it is changed after it was made"),
                    );
                }
            }
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value<'a>) {
        let values = value.iterate();
        let star = targets.iter().position(Expr::is_starred_expr);
        match (values, star) {
            (Some(values), None) if values.len() == targets.len() => {
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value);
                }
            }
            (Some(mut values), Some(star)) if values.len() + 1 >= targets.len() => {
                let after = targets.len() - star - 1;
                let tail = values.split_off(values.len() - after);
                let middle = values.split_off(star);
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value);
                }
                self.assign(&targets[star], Value::list(middle));
                for (target, value) in targets[star + 1..].iter().zip(tail) {
                    self.assign(target, value);
                }
            }
            _ => {
                for target in targets {
                    self.assign(target, Value::unknown(value.why()));
                }
            }
        }
    }

    fn assign_item(&mut self, part: &'a ast::ExprSubscript, value: Value<'a>) {
        let key = self.eval(&part.slice);
        let holder = self.eval(&part.value);
        let changed = match (&holder, &key) {
            (Value::Dict(all), key) if key.is_known() => {
                let mut all = all.to_vec();
                match all.iter_mut().find(|(known, _)| known == key) {
                    Some(entry) => entry.1 = value,
                    None => all.push((key.clone(), value)),
                }
                Value::Dict(Rc::new(all))
            }
            _ => Value::unknown("an item of it is changed"),
        };
        self.replace(&part.value, &holder, changed);
    }

    /// Puts a changed list, set or dictionary in all the places where it is known by name.
    pub(super) fn replace(&mut self, owner: &'a Expr, old: &Value<'a>, new: Value<'a>) {
        let is_same = |value: &Value<'a>| match (value, old) {
            (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => Rc::ptr_eq(a, b),
            (Value::Dict(a), Value::Dict(b)) => Rc::ptr_eq(a, b),
            _ => false,
        };
        for names in self.frames.iter_mut().chain([&mut self.globals]) {
            for value in names.values_mut().filter(|value| is_same(value)) {
                *value = new.clone();
            }
        }
        if let Expr::Name(name) = owner
            && self.look_up(name.id.as_str()) == *old
        {
            self.set(name.id.as_str(), new);
        } else if !matches!(owner, Expr::Name(_)) {
            self.forget_owner(owner);
        }
    }

    /// Something inside of a value was changed, and that is not followed.
    fn forget_owner(&mut self, owner: &'a Expr) {
        match owner {
            Expr::Name(name) => {
                self.set(name.id.as_str(), Value::unknown("its content is changed"));
            }
            Expr::Subscript(part) => self.forget_owner(&part.value),
            Expr::Attribute(part) => self.forget_owner(&part.value),
            _ => {}
        }
    }

    pub(super) fn augment(&mut self, assign: &'a ast::StmtAugAssign) {
        let left = self.eval(&assign.target);
        let right = self.eval(&assign.value);
        let value = super::compute::binary(&left, assign.op, &right);
        match &*assign.target {
            Expr::Name(_) if matches!(left, Value::List(_) | Value::Set(_)) => {
                self.replace(&assign.target, &left, value);
            }
            target => self.assign(target, value),
        }
    }
}
