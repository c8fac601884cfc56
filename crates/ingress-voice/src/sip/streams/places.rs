//! How many connections there may be: at all, from one address, and of those who have not shown who they are.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The most there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connections: usize,
    pub per_address: usize,
}

#[derive(Default)]
struct Taken {
    all: usize,
    unproven: usize,
    of: HashMap<IpAddr, usize>,
}

/// The places of all connections.
pub struct Places {
    limits: Limits,
    taken: Mutex<Taken>,
}

/// One connection's place; free again when dropped.
pub struct Place {
    places: Arc<Places>,
    network: IpAddr,
    proven: AtomicBool,
}

impl Places {
    /// None are taken.
    #[must_use]
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, taken: Mutex::default() })
    }

    /// A place for a connection with `address`, unless there is none. Half of all places are for those who prove to be
    /// somebody, so that strangers keep no phone out.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let network = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of = taken.of.get(&network).copied().unwrap_or(0);
        let full = taken.all >= self.limits.connections
            || of >= self.limits.per_address
            || taken.unproven >= self.limits.connections.div_ceil(2);
        if full {
            return None;
        }
        taken.all += 1;
        taken.unproven += 1;
        taken.of.insert(network, of + 1);
        Some(Place { places: Arc::clone(self), network, proven: AtomicBool::new(false) })
    }
}

impl Place {
    /// Whoever is at the other end has shown to be somebody: a phone, a trunk, a caller whom we serve.
    pub fn prove(&self) {
        if !self.proven.swap(true, Ordering::Relaxed) {
            self.places.taken.lock().unwrap_or_else(PoisonError::into_inner).unproven -= 1;
        }
    }

    /// Whether it has.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if !self.is_proven() {
            taken.unproven -= 1;
        }
        if let Some(of) = taken.of.get_mut(&self.network) {
            *of -= 1;
            if *of == 0 {
                taken.of.remove(&self.network);
            }
        }
    }
}

/// One address of the old kind, one subscriber's network of the new.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_takes_no_more_than_its_share_and_gives_it_back() {
        let places = Places::new(Limits { connections: 100, per_address: 2 });
        let first = places.take(ip("192.0.2.1")).unwrap();
        let _second = places.take(ip("192.0.2.1")).unwrap();

        assert!(places.take(ip("192.0.2.1")).is_none());
        assert!(places.take(ip("192.0.2.2")).is_some());
        drop(first);
        assert!(places.take(ip("192.0.2.1")).is_some());
        assert_eq!(places.taken.lock().unwrap().of.len(), 1);
    }

    #[test]
    fn neighbours_in_one_network_of_six_are_one() {
        let places = Places::new(Limits { connections: 100, per_address: 1 });
        let _first = places.take(ip("2001:db8::1")).unwrap();

        assert!(places.take(ip("2001:db8::2")).is_none());
        assert!(places.take(ip("2001:db8:0:1::2")).is_some());
    }

    #[test]
    fn strangers_leave_half_of_the_places_to_others() {
        let places = Places::new(Limits { connections: 4, per_address: 4 });
        let first = places.take(ip("192.0.2.1")).unwrap();
        let _second = places.take(ip("192.0.2.2")).unwrap();
        assert!(places.take(ip("192.0.2.3")).is_none());

        first.prove();
        first.prove();
        let third = places.take(ip("192.0.2.3")).unwrap();
        third.prove();
        drop(third);
        drop(first);

        assert_eq!(places.taken.lock().unwrap().all, 1);
        assert_eq!(places.taken.lock().unwrap().unproven, 1);
    }
}
