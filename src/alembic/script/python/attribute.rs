//! Attributes of values.

use std::rc::Rc;

use super::super::schema::{Item, column_clause, column_of};
use super::value::{Class, Handle, Value};

/// `owner.name`.
pub(super) fn of<'a>(owner: &Value<'a>, name: &str) -> Value<'a> {
    match owner {
        Value::Path(path) => Value::Path(format!("{path}.{name}").into()),
        Value::Handle(handle) => of_handle(*handle, name),
        Value::Class(class) => class.attribute(name),
        Value::Member(member) => match name {
            "name" => Value::text(&member.1),
            "value" => member.2.clone(),
            _ => bound(owner, name),
        },
        Value::Item(item) => of_item(owner, item, name),
        Value::Function(function, _) if name == "__name__" => Value::text(function.name.as_str()),
        _ => bound(owner, name),
    }
}

fn bound<'a>(owner: &Value<'a>, name: &str) -> Value<'a> {
    Value::Bound(Rc::new((owner.clone(), name.into())))
}

fn of_handle<'a>(handle: Handle, name: &str) -> Value<'a> {
    let owner = Value::Handle(handle);
    match (handle, name) {
        (Handle::Connection | Handle::Context | Handle::Session | Handle::Engine, "dialect") => {
            Value::Handle(Handle::Dialect)
        }
        (Handle::Connection | Handle::Session, "engine" | "bind" | "connection") => owner,
        (Handle::Context, "bind" | "connection") => Value::Handle(Handle::Connection),
        (Handle::Context, "as_sql") => Value::Bool(false),
        (Handle::Dialect | Handle::Connection, "name") => Value::text("postgresql"),
        _ => bound(&owner, name),
    }
}

fn of_item<'a>(owner: &Value<'a>, item: &Rc<Item>, name: &str) -> Value<'a> {
    match (&**item, name) {
        (Item::Table(table), "c" | "columns") => Value::item(Item::Columns(Rc::new(table.clone()))),
        (Item::Table(table), "name") => Value::text(&table.name),
        (Item::Columns(table), column) => column_of(table, column),
        (Item::Column(column), "name" | "key") => Value::text(&column.name),
        (Item::Column(column), _) => {
            let clause = Item::Clause(column_clause(column));
            bound(&Value::item(clause), name)
        }
        _ => bound(owner, name),
    }
}

impl<'a> Class<'a> {
    /// A name that its body sets.
    pub(super) fn attribute(&self, name: &str) -> Value<'a> {
        let found = self.members.iter().find(|(known, _)| known == name);
        match found {
            Some((member, value)) if self.is_enum => self.member(member, value),
            Some((_, value)) => value.clone(),
            None if name == "__name__" => Value::text(&self.name),
            None if name == "__members__" && self.is_enum => {
                let pairs: Vec<Value<'a>> = self
                    .members
                    .iter()
                    .map(|(name, value)| {
                        Value::tuple(vec![Value::text(name), self.member(name, value)])
                    })
                    .collect();
                super::expression::from_pairs(&pairs)
            }
            None => Value::unknown(format!("`{}.{name}` is not set in this file", self.name)),
        }
    }

    /// The members of an enumeration, in order.
    pub(super) fn enumerate(&self) -> Vec<Value<'a>> {
        let all = self.members.iter();
        all.map(|(name, value)| self.member(name, value)).collect()
    }

    fn member(&self, name: &str, value: &Value<'a>) -> Value<'a> {
        Value::Member(Rc::new((self.name.clone(), name.into(), value.clone())))
    }
}
