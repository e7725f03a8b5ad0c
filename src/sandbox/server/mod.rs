//! The HTTP server: Google's wire over the [`world`](super::world).
