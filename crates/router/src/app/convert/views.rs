//! The core's views as people and services get them.

use contract::{Name, router::v1 as router};

use super::{channel_number, interaction_text};
use crate::core::{
    AgentSnapshot, AgentState, AgentView, Channel, Load, PerChannel, QueueView, StageView, Status, WorkView,
};

const fn status_number(status: &Status) -> i32 {
    (match status {
        Status::Offline => router::AgentStatus::Offline,
        Status::Available => router::AgentStatus::Available,
        Status::Away(_) => router::AgentStatus::Away,
    }) as i32
}

const fn state_number(state: AgentState) -> i32 {
    (match state {
        AgentState::Offline => router::AgentState::Offline,
        AgentState::Away => router::AgentState::Away,
        AgentState::Ready => router::AgentState::Ready,
        AgentState::Offered => router::AgentState::Offered,
        AgentState::Busy => router::AgentState::Busy,
        AgentState::WrapUp => router::AgentState::WrapUp,
        AgentState::NotResponding => router::AgentState::NotResponding,
    }) as i32
}

fn aux_code(status: &Status) -> String {
    match status {
        Status::Away(code) => code.to_string(),
        Status::Offline | Status::Available => String::new(),
    }
}

fn loads(loads: &PerChannel<Load>) -> Vec<router::ChannelLoad> {
    Channel::ALL
        .into_iter()
        .filter(|channel| loads[*channel].used > 0 || loads[*channel].slots > 0)
        .map(|channel| router::ChannelLoad {
            channel: channel_number(channel),
            used: i32::from(loads[channel].used),
            slots: i32::from(loads[channel].slots),
        })
        .collect()
}

/// The event that tells of an agent's change.
pub(crate) fn state_changed(
    agent: &Name,
    agent_name: &str,
    now: &AgentSnapshot,
) -> router::AgentStateChanged {
    router::AgentStateChanged {
        agent_id: agent.to_string(),
        agent_name: agent_name.to_owned(),
        status: status_number(&now.status),
        aux_code: aux_code(&now.status),
        state: state_number(now.state),
        since: Some(now.since.to_proto()),
        next_status: now.next.as_ref().map_or(0, status_number),
        loads: loads(&now.loads),
    }
}

/// An agent as the router sees them.
pub(crate) fn agent(view: &AgentView) -> router::AgentView {
    router::AgentView {
        agent_id: view.agent.to_string(),
        name: view.display_name.clone(),
        status: status_number(&view.now.status),
        aux_code: aux_code(&view.now.status),
        state: state_number(view.now.state),
        state_since: Some(view.now.since.to_proto()),
        next_status: view.now.next.as_ref().map_or(0, status_number),
        loads: loads(&view.now.loads),
        work: view.work.iter().map(work).collect(),
    }
}

/// An interaction as the router sees it.
pub(crate) fn work(view: &WorkView) -> router::Work {
    let mut work = router::Work {
        interaction_id: interaction_text(view.interaction),
        channel: channel_number(view.channel),
        queue: view.queue.to_string(),
        state: state_of(&view.stage) as i32,
        agent_id: view.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        queued_at: Some(view.queued_at.to_proto()),
        customer_label: view.details.customer_label.clone(),
        entry_point: view.details.entry_point.clone(),
        attributes: view.details.attributes.iter().cloned().collect(),
        priority: view.priority,
        callback_phone: view.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
        not_before: view.not_before.map(contract::Timestamp::to_proto),
        enqueued_at: Some(view.enqueued_at.to_proto()),
        also_ringing: view.also_ringing.iter().map(ToString::to_string).collect(),
        due_at: view.due_at.map(contract::Timestamp::to_proto),
        ..router::Work::default()
    };
    if let Some((agent, until)) = &view.reserved {
        work.preferred_agent = agent.to_string();
        work.preferred_until = until.map(contract::Timestamp::to_proto);
    }
    match &view.stage {
        StageView::Waiting { .. } | StageView::Diverted { .. } => {}
        StageView::Parked { offer, connected_at, since, .. } => {
            work.offer_id = offer.to_string();
            work.answered_at = Some(connected_at.to_proto());
            work.parked_at = Some(since.to_proto());
        }
        StageView::Offered { offer, expires_at } => {
            work.offer_id = offer.to_string();
            work.offer_expires_at = Some(expires_at.to_proto());
        }
        StageView::Assigned { offer, connected_at } => {
            work.offer_id = offer.to_string();
            work.answered_at = connected_at.map(contract::Timestamp::to_proto);
        }
        StageView::WrapUp { answered_at, ended_at, until, .. } => {
            work.answered_at = Some(answered_at.to_proto());
            work.ended_at = Some(ended_at.to_proto());
            work.wrap_up_until = until.map(contract::Timestamp::to_proto);
        }
    }
    work
}

/// Where it is, as a published state.
pub(crate) const fn state_of(stage: &StageView) -> router::WorkState {
    match stage {
        StageView::Waiting { .. } => router::WorkState::Queued,
        StageView::Offered { .. } => router::WorkState::Offered,
        StageView::Assigned { connected_at: None, .. } => router::WorkState::Assigned,
        StageView::Assigned { connected_at: Some(_), .. } => router::WorkState::Connected,
        StageView::Parked { .. } => router::WorkState::Parked,
        StageView::Diverted { .. } => router::WorkState::Diverted,
        StageView::WrapUp { .. } => router::WorkState::WrapUp,
    }
}

/// A queue as the router sees it.
pub(crate) fn queue(view: &QueueView) -> router::QueueView {
    router::QueueView {
        queue: view.queue.to_string(),
        name: view.display_name.clone(),
        waiting: view.waiting as i32,
        oldest_queued_at: view.oldest_queued_at.map(contract::Timestamp::to_proto),
        agents_ready: view.ready as i32,
        agents_busy: view.busy as i32,
        agents_staffed: view.staffed as i32,
        closed: !view.open,
        closed_by_hand: view.closed_by_hand,
        handling_time: view.handling.map(|(handling, _)| contract::duration_from_millis(handling)),
        estimate_error: view.estimate_error.map(|error| f64::from(error) / 1000.0),
        scheduled: view.scheduled as i32,
        parked: view.parked as i32,
    }
}
