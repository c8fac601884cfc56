//! This process's fold of the log: sixteen partitions, each with its state and what is still to be said.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chassis::Received;
use contract::{Event, Timestamp, subject};
use tokio::sync::watch;

use super::{
    convert::{
        inputs,
        outputs::{Output, outputs},
    },
    waiters::Waiters,
};
use crate::{
    core::{Effect, Name, Router, publication::Publication},
    metrics,
};

/// One partition's fold.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub router: Router,
    pub publication: Publication<Output>,
    /// Whether anything happened since the last snapshot.
    pub changed: bool,
}

impl Partition {
    pub(crate) fn new(number: u16) -> Self {
        Self { router: Router::new(number), publication: Publication::new(number), changed: false }
    }
}

/// See the module.
pub(crate) struct Replica {
    partitions: Vec<Mutex<Partition>>,
    /// Position in the log up to which everything is folded, per partition: what leaders wait on.
    moved: Vec<watch::Sender<u64>>,
    /// Position in the log up to which every partition is folded.
    position: watch::Sender<u64>,
    pub waiters: Waiters,
    producer: String,
}

impl Replica {
    pub(crate) fn new(producer: &str) -> Self {
        Self {
            partitions: (0..subject::PARTITIONS).map(|number| Mutex::new(Partition::new(number))).collect(),
            moved: (0..subject::PARTITIONS).map(|_| watch::Sender::new(0)).collect(),
            position: watch::Sender::new(0),
            waiters: Waiters::default(),
            producer: producer.to_owned(),
        }
    }

    /// One partition, for as long as the guard lives: keep it short, the fold waits.
    pub(crate) fn partition(&self, number: u16) -> MutexGuard<'_, Partition> {
        self.partitions[usize::from(number)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partition of a tenant.
    pub(crate) fn of_tenant(&self, tenant: &str) -> MutexGuard<'_, Partition> {
        self.partition(subject::partition_of(tenant))
    }

    /// Changes whenever something was folded into a partition.
    pub(crate) fn watch_partition(&self, number: u16) -> watch::Receiver<u64> {
        self.moved[usize::from(number)].subscribe()
    }

    /// Up to where the log is folded.
    pub(crate) fn position(&self) -> u64 {
        *self.position.borrow()
    }

    /// Changes whenever anything was folded.
    pub(crate) fn watch_position(&self) -> watch::Receiver<u64> {
        self.position.subscribe()
    }

    /// Begins from saved partitions that account for the log up to `position`.
    pub(crate) fn restore(&self, saved: Vec<Partition>, position: u64) {
        for partition in saved {
            let number = partition.router.partition();
            *self.partition(number) = partition;
            self.moved[usize::from(number)].send_replace(position);
        }
        self.position.send_replace(position);
    }

    /// Takes the next message of the log.
    pub(crate) fn fold(&self, received: &Received) {
        let number = subject::partition_of(&received.envelope.tenant_id);
        let kind = if received.envelope.event.subject_tokens().0 == "router" {
            self.fold_output(number, received);
            "output"
        } else if let Some(entry) = inputs::entry(received) {
            let mut partition = self.partition(number);
            let effects = partition.router.handle(entry);
            partition.changed = true;
            let said = outputs(received, number, &self.producer, &effects);
            partition.publication.produced(received.sequence, said);
            drop(partition);
            self.answer(effects);
            "input"
        } else {
            "ignored"
        };
        metrics::FOLDED.with_label_values(&[kind]).inc();
        self.moved[usize::from(number)].send_replace(received.sequence);
        self.position.send_replace(received.sequence);
    }

    fn fold_output(&self, number: u16, received: &Received) {
        if let Event::OfferEnded(ended) = &received.envelope.event {
            let outcome = contract::router::v1::OfferOutcome::try_from(ended.outcome).unwrap_or_default();
            let label = outcome.as_str_name().trim_start_matches("OFFER_OUTCOME_").to_lowercase();
            metrics::OFFERS.with_label_values(&[&label]).inc();
        }
        match received.envelope.message_id.parse() {
            Ok(id) => {
                let mut partition = self.partition(number);
                partition.publication.seen(id, received.sequence);
                partition.changed = true;
            }
            Err(error) => tracing::error!(%error, "an output of another program stands in the router's log"),
        }
    }

    fn answer(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reply { to, result } => self.waiters.answer(to, result),
                Effect::InteractionAssigned { estimate_error: Some(error), .. } => {
                    metrics::ESTIMATE_ERROR
                        .with_label_values(&["replica"])
                        .observe(f64::from(error) / 1000.0);
                }
                _ => {}
            }
        }
    }

    /// Partitions that have work: those in which a tenant is known.
    pub(crate) fn inhabited(&self) -> Vec<u16> {
        (0..subject::PARTITIONS).filter(|number| self.partition(*number).router.is_inhabited()).collect()
    }

    /// The next deadline of a partition, and whose it is.
    pub(crate) fn next_deadline(&self, number: u16) -> Option<(Timestamp, Name)> {
        self.partition(number).router.next_deadline()
    }
}
