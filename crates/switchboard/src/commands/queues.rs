//! `switchboard queues`: the live figures of each queue, today so far.

use contract::{
    Timestamp,
    analytics::v1::{GetLiveRequest, Live, QueueLive},
};
use serde_json::{Value, json};

use crate::{
    client::Client,
    error::CommandError,
    output::{Output, Table, json_millis, json_time, millis, span},
};

/// Asks analytics, which counts events.
pub async fn run(client: &Client) -> Result<Output, CommandError> {
    let answer = client.analytics().get_live(GetLiveRequest {}).await;
    let live = answer.map_err(|status| client.refusal(status))?.into_inner().live.unwrap_or_default();
    Ok(render(&live))
}

fn render(live: &Live) -> Output {
    let mut table = Table::new(&[
        "queue",
        "waiting",
        "longest",
        "in progress",
        "offered",
        "answered",
        "abandoned",
        "in time",
        "mean wait",
        "ready",
        "busy",
        "staffed",
    ]);
    for queue in &live.queues {
        table.row(vec![
            queue.queue.clone(),
            queue.waiting.to_string(),
            longest_wait(live, queue).map_or_else(|| "-".to_owned(), millis),
            queue.in_progress.to_string(),
            queue.offered.to_string(),
            queue.answered.to_string(),
            queue.abandoned.to_string(),
            queue.service_level.map_or_else(|| "-".to_owned(), |level| format!("{:.1} %", level * 100.0)),
            span(queue.average_wait.as_ref()),
            queue.agents_ready.to_string(),
            queue.agents_busy.to_string(),
            queue.agents_staffed.to_string(),
        ]);
    }
    let text = match live.queues.first() {
        None => "no queues: describe them in a file and run `switchboard apply -f FILE`\n".to_owned(),
        Some(first) => format!("{}\nin time = {}\n", table.render(), first.service_level_definition),
    };
    Output::new(live.queues.iter().map(|queue| json_of(live, queue)).collect(), text)
}

fn longest_wait(live: &Live, queue: &QueueLive) -> Option<i64> {
    let (now, oldest) = (live.at.as_ref()?, queue.oldest_queued_at.as_ref()?);
    Some((Timestamp::from_proto(now) - Timestamp::from_proto(oldest)).max(0))
}

fn json_of(live: &Live, queue: &QueueLive) -> Value {
    json!({
        "queue": queue.queue,
        "name": queue.name,
        "waiting": queue.waiting,
        "oldest_queued_at": json_time(queue.oldest_queued_at.as_ref()),
        "longest_wait_ms": longest_wait(live, queue),
        "in_progress": queue.in_progress,
        "offered": queue.offered,
        "answered": queue.answered,
        "abandoned": queue.abandoned,
        "service_level": queue.service_level,
        "service_level_definition": queue.service_level_definition,
        "service_level_within_ms": json_millis(queue.service_level_within.as_ref()),
        "average_wait_ms": json_millis(queue.average_wait.as_ref()),
        "average_handling_ms": json_millis(queue.average_handling.as_ref()),
        "agents_ready": queue.agents_ready,
        "agents_busy": queue.agents_busy,
        "agents_staffed": queue.agents_staffed,
    })
}

#[cfg(test)]
mod tests {
    use contract::{
        Timestamp,
        analytics::v1::{Live, QueueLive},
    };

    use super::render;

    #[test]
    fn a_figure_that_nothing_is_known_about_is_absent_not_zero() {
        let live = Live {
            at: Some(Timestamp::from_millis(65_000).to_proto()),
            queues: vec![
                QueueLive {
                    queue: "billing".into(),
                    oldest_queued_at: Some(Timestamp::from_millis(5_000).to_proto()),
                    service_level: Some(0.5),
                    ..QueueLive::default()
                },
                QueueLive { queue: "sales".into(), ..QueueLive::default() },
            ],
            agents: vec![],
        };

        let output = render(&live);

        assert!(output.text.contains("1m00s"), "{}", output.text);
        assert!(output.text.contains("50.0 %"), "{}", output.text);
        assert_eq!(output.json[0]["longest_wait_ms"], 60_000);
        assert!(output.json[1]["service_level"].is_null());
    }
}
