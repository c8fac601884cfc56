//! An agent's desktop: a snapshot of their work, then every fact that concerns it, without gaps, until the stream breaks.

use std::{collections::BTreeSet, time::Duration};

use chassis::{Caller, Clock, ErrorKind, Failure, Peers};
use contract::{
    Envelope, Event, Timestamp,
    directory::v1::Role,
    gateway::v1::{DesktopEvent, Heartbeat, Snapshot, WatchResponse, desktop_event, watch_response},
    router::v1::{AgentView, GetAgentRequest, router_service_client::RouterServiceClient},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::hub::{Closed, Hub, Open, Passed};

/// Answers that may wait for the connection to take them; behind it the hub's buffer fills.
const ANSWERS: usize = 16;
/// How long a stream waits for the bus before it says that the centre is not well.
const BUS_PATIENCE: Duration = Duration::from_secs(5);

/// Why a stream does not open, or ends.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The desktop did not take what was sent.
    #[error("the stream fell behind, open it again")]
    Lagging,
    /// Too many of the same agent.
    #[error("this agent has too many desktops open")]
    Crowded,
    /// Expired or revoked.
    #[error("the session is over or its token has expired")]
    SessionOver,
    /// The bus was lost for a moment.
    #[error("facts may have been missed, open the stream again")]
    Missed,
    /// This process stops; another one answers.
    #[error("this gateway is stopping, open the stream again")]
    Stopping,
}

impl Failure for WatchError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Lagging | Self::Missed | Self::Stopping => ErrorKind::Unavailable,
            Self::Crowded => ErrorKind::Exhausted,
            Self::SessionOver => ErrorKind::Unauthenticated,
        }
    }
}

impl From<Closed> for WatchError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Lagging => Self::Lagging,
            Closed::Crowded => Self::Crowded,
            Closed::Session => Self::SessionOver,
            Closed::Bus => Self::Missed,
        }
    }
}

/// What watching needs.
#[derive(Clone)]
pub struct Watch {
    pub hub: Hub,
    pub peers: Peers,
    pub clock: Clock,
    pub stop: CancellationToken,
    pub heartbeat: Duration,
}

impl Watch {
    /// Opens the caller's stream. Ends at `until`, when the access token it was opened with expires.
    pub async fn open(
        &self,
        caller: &Caller,
        until: Timestamp,
    ) -> Result<mpsc::Receiver<Result<WatchResponse, Status>>, Status> {
        caller.require(&[Role::Agent])?;
        tokio::time::timeout(BUS_PATIENCE, self.hub.ready())
            .await
            .map_err(|_| WatchError::Missed.status())?;
        let open = self.hub.open(&caller.tenant, &caller.user, &caller.session);
        let agent = self.snapshot(caller).await?;
        open.opened(held(&agent));
        let (answers, stream) = mpsc::channel(ANSWERS);
        let desktop = self.clone();
        tokio::spawn(async move { desktop.serve(open, agent, until, answers).await });
        Ok(stream)
    }

    async fn snapshot(&self, caller: &Caller) -> Result<AgentView, Status> {
        let mut router = RouterServiceClient::new(self.peers.of("router", &caller.tenant));
        let response = router.get_agent(GetAgentRequest { agent_id: caller.user.clone() }).await?;
        response.into_inner().agent.ok_or_else(|| Status::internal("internal error"))
    }

    async fn serve(
        self,
        mut open: Open,
        agent: AgentView,
        until: Timestamp,
        answers: mpsc::Sender<Result<WatchResponse, Status>>,
    ) {
        let mut filter = Filter::new(&agent);
        let first = watch_response::Item::Snapshot(Snapshot {
            agent: Some(agent),
            server_time: Some(self.clock.now().to_proto()),
        });
        if send(&answers, first).await.is_err() {
            return;
        }
        let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + self.heartbeat, self.heartbeat);
        let lasts = u64::try_from(until - self.clock.now()).unwrap_or_default();
        let expired = tokio::time::sleep(Duration::from_millis(lasts));
        tokio::pin!(expired);
        let mut closed = open.closed.clone();
        let error = loop {
            let item = tokio::select! {
                biased;
                () = self.stop.cancelled() => break WatchError::Stopping,
                () = &mut expired => break WatchError::SessionOver,
                why = closed.wait_for(Option::is_some) => {
                    break why.ok().and_then(|why| *why).map_or(WatchError::Missed, WatchError::from);
                }
                fact = open.facts.recv() => match fact {
                    Some(passed) if filter.lets_pass(&passed) => watch_response::Item::Event((*passed.event).clone()),
                    Some(_) => continue,
                    None => break WatchError::Missed,
                },
                _ = beat.tick() => watch_response::Item::Heartbeat(Heartbeat { server_time: Some(self.clock.now().to_proto()) }),
                () = answers.closed() => return,
            };
            // While the connection takes nothing, facts gather in the hub's buffer, and a close still ends the stream.
            let sent = tokio::select! {
                sent = send(&answers, item) => sent,
                _ = closed.wait_for(Option::is_some) => continue,
            };
            if sent.is_err() {
                return;
            }
        };
        // The connection may take nothing any more: it is told if it listens, and ends either way.
        let _ = answers.try_send(Err(error.status()));
    }
}

/// Interactions an agent holds, as the router says.
fn held(agent: &AgentView) -> Vec<String> {
    agent.work.iter().map(|work| work.interaction_id.clone()).collect()
}

async fn send(
    answers: &mpsc::Sender<Result<WatchResponse, Status>>,
    item: watch_response::Item,
) -> Result<(), mpsc::error::SendError<Result<WatchResponse, Status>>> {
    answers.send(Ok(WatchResponse { item: Some(item) })).await
}

/// Sorts out what came while the stream was opening: facts of interactions that the snapshot names, or that became the
/// agent's since, are theirs too.
struct Filter {
    held: BTreeSet<String>,
}

impl Filter {
    fn new(agent: &AgentView) -> Self {
        Self { held: held(agent).into_iter().collect() }
    }

    fn lets_pass(&mut self, passed: &Passed) -> bool {
        passed.concerns || self.held.contains(&passed.event.interaction_id)
    }
}

/// The fact as desktops read it; none when desktops do not need it.
pub fn translate(envelope: &Envelope) -> Option<DesktopEvent> {
    use desktop_event::Event as Out;
    let event = match envelope.event.clone() {
        Event::OfferMade(fact) => Out::OfferMade(fact),
        Event::OfferEnded(fact) => Out::OfferEnded(fact),
        Event::InteractionAssigned(fact) => Out::InteractionAssigned(fact),
        Event::WrapUpStarted(fact) => Out::WrapUpStarted(fact),
        Event::InteractionClosed(fact) => Out::InteractionClosed(fact),
        Event::AgentStateChanged(fact) => Out::AgentStateChanged(fact),
        Event::InteractionConnected(fact) => Out::InteractionConnected(fact),
        Event::InteractionEnded(fact) => Out::InteractionEnded(fact),
        Event::MessageAdded(fact) => Out::MessageAdded(fact),
        Event::ConversationSignal(fact) => Out::Signal(fact),
        Event::CustomerRecognised(fact) => Out::CustomerRecognised(fact),
        Event::NoteAdded(fact) => Out::NoteAdded(fact),
        Event::InteractionTransferred(fact) => Out::InteractionTransferred(fact),
        Event::InteractionParked(fact) => Out::InteractionParked(fact),
        Event::InteractionUnparked(fact) => Out::InteractionUnparked(fact),
        Event::WrapUpExtended(fact) => Out::WrapUpExtended(fact),
        Event::CallbackDue(fact) => Out::CallbackDue(fact),
        Event::CallbackAttemptEnded(fact) => Out::CallbackAttemptEnded(fact),
        Event::CallGuestSignal(fact) => Out::CallGuest(fact),
        Event::InteractionQueued(fact) => Out::InteractionQueued(fact),
        Event::CallParked(fact) => Out::CallParked(fact),
        Event::CallRetrieved(fact) => Out::CallRetrieved(fact),
        _ => return None,
    };
    Some(DesktopEvent {
        message_id: envelope.message_id.clone(),
        interaction_id: envelope.interaction_id.clone(),
        occurred_at: Some(envelope.occurred_at.to_proto()),
        event: Some(event),
    })
}

#[cfg(test)]
mod tests {
    use contract::{
        Envelope, Event, Timestamp, directory::v1::SessionRevoked, router::v1::InteractionAssigned,
    };

    use super::translate;

    fn envelope(event: impl Into<Event>) -> Envelope {
        Envelope {
            message_id: "m-1".to_owned(),
            tenant_id: "demo".to_owned(),
            interaction_id: "i-1".to_owned(),
            causation_id: String::new(),
            occurred_at: Timestamp::from_millis(5),
            producer: String::new(),
            traceparent: String::new(),
            event: event.into(),
        }
    }

    #[test]
    fn a_fact_keeps_its_ids_and_its_time() {
        let fact = InteractionAssigned { agent_id: "ann".to_owned(), ..InteractionAssigned::default() };

        let event = translate(&envelope(fact)).unwrap();

        assert_eq!((event.message_id.as_str(), event.interaction_id.as_str()), ("m-1", "i-1"));
        assert_eq!(event.occurred_at, Some(Timestamp::from_millis(5).to_proto()));
    }

    #[test]
    fn what_desktops_do_not_need_stays_inside() {
        assert_eq!(translate(&envelope(SessionRevoked::default())), None);
    }
}
