//! The whole sandbox with its embedded databases: the probes read what is really in them.

use crate::cloud::environment;
use portcullis::adapters::google::{Endpoints, GoogleSettings, GoogleWorld};
use portcullis::domain::database::Table;
use portcullis::domain::environment::ProbeKind;
use portcullis::sandbox::world::seed::revision_of;
use portcullis::sandbox::{self, Backend, Options};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn the_data_api_reads_every_database_of_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let running = sandbox::start(Options {
        state_dir: folder.path().to_owned(),
        port: 0,
        backend: Backend::Embedded,
        task_program: None,
        backfill: None,
        faults: String::new(),
        denials: String::new(),
    })
    .await
    .unwrap();
    running.ready().await.unwrap();
    let google = GoogleWorld::connect(GoogleSettings {
        endpoints: Endpoints::all_at(&running.url).unwrap(),
        token: Some(Arc::new("sandbox".into())),
        ..GoogleSettings::default()
    });
    let read = async |name| {
        google
            .databases
            .read(&environment(name), ProbeKind::DataApi)
            .await
    };
    let (demo, uat, prod) = (read("demo").await, read("uat").await, read("prod").await);
    running.shutdown().await;
    for (name, found) in [("demo", demo), ("uat", uat), ("prod", prod)] {
        let found = found.unwrap();
        let expected = revision_of(name).map(|revision| vec![revision.into()]);
        assert_eq!(found.current, expected, "{name}");
        let columns = |table: &Table| table.schema == "public" && !table.columns.is_empty();
        let named = found.tables.as_ref().is_some_and(|t| t.iter().all(columns));
        assert_eq!(named, expected.is_none(), "{name}: {found:?}");
        assert_eq!(found.is_unversioned(), expected.is_none(), "{name}");
    }
}
