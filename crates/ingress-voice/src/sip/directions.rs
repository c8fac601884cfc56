//! Where requests to those we call really go. A registered phone behind address translation names a Contact that leads
//! nowhere, and a trunk's domain is not its address: what is known of both counts before what the URI says. Only what we know
//! ourselves is noted, never what a caller says of itself ([`super::translated`] is for callers).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rsipstack::{
    sip::{Transport, Uri},
    transaction::endpoint::TargetLocator,
    transport::SipAddr,
};

use super::streams::Streams;

/// Addresses that are remembered; the oldest go first. Several for every call a process can hold.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
struct Known {
    addresses: HashMap<String, SipAddr>,
    oldest: VecDeque<String>,
}

/// The ways that differ from what URIs say. Cheap to share.
#[derive(Clone, Default)]
pub struct Directions(Arc<Mutex<Known>>, Arc<OnceLock<Streams>>);

impl Directions {
    /// Connections that are needed on the way are made by these.
    pub fn connect_by(&self, streams: Streams) {
        let _ = self.1.set(streams);
    }

    /// Requests to this URI go there from now on.
    pub fn note(&self, uri: &Uri, address: SipAddr) {
        let key = key(uri);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.addresses.insert(key.clone(), address).is_none() {
            known.oldest.push_back(key);
        }
        while known.addresses.len() > REMEMBERED {
            let Some(oldest) = known.oldest.pop_front() else { return };
            known.addresses.remove(&oldest);
        }
    }

    fn get(&self, uri: &Uri) -> Option<SipAddr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).addresses.get(&key(uri)).cloned()
    }
}

/// A URI without its parameters.
fn key(uri: &Uri) -> String {
    format!("{}@{}", uri.user().unwrap_or_default(), uri.host_with_port.to_string().to_ascii_lowercase())
}

#[tonic::async_trait]
impl TargetLocator for Directions {
    async fn locate(&self, uri: &Uri) -> rsipstack::Result<SipAddr> {
        let address = match self.get(uri) {
            Some(address) => address,
            None => SipAddr::try_from(uri)?,
        };
        // Else the stack would make a connection of its own, which nobody bounds.
        if let (Some(Transport::Tcp), Some(streams), Ok(remote)) =
            (address.r#type, self.1.get(), address.get_socketaddr())
        {
            streams.connect(remote).await?;
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_known_counts_before_what_the_uri_says() {
        let directions = Directions::default();
        let uri = |text: &str| Uri::try_from(text).unwrap();
        let address = |text: &str| SipAddr::from(text.parse::<std::net::SocketAddr>().unwrap());

        directions.note(&uri("sip:ann@10.0.0.4:5062;ob"), address("203.0.113.9:40001"));

        assert_eq!(
            directions.locate(&uri("sip:ann@10.0.0.4:5062")).await.unwrap(),
            address("203.0.113.9:40001")
        );
        let other = directions.locate(&uri("sip:bob@10.0.0.4:5062")).await.unwrap();
        assert_eq!(other.addr.to_string(), "10.0.0.4:5062");
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let directions = Directions::default();
        let uri = |number: usize| Uri::try_from(format!("sip:u{number}@10.0.0.4").as_str()).unwrap();
        let somewhere = SipAddr::from("203.0.113.9:5060".parse::<std::net::SocketAddr>().unwrap());

        for number in 0..=REMEMBERED {
            directions.note(&uri(number), somewhere.clone());
        }

        assert!(directions.get(&uri(0)).is_none());
        assert!(directions.get(&uri(1)).is_some() && directions.get(&uri(REMEMBERED)).is_some());
    }
}
