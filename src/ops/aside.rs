//! Work that blocks its thread, away from the threads that wait for the network.

/// Does it and waits for it; a panic goes on here.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending, and nobody waits for an answer any more.
            Err(_) => std::future::pending().await,
        },
    }
}
