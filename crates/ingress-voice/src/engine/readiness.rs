//! Which legs have something to read: one look at all of them (epoll) instead of a read of each that finds nothing.

use std::{io, os::fd::OwnedFd};

use rustix::{
    buffer::spare_capacity,
    event::{
        Timespec,
        epoll::{self, CreateFlags, Event, EventData, EventFlags},
    },
};

use super::{LegId, wire::Wire};

/// Legs told of in one look. More are told of in the next.
pub(super) const AT_ONCE: usize = 1_024;

/// The sockets of one media thread. A closed socket leaves by itself.
pub(super) struct Readiness(OwnedFd);

/// Room for what a look finds.
pub(super) struct Found(Vec<Event>);

impl Readiness {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(epoll::create(CreateFlags::CLOEXEC)?))
    }

    /// Watches a leg's socket from now on. A browser has none of its own: its packets are read with the shared port.
    pub(super) fn watch(&self, id: LegId, wire: &Wire) -> io::Result<()> {
        if let Wire::Rtp { rtp, .. } = wire {
            epoll::add(&self.0, rtp, EventData::new_u64(id.0), EventFlags::IN)?;
        }
        Ok(())
    }

    /// Finds legs that have a datagram waiting; in turn, if they are many.
    pub(super) fn look(&self, found: &mut Found) {
        found.0.clear();
        // An interrupted look finds nothing; the next one is near.
        let _ = epoll::wait(&self.0, spare_capacity(&mut found.0), Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    }
}

impl Found {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(AT_ONCE))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The legs, each once.
    pub(super) fn legs(&self) -> impl Iterator<Item = LegId> {
        self.0.iter().map(|event| LegId(event.data.u64()))
    }
}
