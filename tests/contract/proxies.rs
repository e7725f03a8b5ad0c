//! Proxies of the environment do not come between the program and this machine.

use std::process::Stdio;

use crate::cloud::Cloud;
use crate::running::closed_port;

#[tokio::test]
async fn a_proxy_is_not_asked_for_endpoints_on_this_machine() {
    let cloud = Cloud::detached().await;
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("portcullis.toml");
    let endpoints = ["run", "secretmanager", "sql", "logging"]
        .map(|name| format!("{name} = \"{}\"\n", cloud.url));
    let text = format!(
        "project = \"waooaw-oauth\"\nregion = \"asia-south1\"\n[google.endpoints]\n{}\
         [environments.prod]\ntier = \"production\"\njob = \"plant-db-migrations-prod\"\n\
         secret = \"prod-plant-database-url\"\n",
        endpoints.concat(),
    );
    std::fs::write(&config, text).unwrap();
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args([
            "secrets",
            "versions",
            "prod-plant-database-url",
            "-e",
            "prod",
            "--format",
            "json",
        ])
        .args(["--config".as_ref(), config.as_os_str()])
        .env_clear()
        .env("HOME", home.path())
        .env("CLOUDSDK_AUTH_ACCESS_TOKEN", "sandbox")
        .env("HTTP_PROXY", closed_port())
        .env("http_proxy", closed_port())
        .env("NO_PROXY", "example.com")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["secret"], "prod-plant-database-url");
}
