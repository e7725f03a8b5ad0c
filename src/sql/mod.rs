//! PostgreSQL's statements: what they change, which locks they take, how they are coloured. Pure.
//!
//! - `split` parts a text into statements, `analysis` reads each of them; the grammar is squawk's.
//! - `alter`, `create`, `drop`, `rows` and `upkeep` know the statements by family.
//! - `shape` is what they do to tables and columns, by name.
//! - `tests/postgres_locks.rs` holds the locks against a real server.

mod alter;
mod alter_column;
mod alter_others;
mod analysis;
mod block;
mod create;
mod drop;
mod highlight;
mod lint;
mod mask;
mod names;
mod rows;
mod setting;
mod shape;
mod split;
mod statement;
mod tree;
mod upkeep;
mod volatile;

#[cfg(test)]
mod tests;

pub use analysis::statements;
pub use highlight::{Token, highlight};
pub use lint::{Complaint, LINTS, Lint, lint};
pub use mask::without_values;
pub use names::same_table;
pub use shape::{Shape, TableName, shapes};
pub use statement::{Effect, Fault, Hazard, Setting, Statement, Transaction, Work};
pub use volatile::STEADY;
