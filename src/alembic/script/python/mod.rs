//! Following Python code as far as its text tells what it does.

mod arguments;
mod assign;
mod attribute;
mod builtin;
mod call;
mod compute;
mod expression;
mod flow;
mod format;
mod function;
mod import;
mod machine;
mod method;
mod names;
mod repeat;
mod value;

pub(super) use self::arguments::{Arguments, Bound};
pub(super) use self::flow::Flow;
pub(super) use self::machine::{Machine, Place};
pub use self::value::STAND_IN;
pub(super) use self::value::{Batch, Handle, Value};
