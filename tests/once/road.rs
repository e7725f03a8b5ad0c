//! The road between the program and the sandbox: a proxy that can hold a request, lose it, or lose its answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The longest that something may take to come by.
const PATIENCE: Duration = Duration::from_secs(90);

/// A request that came by.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its place in the order of all, from 1.
    pub(crate) number: usize,
    pub(crate) method: String,
    /// The path without the query.
    pub(crate) path: String,
}

impl Request {
    /// Whether it asks for a run.
    pub(crate) fn is_run(&self) -> bool {
        self.method == "POST" && self.path.ends_with(":run")
    }
}

/// Where a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// On the way there: the sandbox does not know of it.
    TheWayThere,
    /// On the way back: the sandbox has done it, and nobody knows.
    TheWayBack,
}

/// What becomes of the one that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Held,
    PassedOn,
    Lost,
}

type Matches = Box<dyn Fn(&Request) -> bool + Send>;

#[derive(Default)]
struct State {
    seen: Vec<Request>,
    trap: Option<(At, Matches)>,
    caught: Option<(Request, Fate)>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The road. Its threads end with the test.
pub(crate) struct Road {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Road {
    /// A road to this address.
    pub(crate) fn to(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared::default());
        let of_threads = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&of_threads), upstream.clone());
                // A connection that breaks is the test's doing.
                std::thread::spawn(move || drop(carry(&client, &upstream, &shared)));
            }
        });
        Self { url, shared }
    }

    /// Holds the next request that matches.
    pub(crate) fn hold(&self, at: At, matches: impl Fn(&Request) -> bool + Send + 'static) {
        let mut state = self.shared.state.lock().expect("no panic in a thread");
        state.trap = Some((at, Box::new(matches)));
        state.caught = None;
    }

    /// Waits until a request is held; `ended` says that none will come any more.
    pub(crate) fn caught(&self, mut ended: impl FnMut() -> bool) -> Option<Request> {
        let mut waited = Duration::ZERO;
        let mut state = self.shared.state.lock().expect("no panic in a thread");
        loop {
            if let Some((request, _)) = &state.caught {
                return Some(request.clone());
            }
            if ended() {
                state.trap = None;
                return None;
            }
            let look = Duration::from_millis(20);
            waited += look;
            assert!(waited < PATIENCE, "nothing came by: {:#?}", state.seen);
            let woken = self.shared.changed.wait_timeout(state, look);
            state = woken.expect("no panic in a thread").0;
        }
    }

    /// Lets the request that is held go on.
    pub(crate) fn pass_on(&self) {
        self.decide(Fate::PassedOn);
    }

    /// Loses the request that is held, or its answer.
    pub(crate) fn lose(&self) {
        self.decide(Fate::Lost);
    }

    fn decide(&self, fate: Fate) {
        let mut state = self.shared.state.lock().expect("no panic in a thread");
        if let Some((_, held)) = &mut state.caught {
            *held = fate;
        }
        self.shared.changed.notify_all();
    }

    /// What came by so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        let state = self.shared.state.lock().expect("no panic in a thread");
        state.seen.clone()
    }

    /// How many requests asked for a run.
    pub(crate) fn runs(&self) -> usize {
        self.seen()
            .iter()
            .filter(|request| request.is_run())
            .count()
    }
}

/// Carries one request there and its answer back.
fn carry(mut client: &TcpStream, upstream: &str, shared: &Shared) -> std::io::Result<()> {
    let Some((head, body)) = read_request(client)? else {
        return Ok(());
    };
    let request = note(&head, shared);
    if !may_pass(&request, At::TheWayThere, shared) {
        return Ok(());
    }
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if may_pass(&request, At::TheWayBack, shared) {
        client.write_all(&answer)?;
    }
    Ok(())
}

/// The head, made to close the connection afterwards, and the body.
fn read_request(client: &TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        if line.trim().is_empty() {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    head.push_str("connection: close\r\n\r\n");
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

fn note(head: &str, shared: &Shared) -> Request {
    let mut words = head.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let mut state = shared.state.lock().expect("no panic in a thread");
    let request = Request {
        number: state.seen.len() + 1,
        method,
        path,
    };
    state.seen.push(request.clone());
    request
}

/// Waits while it is held; whether it may go on then.
fn may_pass(request: &Request, at: At, shared: &Shared) -> bool {
    let mut state = shared.state.lock().expect("no panic in a thread");
    let trapped = state
        .trap
        .as_ref()
        .is_some_and(|(where_to, matches)| *where_to == at && matches(request));
    if !trapped {
        return true;
    }
    state.trap = None;
    state.caught = Some((request.clone(), Fate::Held));
    shared.changed.notify_all();
    loop {
        match &state.caught {
            Some((held, Fate::Held)) if held.number == request.number => {}
            Some((held, fate)) if held.number == request.number => return *fate == Fate::PassedOn,
            // Another one was caught meanwhile: this one is forgotten.
            _ => return false,
        }
        state = shared.changed.wait(state).expect("no panic in a thread");
    }
}
