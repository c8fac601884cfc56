//! Figures as protos.

use contract::{Timestamp, analytics::v1 as proto, duration_from_millis, router::v1::ChannelLoad};

use crate::core::{
    kpi::ServiceLevel,
    live::{AgentView, QueueView, View},
};

pub(super) fn live(at: Timestamp, view: View) -> proto::Live {
    proto::Live {
        at: Some(at.to_proto()),
        queues: view.queues.into_iter().map(queue).collect(),
        agents: view.agents.into_iter().map(agent).collect(),
    }
}

fn queue(view: QueueView) -> proto::QueueLive {
    proto::QueueLive {
        queue: view.queue,
        name: view.name,
        waiting: count(view.waiting),
        oldest_queued_at: view.oldest_queued_at.map(Timestamp::to_proto),
        offered: count(view.counts.offered),
        answered: count(view.counts.answered),
        abandoned: count(view.counts.abandoned),
        service_level: view.service_level,
        service_level_definition: ServiceLevel::default().definition().to_owned(),
        service_level_within: Some(duration_from_millis(view.within)),
        average_wait: view.average_wait.map(mean),
        average_handling: view.average_handling.map(mean),
        in_progress: count(view.in_progress),
        agents_ready: count(view.agents_ready),
        agents_busy: count(view.agents_busy),
        agents_staffed: count(view.agents_staffed),
    }
}

fn agent(view: AgentView) -> proto::AgentLive {
    let loads =
        view.agent.loads.into_iter().map(|(channel, used, slots)| ChannelLoad { channel, used, slots });
    proto::AgentLive {
        agent_id: view.key,
        name: view.agent.name,
        status: view.agent.status,
        aux_code: view.agent.aux_code,
        state: view.agent.state,
        since: view.agent.since.map(Timestamp::to_proto),
        loads: loads.collect(),
        handled_today: count(view.handled_today),
    }
}

fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn mean(millis: f64) -> prost_types::Duration {
    duration_from_millis(millis.round() as i64)
}
