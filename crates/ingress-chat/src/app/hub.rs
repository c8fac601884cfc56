//! The visitors connected to this instance, by conversation. Whoever can't keep up is let go and resumes by sequence.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use contract::{chat::v1::ConversationSignal, interaction::v1::Message};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::standing::{Position, Standing, StandingPhase};

/// Updates that may wait for one connection.
const BUFFER: usize = 256;

/// Something a connection may have to tell its visitor.
#[derive(Clone, Debug)]
pub enum Update {
    /// A change made durable by this instance.
    Committed { messages: Arc<[Message]>, standing: Standing },
    /// A message made durable elsewhere.
    Message(Arc<Message>),
    /// Something changed elsewhere: read it.
    Poke,
    /// A sign of life of the other side.
    Signal(ConversationSignal),
    /// Place in the queue.
    Position(Position),
}

#[derive(Default)]
struct Room {
    tenant: String,
    members: Vec<(u64, mpsc::Sender<Update>)>,
    queued: bool,
    position: Position,
    asked_at: Option<Instant>,
}

/// All rooms of this instance.
#[derive(Clone, Default)]
pub struct Hub {
    rooms: Arc<Mutex<HashMap<Uuid, Room>>>,
    next_member: Arc<AtomicU64>,
}

/// One connection's place in a room; leaves when dropped.
pub struct Member {
    hub: Hub,
    interaction_id: Uuid,
    id: u64,
    pub updates: mpsc::Receiver<Update>,
}

impl Hub {
    /// Joins a conversation's room: everything that happens from now on is told.
    pub fn join(&self, tenant: &str, interaction_id: Uuid) -> Member {
        let (sender, updates) = mpsc::channel(BUFFER);
        let id = self.next_member.fetch_add(1, Ordering::Relaxed);
        let mut rooms = self.lock();
        let room = rooms.entry(interaction_id).or_default();
        tenant.clone_into(&mut room.tenant);
        room.members.push((id, sender));
        Member { hub: self.clone(), interaction_id, id, updates }
    }

    /// True when somebody here is in that conversation.
    pub fn has(&self, interaction_id: Uuid) -> bool {
        self.lock().contains_key(&interaction_id)
    }

    /// Tells everybody in a conversation.
    pub fn tell(&self, interaction_id: Uuid, update: &Update) {
        let mut rooms = self.lock();
        let Some(room) = rooms.get_mut(&interaction_id) else { return };
        match update {
            Update::Committed { standing, .. } => room.stands(standing),
            Update::Position(position) => room.position = *position,
            Update::Message(_) | Update::Poke | Update::Signal(_) => {}
        }
        // A full buffer: its sender is dropped, the connection drains what it has and closes.
        room.members.retain(|(_, member)| member.try_send(update.clone()).is_ok());
    }

    /// Notes what a connection has read, and returns the position known so far.
    pub fn note(&self, interaction_id: Uuid, standing: &Standing) -> Position {
        let mut rooms = self.lock();
        let Some(room) = rooms.get_mut(&interaction_id) else { return Position::default() };
        room.stands(standing);
        room.position
    }

    /// Up to `limit` waiting conversations whose position was not asked for since `before`, of tenants that `wanted` selects
    /// or of every tenant since `long_before`; notes that they are being asked now.
    pub fn due_positions(
        &self,
        now: Instant,
        before: Instant,
        long_before: Instant,
        limit: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Vec<(String, Uuid)> {
        let mut rooms = self.lock();
        let mut due: Vec<(Option<Instant>, Uuid)> = rooms
            .iter()
            .filter(|(_, room)| room.queued)
            .filter(|(_, room)| match room.asked_at {
                None => true,
                Some(asked) => asked <= long_before || (asked <= before && wanted(&room.tenant)),
            })
            .map(|(id, room)| (room.asked_at, *id))
            .collect();
        due.sort_unstable();
        due.truncate(limit);
        due.into_iter()
            .filter_map(|(_, id)| {
                let room = rooms.get_mut(&id)?;
                room.asked_at = Some(now);
                Some((room.tenant.clone(), id))
            })
            .collect()
    }

    /// Every conversation with somebody here.
    pub fn present(&self) -> (Vec<String>, Vec<Uuid>) {
        self.lock().iter().map(|(id, room)| (room.tenant.clone(), *id)).unzip()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    fn stands(&mut self, standing: &Standing) {
        let queued = standing.phase == StandingPhase::Queued;
        if queued != self.queued {
            self.queued = queued;
            self.asked_at = None;
            self.position = Position::default();
        }
    }
}

impl Member {
    /// True when nobody else is in the room.
    pub fn is_last(&self) -> bool {
        let rooms = self.hub.lock();
        rooms.get(&self.interaction_id).is_none_or(|room| room.members.iter().all(|(id, _)| *id == self.id))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut rooms = self.hub.lock();
        if let Some(room) = rooms.get_mut(&self.interaction_id) {
            room.members.retain(|(id, _)| *id != self.id);
            if room.members.is_empty() {
                rooms.remove(&self.interaction_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use uuid::Uuid;

    use super::{BUFFER, Hub, Standing, StandingPhase, Update};

    const ROOM: Uuid = Uuid::from_u128(1);

    #[tokio::test]
    async fn two_tabs_hear_the_same() {
        let hub = Hub::default();
        let mut one = hub.join("demo", ROOM);
        let mut other = hub.join("demo", ROOM);

        hub.tell(ROOM, &Update::Poke);

        assert!(matches!(one.updates.recv().await, Some(Update::Poke)));
        assert!(matches!(other.updates.recv().await, Some(Update::Poke)));
        drop(one);
        assert!(other.is_last() && hub.has(ROOM));
        drop(other);
        assert!(!hub.has(ROOM));
    }

    #[tokio::test]
    async fn a_connection_that_does_not_read_is_let_go_alone() {
        let hub = Hub::default();
        let mut slow = hub.join("demo", ROOM);
        let mut quick = hub.join("demo", ROOM);

        for _ in 0..=BUFFER {
            hub.tell(ROOM, &Update::Poke);
            assert!(quick.updates.recv().await.is_some());
        }

        let mut heard = 0;
        while slow.updates.recv().await.is_some() {
            heard += 1;
        }
        assert_eq!(heard, BUFFER);
    }

    #[test]
    fn positions_are_asked_for_at_most_once_in_a_while() {
        let hub = Hub::default();
        let member = hub.join("demo", ROOM);
        let now = Instant::now();
        let ask = |after: u64, wanted: bool| {
            let moment = now + Duration::from_secs(after);
            let (before, long_before) =
                (now + Duration::from_secs(after - 1), now + Duration::from_secs(after - 5));
            hub.due_positions(moment, before, long_before, 10, |_| wanted).len()
        };
        assert_eq!(ask(10, true), 0, "not waiting");

        hub.note(ROOM, &Standing { version: 1, phase: StandingPhase::Queued });

        assert_eq!(ask(10, false), 1, "never asked");
        assert_eq!(ask(11, false), 0);
        assert_eq!(ask(11, true), 1, "something happened in the queue");
        assert_eq!(ask(16, false), 1, "a while has passed");
        drop(member);
    }
}
