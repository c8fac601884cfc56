//! Leads partitions: one replica at a time, by lease, writes what the fold says into the log and tells it when deadlines
//! pass. The lease only keeps replicas from getting in each other's way; what keeps the log sound is that it refuses a
//! writer that has missed an output.

use std::{collections::BTreeSet, time::Duration};

use async_nats::jetstream::{context::PublishErrorKind, message::PublishMessage};
use chassis::{Fact, Held};
use contract::{
    router::v1::{DeadlinePassed, RoutingCommand, routing_command::Command},
    subject,
};
use tokio::{sync::watch, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, convert::outputs::Output},
    core::publication::OutputId,
    metrics,
};

/// Lets the check of the last sequence look at all outputs of the partition.
const SUBJECT_OF_LAST: &str = "Nats-Expected-Last-Subject-Sequence-Subject";
/// How long a leader that missed an output waits to read it before it tries again anyway.
const READ_ON: Duration = Duration::from_millis(50);
/// How long a leader waits before it tries a write again whose fate is unknown.
const RETRY: Duration = Duration::from_millis(100);
/// How long a process that is about to stop leaves a partition to another one, before it leads on until its end.
const LEFT_TO_OTHERS: Duration = Duration::from_millis(700);
/// How long a leader waits to see its own word in the log.
const SEEN: Duration = Duration::from_millis(500);

/// Competes for every partition in which a tenant lives, for as long as the process runs.
pub(crate) async fn lead(app: App, lease: Duration, stop: CancellationToken) -> anyhow::Result<()> {
    let mut led = BTreeSet::new();
    let mut leaders = JoinSet::new();
    let mut position = app.replica.watch_position();
    loop {
        for number in app.replica.inhabited() {
            if led.insert(number) {
                leaders.spawn(lead_partition(app.clone(), number, lease, stop.clone()));
            }
        }
        let everywhere = led.len() == usize::from(subject::PARTITIONS);
        tokio::select! {
            Some(ended) = leaders.join_next() => anyhow::bail!("a leader ended: {ended:?}"),
            _ = position.changed(), if !everywhere => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Leads one partition whenever the lease is ours. When `stop` says that the end is near, it is left to another replica
/// at once; if there is none, this one goes on while the services beside it finish what they have at hand.
async fn lead_partition(app: App, number: u16, ttl: Duration, stop: CancellationToken) {
    let lease = app.bus.lease(&format!("router/{number}"), ttl);
    loop {
        let stopping = stop.is_cancelled();
        let held = lease.acquire().await;
        tracing::info!(partition = number, epoch = held.epoch(), "leading");
        metrics::LED.with_label_values(&["leader"]).inc();
        app.replica.partition(number).publication.forget_written();
        let mut leader = Leader { moved: app.replica.watch_partition(number), app: app.clone(), number };
        let near_end = async {
            if stopping {
                std::future::pending::<()>().await;
            }
            stop.cancelled().await;
        };
        leader.work(&held, near_end).await;
        metrics::LED.with_label_values(&["leader"]).dec();
        tracing::info!(partition = number, epoch = held.epoch(), "leading no more");
        held.release().await;
        if stop.is_cancelled() {
            tokio::time::sleep(LEFT_TO_OTHERS).await;
        }
    }
}

/// What became of a write.
enum Written {
    /// The log has it.
    At(u64),
    /// The log holds an output that this replica has not read.
    Fenced,
    /// Nobody knows.
    Unknown,
}

struct Leader {
    app: App,
    number: u16,
    moved: watch::Receiver<u64>,
}

impl Leader {
    async fn work(&mut self, held: &Held, near_end: impl Future<Output = ()>) {
        let mut near_end = std::pin::pin!(near_end);
        loop {
            self.moved.mark_unchanged();
            if !self.write_all(held).await {
                return;
            }
            let sleep = self.until_deadline();
            tokio::select! {
                biased;
                () = held.lost() => return,
                () = &mut near_end => {
                    self.write_all(held).await;
                    return;
                }
                _ = self.moved.changed() => {}
                () = sleep => self.say_deadline_passed().await,
            }
        }
    }

    /// Resolves when the next deadline has passed, never when there is none.
    fn until_deadline(&self) -> impl Future<Output = ()> + use<> {
        let wait = self.app.replica.next_deadline(self.number).map(|(at, _)| {
            let millis = at - self.app.clock.now();
            Instant::now() + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        });
        async move {
            match wait {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Writes everything that is to be said; false when the lease is lost.
    async fn write_all(&mut self, held: &Held) -> bool {
        loop {
            if held.is_lost() {
                return false;
            }
            let next = {
                let partition = self.app.replica.partition(self.number);
                let next = partition.publication.unwritten().next().cloned();
                next.map(|(id, output)| (id, output, partition.publication.expected_last()))
            };
            let Some((id, output, expected_last)) = next else { return true };
            match self.write(id, &output, expected_last).await {
                Written::At(sequence) => {
                    self.app.replica.partition(self.number).publication.wrote(id, sequence);
                    let now = self.app.clock.now().as_millis();
                    let seconds = (now - output.caused_at).max(0) as f64 / 1000.0;
                    metrics::DECISION_SECONDS.with_label_values(&["leader"]).observe(seconds);
                }
                Written::Fenced => self.read_on(expected_last).await,
                Written::Unknown => {
                    self.app.replica.partition(self.number).publication.forget_written();
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn write(&self, id: OutputId, output: &Output, expected_last: u64) -> Written {
        let message = PublishMessage::build()
            .payload(output.envelope.clone().into())
            .message_id(id.to_string())
            .expected_last_subject_sequence(expected_last)
            .header(SUBJECT_OF_LAST, subject::context_of_partition("router", self.number).as_str());
        let sent = self.app.bus.jetstream().send_publish(output.subject.clone(), message).await;
        let outcome = match sent {
            Ok(ack) => ack.await,
            Err(error) => Err(error),
        };
        let (label, written) = match outcome {
            Ok(ack) if ack.duplicate => ("duplicate", Written::At(ack.sequence)),
            Ok(ack) => ("written", Written::At(ack.sequence)),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => ("fenced", Written::Fenced),
            Err(error) => {
                tracing::warn!(%error, partition = self.number, "an output may not have been written");
                ("failed", Written::Unknown)
            }
        };
        metrics::WRITES.with_label_values(&[label]).inc();
        written
    }

    /// The log holds another last output than this replica has read: reads on, or learns that the log forgot old ones.
    async fn read_on(&mut self, expected_last: u64) {
        let wildcard = subject::context_of_partition("router", self.number);
        let last = async {
            let stream = self.app.bus.jetstream().get_stream_no_info(subject::EVENTS).await.ok()?;
            match stream.get_last_raw_message_by_subject(&wildcard).await {
                Ok(message) => Some(message.sequence),
                Err(error) => {
                    use async_nats::jetstream::stream::LastRawMessageErrorKind;
                    matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound).then_some(0)
                }
            }
        };
        match last.await {
            Some(last) if last < expected_last => {
                self.app.replica.partition(self.number).publication.correct_last(last);
            }
            _ => self.app.replica.partition(self.number).publication.forget_written(),
        }
        let _ = tokio::time::timeout(READ_ON, self.moved.changed()).await;
    }

    /// Appends `DeadlinePassed`, and waits until the fold has it. When the log's clock is behind ours, waits for it.
    async fn say_deadline_passed(&mut self) {
        let Some((deadline, tenant)) = self.app.replica.next_deadline(self.number) else { return };
        let passed = Command::DeadlinePassed(DeadlinePassed { deadline: Some(deadline.to_proto()) });
        let command = RoutingCommand { actor: "router".to_owned(), command: Some(passed) };
        let appended = self.app.bus.publish(&Fact::of(command).tenant(tenant.as_str())).await;
        let Ok(appended) = appended else {
            tokio::time::sleep(RETRY).await;
            return;
        };
        let seen = self.moved.wait_for(|position| *position >= appended.sequence);
        let _ = tokio::time::timeout(SEEN, seen).await;
        let behind = deadline - self.app.replica.partition(self.number).router.now();
        if behind > 0 {
            tokio::time::sleep(Duration::from_millis(behind.clamp(1, 1_000) as u64)).await;
        }
    }
}
