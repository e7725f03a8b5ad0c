//! What can be measured inside the process; what a terminal sees is in `docs/performance.md`.

mod console;
mod keys;
mod ledger;
mod log;
mod start;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    keys::keys,
    ledger::ledger,
    log::log,
    start::snapshot,
    start::directory,
    start::input
);
criterion_main!(benches);
