//! A connection that breaks exactly when an entry is made last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::adapters::store::DatabaseLedger;
use portcullis::domain::failure::FailureKind;
use portcullis::domain::ledger::EntryKind;
use portcullis::ports::ledger::Ledger as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::places::record;
use crate::server::Server;

/// What becomes of the next commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// It arrives, and its answer does not.
    Answer,
    /// It does not arrive.
    Question,
}

/// Something between a console and its server that cuts the connection of one commit.
struct Wire {
    port: u16,
    armed: Arc<AtomicBool>,
}

impl Wire {
    async fn to(server: u16, cut: Cut) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let wire = Self {
            port,
            armed: Arc::clone(&armed),
        };
        tokio::spawn(async move {
            while let Ok((console, _)) = listener.accept().await {
                let armed = Arc::clone(&armed);
                tokio::spawn(carry(console, server, cut, armed));
            }
        });
        wire
    }
}

async fn carry(mut console: TcpStream, server: u16, cut: Cut, armed: Arc<AtomicBool>) {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut asked, mut said) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = console.read(&mut asked) => {
                let Ok(count @ 1..) = read else { return };
                let bytes = &asked[..count];
                // With its end: `READ COMMITTED` is none.
                let is_commit = bytes.windows(7).any(|word| word == b"COMMIT\0");
                if is_commit && armed.swap(false, Ordering::SeqCst) {
                    if cut == Cut::Answer {
                        server.write_all(bytes).await.unwrap();
                        // The answer is waited for, so that it is known to be lost.
                        let _ = server.read(&mut said).await;
                    }
                    return;
                }
                if server.write_all(bytes).await.is_err() { return }
            }
            read = server.read(&mut said) => {
                let Ok(count @ 1..) = read else { return };
                if console.write_all(&said[..count]).await.is_err() { return }
            }
        }
    }
}

async fn server() -> Server {
    let server = Server::start().await;
    server
        .sql(
            "postgres",
            "CREATE ROLE reader LOGIN PASSWORD 'word';\nGRANT CREATE ON DATABASE postgres TO reader",
        )
        .await;
    server
}

fn through(wire: &Wire) -> DatabaseLedger {
    let port = wire.port;
    let address = format!("postgresql://reader:word@127.0.0.1:{port}/postgres?sslmode=disable");
    DatabaseLedger::shared(address.into())
}

#[tokio::test]
async fn an_entry_whose_answer_was_lost_is_found() {
    let server = server().await;
    let wire = Wire::to(server.port, Cut::Answer).await;
    let ledger = through(&wire);
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    wire.armed.store(true, Ordering::SeqCst);
    let entry = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap();
    assert!(!wire.armed.load(Ordering::SeqCst), "nothing was cut");
    let all = ledger.all().await.unwrap();
    assert_eq!((all.len(), all.last()), (2, Some(&entry)));
}

#[tokio::test]
async fn an_entry_that_never_arrived_is_a_failure_and_is_not_there() {
    let server = server().await;
    let wire = Wire::to(server.port, Cut::Question).await;
    let ledger = through(&wire);
    ledger
        .append(record("a", EntryKind::Intended))
        .await
        .unwrap();
    wire.armed.store(true, Ordering::SeqCst);
    let failure = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap_err();
    assert!(!wire.armed.load(Ordering::SeqCst), "nothing was cut");
    assert_eq!(failure.kind, FailureKind::Ledger);
    assert_eq!(ledger.all().await.unwrap().len(), 1);
    let entry = ledger
        .append(record("b", EntryKind::Intended))
        .await
        .unwrap();
    assert_eq!(entry.seq, 2);
}
