use serde_json::{Value, json};

use super::Sandbox;

async fn ask(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.text().await.expect("a body");
    (
        status,
        serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}")),
    )
}

async fn get(sandbox: &Sandbox, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", sandbox.url);
    ask(reqwest::Client::new()
        .get(url)
        .bearer_auth("user:mia@example.com"))
    .await
}

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    let request = reqwest::Client::new().post(format!("{}{path}", sandbox.url));
    let body = body.to_string();
    ask(request.bearer_auth("user:mia@example.com").body(body)).await
}

#[tokio::test]
async fn enums_are_numbers_only_when_asked() {
    let sandbox = Sandbox::start().await;
    let path = "/v1/projects/waooaw-oauth/secrets/prod-plant-database-url/versions/latest";
    let (_, names) = get(&sandbox, path).await;
    assert_eq!(names["state"], "DISABLED");
    let (_, numbers) = get(
        &sandbox,
        &format!("{path}?%24alt=json%3Benum-encoding%3Dint"),
    )
    .await;
    assert_eq!(numbers["state"], 2);
}

#[tokio::test]
async fn unknown_things_are_refused_as_google_refuses_them() {
    let sandbox = Sandbox::start().await;
    let (status, body) = get(&sandbox, "/nonsense").await;
    assert_eq!(
        (status, &body["error"]["status"]),
        (404, &json!("NOT_FOUND"))
    );
    let (status, body) = get(&sandbox, "/v1/projects/other").await;
    assert_eq!(
        (status, &body["error"]["status"]),
        (403, &json!("PERMISSION_DENIED"))
    );
    let url = format!("{}/v1/projects/waooaw-oauth", sandbox.url);
    let (status, body) = ask(reqwest::Client::new().get(&url)).await;
    assert_eq!(
        (status, &body["error"]["details"][0]["reason"]),
        (401, &json!("CREDENTIALS_MISSING"))
    );
    let (status, body) = ask(reqwest::Client::new().post(url).body("{\"x\":")).await;
    assert_eq!(
        (status, &body["error"]["status"]),
        (400, &json!("INVALID_ARGUMENT"))
    );
    let (status, _) = get(&sandbox, "/faults/rain/v1/projects/waooaw-oauth").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_project_is_read_by_id_and_by_number() {
    let sandbox = Sandbox::start().await;
    let project = sandbox.world.project();
    for name in [project.id.clone(), project.number.to_string()] {
        let (_, v1) = get(&sandbox, &format!("/v1/projects/{name}")).await;
        assert_eq!(v1["projectNumber"], project.number.to_string());
        let (_, v3) = get(&sandbox, &format!("/v3/projects/{name}")).await;
        assert_eq!(
            (&v3["projectId"], &v3["state"]),
            (&json!(project.id), &json!("ACTIVE"))
        );
    }
    let asked = json!({ "permissions": ["run.jobs.run"] });
    let path = format!("/v3/projects/{}:testIamPermissions", project.id);
    assert_eq!(post(&sandbox, &path, &asked).await.1, asked);
    let (_, found) = get(&sandbox, "/v3/projects:search").await;
    assert_eq!(found["projects"][0]["projectId"], project.id);
}

#[tokio::test]
async fn tokens_are_given_and_told_about() {
    let sandbox = Sandbox::start().await;
    let refresh = |token: &str| json!({ "grant_type": "refresh_token", "refresh_token": token });
    let (status, body) = post(&sandbox, "/token", &refresh("user:mia@example.com")).await;
    assert_eq!(
        (status, &body["access_token"]),
        (200, &json!("user:mia@example.com"))
    );
    let (status, body) = post(&sandbox, "/token", &refresh("revoked")).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    let (_, who) = get(&sandbox, "/oauth2/v3/userinfo").await;
    assert_eq!(who["email"], "mia@example.com");
    let (_, info) = get(&sandbox, "/tokeninfo?access_token=user:mia@example.com").await;
    assert_eq!(
        (&info["email"], &info["expires_in"]),
        (&json!("mia@example.com"), &json!("3599"))
    );
    assert_eq!(
        get(&sandbox, "/tokeninfo?access_token=expired").await.0,
        400
    );
}

#[tokio::test]
async fn the_knative_form_lists_runs_and_cancels() {
    let sandbox = Sandbox::with_hands().await;
    let number = sandbox.world.project().number;
    let root = format!("/apis/run.googleapis.com/v1/namespaces/{number}");
    let (_, jobs) = get(&sandbox, &format!("{root}/jobs")).await;
    assert_eq!(
        (&jobs["kind"], &jobs["items"][0]["kind"]),
        (&json!("JobList"), &json!("Job"))
    );
    let overrides = json!({ "overrides": {
        "containerOverrides": [{ "args": ["x"], "clearArgs": false }], "taskCount": 1, "timeoutSeconds": 60,
    }});
    let path = format!("{root}/jobs/plant-db-migrations-uat:run");
    let (status, execution) = post(&sandbox, &path, &overrides).await;
    assert_eq!(status, 200, "{execution}");
    let task = &execution["spec"]["template"]["spec"];
    assert_eq!(
        (&task["timeoutSeconds"], &task["containers"][0]["args"]),
        (&json!("60"), &json!(["x"]))
    );
    let name = execution["metadata"]["name"].as_str().expect("a name");
    let selector = "run.googleapis.com/job%20%3D%20plant-db-migrations-uat";
    let (_, list) = get(
        &sandbox,
        &format!("{root}/executions?labelSelector={selector}&limit=1"),
    )
    .await;
    assert_eq!(list["items"][0]["metadata"]["name"], name);
    assert!(list["metadata"]["continue"].is_string());
    post(
        &sandbox,
        &format!("{root}/executions/{name}:cancel"),
        &json!({}),
    )
    .await;
    let (_, now) = get(&sandbox, &format!("{root}/executions/{name}")).await;
    assert_eq!(now["status"]["cancelledCount"], 1);
    let (status, _) = post(
        &sandbox,
        &format!("{root}/executions/{name}:cancel"),
        &json!({}),
    )
    .await;
    assert_eq!(status, 400);
    let selector = format!(
        "run.googleapis.com/execution%3D{name},run.googleapis.com/runningState%20in%20(Cancelled,Failed)"
    );
    let (_, tasks) = get(&sandbox, &format!("{root}/tasks?labelSelector={selector}")).await;
    assert_eq!(tasks["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_absolute_request_line_works_as_behind_a_proxy() {
    let sandbox = Sandbox::start().await;
    let proxy = reqwest::Proxy::http(&sandbox.url).expect("a proxy");
    let client = reqwest::Client::builder()
        .proxy(proxy)
        .build()
        .expect("a client");
    let url = "http://run.invalid/apis/run.googleapis.com/v1/namespaces/waooaw-oauth/jobs";
    let (status, _) = ask(client.get(url).bearer_auth("token")).await;
    assert_eq!(status, 200);
}
