//! A log of a million lines: taking them, scrolling, searching; and a flood while it is looked at.

use crate::console::{Console, fleet, now};
use criterion::{Criterion, Throughput};
use portcullis::app::effect::{Effect, RequestId};
use portcullis::app::event::{Event, LogAnswer};
use portcullis::domain::logs::{LogLine, LogSeverity};

const LINES: usize = 1_000_000;
/// What arrives between two frames at 10,000 lines a second.
const FRAME: usize = 167;

fn line(number: usize) -> LogLine {
    LogLine {
        at: now(),
        insert_id: String::new(),
        severity: LogSeverity::Info,
        stream: portcullis::domain::logs::LogStream::Other,
        text: format!("INFO  [alembic.runtime.migration] step {number} of a long migration").into(),
    }
}

fn lines(id: RequestId, count: usize) -> Event {
    Event::Log {
        id,
        answer: LogAnswer::Lines((0..count).map(line).collect()),
    }
}

/// A console that looks at the log of the last run.
fn looking() -> (Console, RequestId) {
    let mut console = Console::on(fleet(3));
    let asked = console.press("l");
    let id = asked.into_iter().find_map(|effect| match effect {
        Effect::ReadLog { id, .. } => Some(id),
        _ => None,
    });
    (console, id.expect("`l` reads a log"))
}

pub(crate) fn log(criterion: &mut Criterion) {
    let (mut console, id) = looking();
    console.tell(lines(id, LINES));
    console.draw();
    let mut group = criterion.benchmark_group("log of a million lines");
    group.bench_function("scroll", |bencher| {
        let mut keys = ["up", "down"].into_iter().cycle();
        bencher.iter(|| console.key(keys.next().expect("a cycle")));
    });
    group.bench_function("page", |bencher| {
        let mut keys = ["pageup", "pagedown"].into_iter().cycle();
        bencher.iter(|| console.key(keys.next().expect("a cycle")));
    });
    console.press("/ 9 9 9 9 9 enter");
    group.bench_function("search that goes around", |bencher| {
        bencher.iter(|| console.key("n"));
    });
    group.finish();

    let (mut console, id) = looking();
    let mut group = criterion.benchmark_group("flood");
    group.throughput(Throughput::Elements(FRAME as u64));
    group.bench_function("a frame's lines with the picture", |bencher| {
        bencher.iter_batched(
            || lines(id, FRAME),
            |event| {
                console.tell(event);
                console.draw()
            },
            criterion::BatchSize::SmallInput,
        );
    });
    group.finish();
}
