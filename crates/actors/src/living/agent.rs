//! An agent at work: signs in, registers the telephone, becomes available, takes what is offered, takes breaks, goes home.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use contract::{
    gateway::v1::{Snapshot, WatchResponse, desktop_event::Event, watch_response::Item},
    interaction::v1::{Channel, Party},
    router::v1::{AgentState, AgentStatus, WorkState},
};
use rand::{RngExt as _, rngs::StdRng};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::Streaming;

use super::{
    agenda::{Agenda, Task},
    agent_phone,
    chance::{self, between, one_of},
    lines,
    world::World,
};
use crate::{
    Desk,
    phone::{Incoming, Phones},
};

/// A desk that hears nothing for this long is cut off: the gateway says something every five seconds.
const SILENCE: Duration = Duration::from_secs(15);
/// An access token is good for a quarter of an hour.
const REFRESH_EVERY: Duration = Duration::from_mins(8);
/// A chat that lasts longer than this is ended by the agent.
const LONGEST_CHAT: Duration = Duration::from_mins(5);
/// How long finishing the work may take before an agent goes anyway.
const FINISH: Duration = Duration::from_secs(12);

/// One agent's life, with everything that went wrong tried again.
pub(super) async fn work(
    world: Arc<World>,
    index: usize,
    key: String,
    password: String,
    leave: CancellationToken,
) {
    let mut rng = chance::mind(world.plan.seed, 2, index as u64);
    let ringing = world.phones.line(&key);
    let mut agent = Agent {
        rng: chance::mind(world.plan.seed, 3, index as u64),
        agenda: Agenda::default(),
        chats: BTreeMap::new(),
        calls: JoinSet::new(),
        world: Arc::clone(&world),
        index,
        key: key.clone(),
        password,
        ringing,
        leave: leave.clone(),
        took: 0,
    };
    // Not all of them at once: passwords cost time.
    tokio::time::sleep(Duration::from_millis(150) * u32::try_from(index).unwrap_or(0)).await;
    let mut wait = Duration::from_secs(1);
    while !leave.is_cancelled() {
        let began = tokio::time::Instant::now();
        match agent.shift().await {
            Ok(()) => break,
            Err(error) => {
                world.counts.troubles.add();
                tracing::debug!(error = format!("{error:#}"), agent = key, "a desk had trouble");
            }
        }
        wait = if began.elapsed() > Duration::from_mins(1) { Duration::from_secs(1) } else { wait * 2 };
        wait = wait.min(Duration::from_secs(20));
        tokio::select! {
            () = leave.cancelled() => {}
            () = tokio::time::sleep(wait.mul_f64(rng.random_range(0.7..1.3))) => {}
        }
    }
}

/// A chat at hand.
struct Chat {
    greeted: bool,
    /// Things the agent still says before the good-bye.
    left: usize,
}

struct Agent {
    world: Arc<World>,
    index: usize,
    key: String,
    password: String,
    rng: StdRng,
    agenda: Agenda,
    chats: BTreeMap<String, Chat>,
    calls: JoinSet<()>,
    ringing: mpsc::Receiver<Incoming>,
    leave: CancellationToken,
    took: u64,
}

impl Agent {
    /// From signing in to going home; an error when the line to the centre broke.
    async fn shift(&mut self) -> anyhow::Result<()> {
        let plan = &self.world.plan;
        let desk = Desk::sign_in(&plan.http_url, &plan.tenant, &self.key, &self.password)
            .await
            .context("signing in")?;
        self.world.phones.register(&self.key, &self.password).await?;
        let mut stream = desk.watch().await.context("the desk")?;
        desk.set_status(AgentStatus::Available, "").await.context("becoming available")?;
        self.agenda = Agenda::default();
        self.agenda.after(Phones::REGISTER_EVERY, Task::Register);
        self.agenda.after(REFRESH_EVERY, Task::Refresh);
        self.agenda.after(between(&mut self.rng, 120.0, 900.0), Task::Break);
        loop {
            tokio::select! {
                () = self.leave.cancelled() => {
                    self.go_home(&desk, &mut stream).await;
                    return Ok(());
                }
                item = next(&mut stream) => if let Some(item) = item? {
                    self.see(item);
                } else {
                    desk.refresh().await.context("renewing the session")?;
                    stream = desk.watch().await.context("the desk")?;
                },
                Some(incoming) = self.ringing.recv() => self.rings(incoming).await,
                Some(_) = self.calls.join_next(), if !self.calls.is_empty() => {}
                task = self.agenda.next() => self.act(&desk, task).await?,
            }
        }
    }

    /// What the desk shows.
    fn see(&mut self, item: Item) {
        match item {
            Item::Snapshot(snapshot) => self.see_all(&snapshot),
            Item::Event(event) => {
                if let Some(what) = event.event {
                    self.see_event(event.interaction_id, what);
                }
            }
            Item::Heartbeat(_) => {}
        }
    }

    fn see_all(&mut self, snapshot: &Snapshot) {
        let Some(view) = &snapshot.agent else { return };
        self.is(view.state());
        for work in &view.work {
            match (work.state(), work.channel()) {
                (WorkState::Offered, Channel::Chat) => self.offered(work.offer_id.clone()),
                (WorkState::Assigned | WorkState::Connected, Channel::Chat) => {
                    self.has_chat(work.interaction_id.clone());
                }
                (WorkState::WrapUp, _) => self.wraps_up(work.interaction_id.clone(), work.queue.clone()),
                _ => {}
            }
        }
    }

    fn see_event(&mut self, interaction: String, event: Event) {
        match event {
            Event::OfferMade(offer) if offer.agent_id == self.key && offer.channel() == Channel::Chat => {
                self.offered(offer.offer_id);
            }
            Event::InteractionAssigned(taken)
                if taken.agent_id == self.key && taken.channel() == Channel::Chat =>
            {
                self.has_chat(interaction);
            }
            Event::MessageAdded(added) => {
                let by_customer = added.message.is_some_and(|message| message.author() == Party::Customer);
                if by_customer && self.chats.contains_key(&interaction) {
                    self.speaks(interaction, 2.0, 8.0);
                }
            }
            Event::InteractionEnded(_) | Event::InteractionClosed(_) => self.forget(&interaction),
            Event::WrapUpStarted(started) if started.agent_id == self.key => {
                self.forget(&interaction);
                self.wraps_up(interaction, started.queue);
            }
            Event::AgentStateChanged(changed) if changed.agent_id == self.key => self.is(changed.state()),
            _ => {}
        }
    }

    fn is(&mut self, state: AgentState) {
        self.world.agent_is(&self.key, state);
        if state == AgentState::NotResponding && !self.agenda.has(|task| *task == Task::Back) {
            self.agenda.after(between(&mut self.rng, 8.0, 25.0), Task::Back);
        }
    }

    fn offered(&mut self, offer: String) {
        if self.rng.random_bool(agent_phone::LET_RING) {
            self.world.counts.let_ring.add();
            return;
        }
        let task = Task::Accept { offer };
        if !self.agenda.has(|planned| *planned == task) {
            self.agenda.after(between(&mut self.rng, 1.0, 5.0), task);
        }
    }

    fn has_chat(&mut self, interaction: String) {
        if self.chats.contains_key(&interaction) {
            return;
        }
        let left = self.rng.random_range(3..7);
        self.chats.insert(interaction.clone(), Chat { greeted: false, left });
        self.agenda.after(LONGEST_CHAT, Task::End { interaction: interaction.clone() });
        self.speaks(interaction, 1.0, 4.0);
    }

    fn speaks(&mut self, interaction: String, from: f64, to: f64) {
        let task = Task::Say { interaction };
        if !self.agenda.has(|planned| *planned == task) {
            self.agenda.after(between(&mut self.rng, from, to), task);
        }
    }

    fn wraps_up(&mut self, interaction: String, queue: String) {
        let task = Task::WrapUp { interaction, queue };
        if !self.agenda.has(|planned| *planned == task) {
            self.agenda.after(between(&mut self.rng, 2.0, 12.0), task);
        }
    }

    fn forget(&mut self, gone: &str) {
        self.chats.remove(gone);
        self.agenda.drop_all(|task| {
            matches!(task, Task::Say { interaction } | Task::End { interaction } if interaction == gone)
        });
    }

    async fn rings(&mut self, incoming: Incoming) {
        if !self.calls.is_empty() {
            return incoming.refuse("486 Busy Here").await;
        }
        self.took += 1;
        let mind = chance::mind(self.world.plan.seed, 1_000 + self.index as u64, self.took);
        self.calls.spawn(agent_phone::take(
            Arc::clone(&self.world),
            self.index,
            incoming,
            mind,
            self.leave.clone(),
        ));
    }

    async fn act(&mut self, desk: &Desk, task: Task) -> anyhow::Result<()> {
        match task {
            Task::Accept { offer } => late(desk.accept(&offer).await),
            Task::Say { interaction } => self.say(desk, interaction).await,
            Task::End { interaction } => {
                self.chats.remove(&interaction);
                late(desk.end_chat(&interaction).await);
            }
            Task::WrapUp { interaction, queue } => {
                let disposition = self.world.disposition(&queue, &mut self.rng);
                late(desk.wrap_up(&interaction, &disposition, "").await);
                self.world.counts.wrapped_up.add();
            }
            Task::Break => {
                let why = one_of(&mut self.rng, &["break", "lunch", "coaching"]);
                desk.set_status(AgentStatus::Away, why).await?;
                self.world.counts.breaks.add();
                self.agenda.after(between(&mut self.rng, 30.0, 120.0), Task::Back);
                self.agenda.after(between(&mut self.rng, 400.0, 1_200.0), Task::Break);
            }
            Task::Back => desk.set_status(AgentStatus::Available, "").await?,
            Task::Register => {
                self.world.phones.register(&self.key, &self.password).await?;
                self.agenda.after(Phones::REGISTER_EVERY, Task::Register);
            }
            Task::Refresh => {
                desk.refresh().await?;
                self.agenda.after(REFRESH_EVERY, Task::Refresh);
            }
        }
        Ok(())
    }

    async fn say(&mut self, desk: &Desk, interaction: String) {
        let Some(chat) = self.chats.get_mut(&interaction) else { return };
        let (text, last) = match (chat.greeted, chat.left) {
            (false, _) => (one_of(&mut self.rng, lines::GREETINGS), false),
            (true, 0) => (one_of(&mut self.rng, lines::GOODBYES), true),
            (true, _) => (one_of(&mut self.rng, lines::REPLIES), false),
        };
        if chat.greeted {
            chat.left = chat.left.saturating_sub(1);
        }
        chat.greeted = true;
        late(desk.say(&interaction, text).await);
        self.world.counts.messages.add();
        if last {
            self.agenda.after(between(&mut self.rng, 3.0, 10.0), Task::End { interaction });
        }
    }

    /// Takes nothing new, finishes the work, and signs out.
    async fn go_home(&mut self, desk: &Desk, stream: &mut Streaming<WatchResponse>) {
        late(desk.set_status(AgentStatus::Offline, "").await);
        for interaction in std::mem::take(&mut self.chats).into_keys() {
            late(desk.end_chat(&interaction).await);
        }
        self.agenda.drop_all(|task| !matches!(task, Task::WrapUp { .. }));
        let until = tokio::time::Instant::now() + FINISH;
        let mut state = AgentState::Unspecified;
        while state != AgentState::Offline && tokio::time::Instant::now() < until {
            tokio::select! {
                () = tokio::time::sleep_until(until) => break,
                Some(_) = self.calls.join_next(), if !self.calls.is_empty() => {}
                task = self.agenda.next() => late(self.act(desk, task).await),
                item = next(stream) => match item {
                    Ok(Some(Item::Event(event))) => match event.event {
                        Some(Event::WrapUpStarted(started)) if started.agent_id == self.key => {
                            let disposition = self.world.disposition(&started.queue, &mut self.rng);
                            late(desk.wrap_up(&event.interaction_id, &disposition, "").await);
                        }
                        Some(Event::AgentStateChanged(changed)) if changed.agent_id == self.key => {
                            state = changed.state();
                            self.world.agent_is(&self.key, state);
                        }
                        _ => {}
                    },
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break,
                },
            }
        }
        late(self.world.phones.unregister(&self.key, &self.password).await.map_err(Into::into));
        late(desk.sign_out().await);
    }
}

/// The next thing a desk shows; none when the stream has to be opened anew.
async fn next(stream: &mut Streaming<WatchResponse>) -> anyhow::Result<Option<Item>> {
    let heard = tokio::time::timeout(SILENCE, stream.message()).await.context("the desk is silent")?;
    match heard {
        Ok(Some(response)) => Ok(Some(response.item.context("an item")?)),
        Ok(None) => Ok(None),
        // The access token has ended, or the gateway closed a slow stream.
        Err(status) if status.code() == tonic::Code::Unauthenticated => Ok(None),
        Err(status) => Err(status).context("the desk"),
    }
}

/// What comes too late is no trouble: the customer left, somebody else was first, the paperwork had its time.
fn late(outcome: anyhow::Result<()>) {
    if let Err(error) = outcome {
        tracing::debug!(error = format!("{error:#}"), "a desk was late");
    }
}
