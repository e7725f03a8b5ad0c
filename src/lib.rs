//! Portcullis, a terminal operations console for migrations on Google Cloud.
//!
//! This page is the map of the house. Each folder imports only from those named
//! to the right of its arrow; `tests/architecture.rs` holds that.
//!
//! | folder | role | may import |
//! | --- | --- | --- |
//! | [`domain`] | the words and the rules; pure | nothing |
//! | [`sql`] | what PostgreSQL's statements do, and which locks they take; pure | `domain` |
//! | [`alembic`] | reads a migration directory without running it; pure | `sql`, `domain` |
//! | [`triage`] | a log and facts in, causes out; the catalogue is data; pure | `domain` |
//! | [`config`] | schema, defaults and errors of the configuration; pure | `domain` |
//! | [`ports`] | the traits that the world must satisfy | `domain` |
//! | [`ops`] | use cases over ports, shared by console and commands | `ports`, `alembic`, `domain` |
//! | [`app`] | the state machine of the console; pure and synchronous | `domain`, `alembic` |
//! | [`keys`] | key maps as data | `app`, `domain` |
//! | [`tui`] | the terminal: loop, effects, theme, views | `app`, `keys`, `ops`, `ports`, `domain` |
//! | [`cli`] | one file for each verb, output and exit codes | `ops`, `ports`, `config`, `domain` |
//! | [`adapters`] | the real world: Google, stores, system | `ports`, `domain`, `alembic` |
//! | [`sandbox`] | a local Google Cloud for trying, demos and tests | itself |
//!
//! Only `main.rs` names concrete adapters.

pub mod adapters;
pub mod alembic;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod keys;
pub mod ops;
pub mod ports;
pub mod sandbox;
pub mod sql;
pub mod triage;
pub mod tui;
