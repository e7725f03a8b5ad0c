//! A backend that outlives its job: found, waited for, and only then is the database read back.

use crate::scene::{Scene, until};
use portcullis::sandbox::world::seed::password;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Row as _};
use std::path::{Path, PathBuf};

/// The folder of the socket: below the state folder, or where another account can walk to.
fn socket(state: &Path) -> PathBuf {
    let near = state.join("postgres");
    let is_its = |folder: &PathBuf| {
        std::fs::read_to_string(folder.join("state-folder"))
            .is_ok_and(|owner| Path::new(&owner) == state)
    };
    let entries = std::fs::read_dir(std::env::temp_dir()).expect("a folder for temporary files");
    let elsewhere = entries.flatten().map(|entry| entry.path()).find(is_its);
    elsewhere.unwrap_or(near)
}

/// A session of somebody else with the database of `uat`.
async fn session(scene: &Scene) -> PgConnection {
    PgConnectOptions::new_without_pgpass()
        .socket(socket(&scene.sandbox.state()))
        .username("plant_app")
        .password(password())
        .database("plant_uat")
        .connect()
        .await
        .expect("a session")
}

/// Makes whoever inserts into a table go on until a row is gone: a statement that takes as long as the test wants.
const ENDLESS: &str = "
    CREATE TABLE goes_on (id integer);
    INSERT INTO goes_on VALUES (1);
    CREATE FUNCTION go_on() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        WHILE EXISTS (SELECT FROM goes_on) LOOP PERFORM pg_sleep(0.02); END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER go_on BEFORE INSERT ON gateway_audit_logs FOR EACH STATEMENT EXECUTE FUNCTION go_on();
";

/// Whether a backend of a run is at that statement.
async fn is_at_it(session: &mut PgConnection, run_id: &str) -> bool {
    let found = sqlx::query(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE application_name = $1 AND state = 'active' AND query LIKE 'INSERT INTO gateway%'",
    )
    .bind(format!("portcullis-{run_id}"))
    .fetch_one(session)
    .await
    .expect("an answer");
    found.get::<i64, _>(0) > 0
}

#[test]
fn it_is_found_and_waited_for_before_the_outcome_is_said() {
    let scene = Scene::on_postgres();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut session = runtime.block_on(session(&scene));
    let mut sql = |text: &'static str| {
        let done = runtime.block_on(sqlx::raw_sql(text).execute(&mut session));
        done.expect("done");
    };
    sql(ENDLESS);

    let upgrade = ["run", "upgrade", "-e", "uat", "--yes", "--no-wait"];
    let report = scene.run(&upgrade).expect_code(0).json();
    let run_id = report["run_id"].as_str().expect("a run id").to_owned();
    let name = report["execution"].as_str().expect("a name").to_owned();
    let mut watch = runtime.block_on(self::session(&scene));
    until("the run is at its statement", || {
        runtime
            .block_on(is_at_it(&mut watch, &run_id))
            .then_some(())
    });

    let mut console = scene.start(&["executions", "cancel", &name, "--yes"]);
    let looks = || {
        let seen = scene.road.seen();
        let from = seen.iter().position(|r| r.path.ends_with(":cancel"));
        let after = seen.iter().skip(from.unwrap_or(seen.len()));
        after.filter(|r| r.path.ends_with("/executeSql")).count()
    };
    until("it was looked for more than once", || {
        assert!(
            !console.has_ended(),
            "it did not wait: {:?}",
            scene.road.seen()
        );
        (looks() > 2).then_some(())
    });
    let show = scene.run(&["executions", "show", &name]).expect_code(0);
    assert_eq!(show.json()["state"], "cancelled");
    assert!(runtime.block_on(is_at_it(&mut watch, &run_id)));
    let kinds = scene.story(&run_id);
    assert!(!kinds.contains(&"settled".to_owned()), "{kinds:?}");

    sql("DELETE FROM goes_on");
    let (code, out, err) = console.end();
    assert_eq!(code, Some(0), "{out}{err}");
    let document: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!(document["alive"], json!([]), "{document}");
    assert_eq!(document["outcome"], "failed", "{document}");
    assert_eq!(scene.settled(&run_id), "failed");
    scene.assert_sound();
}
