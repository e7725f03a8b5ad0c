//! The words of the field and the rules about them: synchronous and pure, with
//! no clock, no I/O and no knowledge of any screen.

pub mod act;
pub mod age;
pub mod current;
pub mod database;
pub mod digest;
pub mod directory;
pub mod disagreement;
pub mod environment;
pub mod execution;
pub mod failure;
pub mod fleet;
pub mod gate;
pub mod gist;
pub mod graph;
pub mod history;
pub mod job;
pub mod lanes;
pub mod ledger;
pub mod logs;
pub mod migration;
pub mod observed;
pub mod operation;
pub mod outcome;
pub mod plan;
pub mod policy;
pub mod preflight;
pub mod problem;
pub mod progress;
pub mod review;
pub mod revision;
pub mod run_line;
pub mod secret;
pub mod settings;
pub mod text;
pub mod width;
