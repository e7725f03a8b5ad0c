//! Every way in which the answer to a run can be wrong: which prove that nothing started, which prove nothing, and that
//! none of them makes the client ask twice.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::cloud::{approve, environment, hasty, plan};
use portcullis::adapters::google::{Endpoints, GoogleSettings, GoogleWorld};
use portcullis::ports::jobs::RunError;

/// A server that gives every request the same answer, and counts how often it was asked for a run.
struct Scripted {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that breaks is the answer in some of the cases.
                let _ = answer_once(&stream, &answer, &seen);
            }
        });
        Self { url, asked }
    }

    fn runs(&self) -> usize {
        let asked = self.asked.lock().unwrap();
        let is_run = |line: &&String| line.starts_with("POST ") && line.contains(":run?");
        asked.iter().filter(is_run).count()
    }
}

fn answer_once(
    mut stream: &TcpStream,
    answer: &str,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    seen.lock().unwrap().push(first);
    stream.write_all(answer.as_bytes())
}

fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn google(code: u16, status: &str) -> String {
    let body = format!(r#"{{"error":{{"code":{code},"message":"x","status":"{status}"}}}}"#);
    http(&format!("{code} X"), "application/json", &body)
}

async fn sent_to(server: &Scripted) -> RunError {
    let google = GoogleWorld::connect(GoogleSettings {
        endpoints: Endpoints::all_at(&server.url).unwrap(),
        token: Some(Arc::new("sandbox".into())),
        deadlines: hasty(),
        ..GoogleSettings::default()
    });
    let plan = plan(&environment("uat"), "e");
    google.jobs.run(approve(plan), "01LOST").await.unwrap_err()
}

#[tokio::test]
async fn only_googles_own_no_proves_that_nothing_started() {
    for (code, status) in [
        (400, "INVALID_ARGUMENT"),
        (400, "FAILED_PRECONDITION"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (409, "ABORTED"),
        (429, "RESOURCE_EXHAUSTED"),
    ] {
        let server = Scripted::saying(google(code, status));
        let error = sent_to(&server).await;
        assert!(
            matches!(error, RunError::NotStarted(_)),
            "{status}: {error:?}"
        );
        assert_eq!(server.runs(), 1, "{status}");
    }
}

#[tokio::test]
async fn everything_else_is_lost_and_asked_once() {
    let page = "<html>no</html>";
    let answers = [
        google(500, "INTERNAL"),
        google(500, "UNKNOWN"),
        google(503, "UNAVAILABLE"),
        google(504, "DEADLINE_EXCEEDED"),
        google(499, "CANCELLED"),
        google(408, "INVALID_ARGUMENT"),
        // What stands in between says what it likes.
        http("404 Not Found", "text/html", page),
        http("403 Forbidden", "text/html", page),
        http("409 Conflict", "text/plain", "busy"),
        http("429 Too Many Requests", "text/html", page),
        http("502 Bad Gateway", "text/html", page),
        // An answer that says nothing.
        http("200 OK", "text/html", page),
        http("200 OK", "application/json", ""),
        http("200 OK", "application/json", "{"),
        http("200 OK", "application/json", "{}"),
        http("200 OK", "application/json", r#"{"name":"operations/1"}"#),
        http(
            "200 OK",
            "application/json",
            r#"{"name":"operations/1","done":true,"error":{"code":13}}"#,
        ),
        http(
            "200 OK",
            "application/json",
            r#"{"name":"o","metadata":{"@type":"type.googleapis.com/google.cloud.run.v2.Execution"}}"#,
        ),
        // It ends before it has begun, and in the middle.
        String::new(),
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{\"na"
            .to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
    ];
    for answer in answers {
        let server = Scripted::saying(answer.clone());
        let error = sent_to(&server).await;
        assert!(matches!(error, RunError::Lost(_)), "{answer}: {error:?}");
        assert_eq!(server.runs(), 1, "{answer}");
    }
}

/// A redirect is followed by the client itself; the request goes to another place than it was sent to, and what
/// that place says is no proof either, unless it is Google's.
#[tokio::test]
async fn a_redirect_to_nowhere_is_lost() {
    let closed = crate::running::closed_port();
    for code in ["302 Found", "307 Temporary Redirect"] {
        let answer = format!(
            "HTTP/1.1 {code}\r\nlocation: {closed}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let server = Scripted::saying(answer);
        let error = sent_to(&server).await;
        assert_eq!(server.runs(), 1, "{code}");
        // The second place was never reached, and the first has started nothing that it told of.
        assert!(
            matches!(error, RunError::Lost(_) | RunError::NotStarted(_)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_operation_that_is_over_already_may_name_its_execution_in_its_answer() {
    let execution = "projects/p/locations/l/jobs/j/executions/j-1";
    let body = format!(
        r#"{{"name":"o","done":true,"response":{{"@type":"type.googleapis.com/google.cloud.run.v2.Execution","name":"{execution}"}}}}"#
    );
    let server = Scripted::saying(http("200 OK", "application/json", &body));
    let google = GoogleWorld::connect(GoogleSettings {
        endpoints: Endpoints::all_at(&server.url).unwrap(),
        token: Some(Arc::new("sandbox".into())),
        deadlines: hasty(),
        ..GoogleSettings::default()
    });
    let plan = plan(&environment("uat"), "e");
    let started = google.jobs.run(approve(plan), "01J").await.unwrap();
    assert_eq!(started.name.as_str(), "j-1");
}
