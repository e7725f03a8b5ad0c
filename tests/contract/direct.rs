//! The `direct` probe, on a real PostgreSQL; and that nothing of a payload is told when it fails.

use std::time::{Duration, Instant};

use crate::cloud::{Cloud, environment};
use crate::server::{Server, free_port};
use portcullis::domain::database::{Reading, Table};
use portcullis::domain::environment::{Direct, Environment, ProbeKind};
use portcullis::domain::failure::{Failure, FailureKind};
use portcullis::sandbox::world::model::Payload;

/// A password that must turn up nowhere; it holds what breaks a careless reader.
const CANARY: &str = "canary-4f1b/7";

const ROLES: &str = "CREATE DATABASE plant;
CREATE ROLE reader LOGIN PASSWORD 'canary-4f1b/7';
CREATE ROLE tls_only LOGIN PASSWORD 'canary-4f1b/7';
CREATE ROLE stranger LOGIN PASSWORD 'canary-4f1b/7'";

const TABLES: &str = "CREATE TABLE skills (id int, name text, gone int);
ALTER TABLE skills DROP COLUMN gone;
CREATE TABLE parts (at date) PARTITION BY RANGE (at);
CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')";

const VERSIONS: &str = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('ae10'), ('be20');
GRANT SELECT ON alembic_version TO reader, tls_only";

/// An environment whose secret holds this URL.
fn site(cloud: &Cloud, url: &str) -> Environment {
    let uat = environment("uat");
    let secret = uat.secret.as_deref().unwrap();
    cloud
        .world
        .add_secret_version(secret, Payload::new(url), None)
        .unwrap();
    uat
}

async fn read(cloud: &Cloud, environment: &Environment) -> Result<Reading, Failure> {
    cloud
        .google()
        .databases
        .read(environment, ProbeKind::Direct)
        .await
}

async fn read_url(cloud: &Cloud, url: &str) -> Result<Reading, Failure> {
    read(cloud, &site(cloud, url)).await
}

#[track_caller]
fn told(answer: Result<Reading, Failure>, word: &str) -> Failure {
    let failure = answer.expect_err("a failure");
    let all = format!(
        "{failure} {failure:?} {}",
        serde_json::to_string(&failure).unwrap()
    );
    assert!(!all.contains("canary") && !all.contains("4f1b"), "{all}");
    assert_eq!(failure.word.as_deref(), Some(word), "{failure:?}");
    assert!(!failure.hint.is_empty(), "{failure:?}");
    failure
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reads_rows_by_address_by_socket_and_through_a_proxy() {
    let (server, cloud) = (Server::start().await, Cloud::detached().await);
    server.sql("postgres", ROLES).await;
    server.sql("plant", VERSIONS).await;
    let port = server.port;
    let rows = Some(vec!["ae10".into(), "be20".into()]);
    for (driver, query) in [
        ("asyncpg", "?ssl=require"),
        ("psycopg2", "?sslmode=disable"),
        ("psycopg", ""),
    ] {
        let url = format!("postgresql+{driver}://reader:{CANARY}@127.0.0.1:{port}/plant{query}");
        let reading = read_url(&cloud, &url).await.unwrap();
        assert_eq!(
            (reading.probe, reading.current),
            (ProbeKind::Direct, rows.clone())
        );
    }
    let url = format!("postgresql://tls_only:{CANARY}@127.0.0.1:{port}/plant");
    assert_eq!(read_url(&cloud, &url).await.unwrap().current, rows);
    let folder = server.socket().display();
    let url = format!("postgresql://reader:{CANARY}@/plant?host={folder}&port={port}");
    assert_eq!(read_url(&cloud, &url).await.unwrap().current, rows);
    let url = format!("postgresql+asyncpg://reader:{CANARY}@/plant?host=/cloudsql/p:r:i");
    let mut behind_proxy = site(&cloud, &url);
    behind_proxy.direct = Some(Direct {
        host: Some("127.0.0.1".to_owned()),
        port: Some(port),
        socket: None,
    });
    assert_eq!(read(&cloud, &behind_proxy).await.unwrap().current, rows);
    behind_proxy.direct = Some(Direct {
        host: None,
        port: Some(port),
        socket: Some(server.socket().to_owned()),
    });
    assert_eq!(read(&cloud, &behind_proxy).await.unwrap().current, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_named_and_a_version_table_is_found_in_another_schema() {
    let (server, cloud) = (Server::start().await, Cloud::detached().await);
    server.sql("postgres", ROLES).await;
    server.sql("plant", TABLES).await;
    let url = format!(
        "postgresql://reader:{CANARY}@127.0.0.1:{}/plant",
        server.port
    );
    let reading = read_url(&cloud, &url).await.unwrap();
    let tables = vec![
        Table::new("public", "parts", &["at"]),
        Table::new("public", "skills", &["id", "name"]),
    ];
    assert!(reading.is_unversioned());
    assert_eq!(
        reading.tables,
        Some(tables.clone()),
        "also those that it may not read"
    );

    server
        .sql(
            "plant",
            "CREATE SCHEMA odd;\nCREATE TABLE odd.alembic_version (version_num text)",
        )
        .await;
    told(read_url(&cloud, &url).await, "not_readable");
    server
        .sql(
            "plant",
            "GRANT USAGE ON SCHEMA odd TO reader;\nGRANT SELECT ON odd.alembic_version TO reader",
        )
        .await;
    let reading = read_url(&cloud, &url).await.unwrap();
    assert_eq!(
        (reading.current, reading.tables),
        (Some(vec![]), Some(tables))
    );
    server
        .sql("plant", "INSERT INTO odd.alembic_version VALUES ('x1')")
        .await;
    assert_eq!(
        read_url(&cloud, &url).await.unwrap().current,
        Some(vec!["x1".into()])
    );

    server
        .sql(
            "plant",
            "CREATE SCHEMA two;\nCREATE TABLE two.alembic_version (version_num text);\n\
        GRANT USAGE ON SCHEMA two TO reader;\nGRANT SELECT ON two.alembic_version TO reader;\n\
        INSERT INTO two.alembic_version VALUES ('y1')",
        )
        .await;
    let failure = read_url(&cloud, &url).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Config);
    let url = format!("{url}?options=-csearch_path%3Dtwo");
    assert_eq!(
        read_url(&cloud, &url).await.unwrap().current,
        Some(vec!["y1".into()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_refuses_is_told_apart_and_the_payload_is_not_told() {
    let (server, cloud) = (Server::start().await, Cloud::detached().await);
    server.sql("postgres", ROLES).await;
    server.sql("plant", VERSIONS).await;
    let port = server.port;
    let at = |user: &str, password: &str, database: &str, query: &str| {
        format!("postgresql://{user}:{password}@127.0.0.1:{port}/{database}{query}")
    };
    for (url, word) in [
        (at("reader", "canary-wrong", "plant", ""), "authentication"),
        (at("nobody", CANARY, "plant", ""), "authentication"),
        (at("reader", CANARY, "canary_db", ""), "database_missing"),
        (at("stranger", CANARY, "plant", ""), "not_readable"),
        (at("tls_only", CANARY, "plant", "?sslmode=disable"), "tls"),
        (at("reader", CANARY, "plant", "?ssl=verify-full"), "tls"),
    ] {
        let failure = told(read_url(&cloud, &url).await, word);
        assert!(failure.summary.contains("127.0.0.1"), "{failure}");
    }
    // A lock that is held keeps nobody waiting for long.
    let mut holder = server.sql_session("plant").await;
    sqlx::raw_sql("BEGIN; LOCK TABLE alembic_version")
        .execute(&mut holder)
        .await
        .unwrap();
    told(
        read_url(&cloud, &at("reader", CANARY, "plant", "")).await,
        "timeout",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_answers_soon_and_says_what_is_missing() {
    let cloud = Cloud::detached().await;
    let closed = format!("postgresql://u:{CANARY}@127.0.0.1:{}/plant", free_port());
    told(read_url(&cloud, &closed).await, "refused");
    let folder = format!(
        "postgresql://u:{CANARY}@/plant?host=/cloudsql/waooaw-oauth:asia-south1:plant-sql-uat"
    );
    let failure = told(read_url(&cloud, &folder).await, "socket_missing");
    assert!(
        failure
            .summary
            .contains("/cloudsql/waooaw-oauth:asia-south1:plant-sql-uat"),
        "{failure}"
    );
    assert!(
        failure.hint.contains("[environments.uat.direct]"),
        "{failure:?}"
    );
    let name = format!("postgresql://u:{CANARY}@canary.invalid/plant");
    told(read_url(&cloud, &name).await, "no_name");
    // It takes connections and never speaks, as a private address behind a silent firewall.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let begin = Instant::now();
    told(
        read_url(
            &cloud,
            &format!("postgresql://u:{CANARY}@127.0.0.1:{port}/plant"),
        )
        .await,
        "no_route",
    );
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );
    for text in [
        CANARY,
        "mysql://u:canary@h/d",
        "postgresql://u:canary@h:canary/d",
        "postgresql://canary",
    ] {
        let failure = read_url(&cloud, text).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Config, "{text}");
        assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
    }
}

#[tokio::test]
async fn without_the_right_to_the_payload_it_says_which_right() {
    let cloud = Cloud::detached().await;
    cloud.deny("secretmanager.versions.access");
    let failure = read(&cloud, &environment("uat")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert!(failure.hint.contains("secretAccessor"), "{failure:?}");
    let mut nameless = environment("uat");
    nameless.secret = None;
    let failure = read(&cloud, &nameless).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Config);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_is_asked_for_once_in_a_while_and_again_after_a_failure() {
    let (server, cloud) = (Server::start().await, Cloud::detached().await);
    server.sql("postgres", ROLES).await;
    server.sql("plant", VERSIONS).await;
    let at = |password: &str| {
        format!(
            "postgresql://reader:{password}@127.0.0.1:{}/plant",
            server.port
        )
    };
    let uat = site(&cloud, &at("canary-wrong"));
    let google = cloud.google();
    let read = async || google.databases.read(&uat, ProbeKind::Direct).await;
    told(read().await, "authentication");
    site(&cloud, &at(CANARY));
    for _ in 0..3 {
        assert!(read().await.is_ok());
    }
    assert_eq!(cloud.requests(":access").len(), 2);
}
