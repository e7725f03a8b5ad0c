//! The bell: how other threads and signal handlers wake the loop.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The end that the loop waits on.
#[derive(Debug)]
pub(super) struct Bell {
    receiver: UnixStream,
    ringer: Ringer,
}

/// The end that wakes the loop; rings at most once for each time the loop looks.
#[derive(Clone, Debug)]
pub(super) struct Ringer {
    sender: Arc<UnixStream>,
    rung: Arc<AtomicBool>,
}

impl Bell {
    /// A bell.
    pub(super) fn new() -> io::Result<Self> {
        let (receiver, sender) = UnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        Ok(Self {
            receiver,
            ringer: Ringer {
                sender: Arc::new(sender),
                rung: Arc::default(),
            },
        })
    }

    /// A ringer for another thread.
    pub(super) fn ringer(&self) -> Ringer {
        self.ringer.clone()
    }

    /// The sending end for a signal handler.
    pub(super) fn sender(&self) -> io::Result<UnixStream> {
        self.ringer.sender.try_clone()
    }

    /// Stops the ringing. What rang is looked at afterwards, so nothing is missed.
    pub(super) fn silence(&self) {
        let mut bytes = [0; 64];
        while (&self.receiver).read(&mut bytes).is_ok_and(|n| n > 0) {}
        self.ringer.rung.store(false, Ordering::SeqCst);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.receiver.as_fd()
    }
}

impl Ringer {
    /// Wakes the loop.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            // A full pipe rings as well; a closed one has nobody to wake.
            let _ = (&*self.sender).write(&[1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_once_until_it_is_silenced() {
        let bell = Bell::new().unwrap();
        bell.ringer().ring();
        bell.ringer().ring();
        let mut bytes = [0; 8];
        assert_eq!((&bell.receiver).read(&mut bytes).unwrap(), 1);
        bell.silence();
        bell.ringer().ring();
        assert_eq!((&bell.receiver).read(&mut bytes).unwrap(), 1);
    }
}
