//! What stands between exec and the first frame, and the migration directory behind it.

use std::hint::black_box;
use std::path::Path;

use crate::console::{Console, fleet};
use criterion::{BenchmarkId, Criterion};
use portcullis::adapters::store::FileSnapshots;
use portcullis::alembic::source::{MemoryTree, read};
use portcullis::ports::snapshots::Snapshots;
use portcullis::tui::input::Decoder;

pub(crate) fn snapshot(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot");
    for environments in [3, 500] {
        let fleet = fleet(environments);
        let folder = tempfile::tempdir().expect("a folder");
        let known: Vec<_> = fleet
            .environments
            .iter()
            .map(|e| e.environment.clone())
            .collect();
        let store = FileSnapshots::of(&known, folder.path());
        store.save(&fleet).expect("a snapshot is written");
        group.bench_function(BenchmarkId::new("load", environments), |bencher| {
            bencher.iter(|| store.load().expect("the snapshot that was written"));
        });
        group.bench_function(BenchmarkId::new("first frame", environments), |bencher| {
            bencher.iter(|| Console::on(store.load().expect("the snapshot that was written")));
        });
    }
    group.finish();
}

fn revision(number: usize) -> (String, String) {
    let down = match number {
        0 => "None".to_owned(),
        n => format!("'{:012x}'", n - 1),
    };
    let text = format!(
        "\"\"\"step {number}\n\nRevision ID: {number:012x}\n\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n\n\
         revision = '{number:012x}'\ndown_revision = {down}\nbranch_labels = None\ndepends_on = None\n\n\n\
         def upgrade():\n    op.add_column('t', sa.Column('c{number}', sa.Integer()))\n\n\n\
         def downgrade():\n    op.drop_column('t', 'c{number}')\n"
    );
    (format!("m/versions/{number:012x}_step.py"), text)
}

pub(crate) fn directory(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("migration directory");
    for revisions in [12, 500] {
        let files = (0..revisions).map(revision);
        let extra = [("m/env.py".to_owned(), String::new())];
        let tree = MemoryTree::new(files.chain(extra));
        group.bench_function(BenchmarkId::new("read", revisions), |bencher| {
            bencher.iter(|| read(&tree, Path::new("m")).expect("a migration directory"));
        });
    }
    group.finish();
}

pub(crate) fn input(criterion: &mut Criterion) {
    criterion.bench_function("decode a paste of 16 kB", |bencher| {
        let mut bytes = b"\x1b[200~".to_vec();
        bytes.resize(16 * 1024, b'x');
        bytes.extend_from_slice(b"\x1b[201~");
        bencher.iter(|| {
            let mut decoder = Decoder::default();
            for part in bytes.chunks(1024) {
                decoder.feed(part);
                black_box(decoder.next_input());
            }
        });
    });
}
