//! One key with its picture, from the press to the bytes: the share of "key to paint" that is ours.
//!
//! The cost must not grow with the rows that are not on the screen.

use crate::console::{Console, fleet};
use criterion::{BenchmarkId, Criterion};

const ROWS: [usize; 3] = [3, 500, 5_000];

pub(crate) fn keys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("key");
    for rows in ROWS {
        let mut console = Console::on(fleet(rows));
        group.bench_function(BenchmarkId::new("move", rows), |bencher| {
            let mut keys = ["down", "up"].into_iter().cycle();
            bencher.iter(|| console.key(keys.next().expect("a cycle")));
        });
        group.bench_function(BenchmarkId::new("end and home", rows), |bencher| {
            let mut keys = ["end", "home"].into_iter().cycle();
            bencher.iter(|| console.key(keys.next().expect("a cycle")));
        });
        group.bench_function(BenchmarkId::new("open and back", rows), |bencher| {
            let mut keys = ["enter", "esc"].into_iter().cycle();
            bencher.iter(|| console.key(keys.next().expect("a cycle")));
        });
        group.bench_function(BenchmarkId::new("nothing changed", rows), |bencher| {
            bencher.iter(|| console.draw());
        });
        group.bench_function(BenchmarkId::new("filter", rows), |bencher| {
            bencher.iter(|| {
                console.press("/ 0 0 0 2");
                let bytes = console.draw();
                console.press("esc");
                bytes
            });
        });
    }
    group.finish();
}
