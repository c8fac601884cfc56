//! `switchboard whatif`: a span of the past with other people, priorities and handling times, beside how it was.

use std::fmt::Write as _;

use contract::{
    Timestamp,
    router::v1::{
        AddAgents, ChangeHandling, ChangeQueuePriority, WhatIfFigures, WhatIfOutcome, WhatIfRequest,
        WhatIfResponse,
    },
};
use serde_json::{Value, json};

use super::replay::progress;
use crate::{
    cli::WhatIfArgs,
    client::Client,
    error::CommandError,
    output::{Output, Table, json_millis, json_time, local_time, span},
};

/// Asks the router, shows how far it is, and puts the three ways side by side.
pub async fn run(client: &Client, args: &WhatIfArgs) -> Result<Output, CommandError> {
    let answer = client.history().what_if(request(args)).await;
    let mut stream = answer.map_err(|status| client.refusal(status))?.into_inner();
    let mut last = WhatIfResponse::default();
    while let Some(word) = stream.message().await.map_err(|status| client.refusal(status))? {
        progress(&format!("{:.0} %", word.progress * 100.0));
        last = word;
    }
    progress("");
    if !last.done {
        return Err(CommandError::Refused("the play broke off".to_owned()));
    }
    Ok(render(&last))
}

fn request(args: &WhatIfArgs) -> WhatIfRequest {
    WhatIfRequest {
        from: args.span.from.map(Timestamp::to_proto),
        to: args.span.to.map(Timestamp::to_proto),
        add_agents: args
            .add_agents
            .iter()
            .map(|(skill, count)| AddAgents { skill: skill.clone(), count: *count })
            .collect(),
        remove_agents: args.remove_agents.clone(),
        priorities: args
            .priority
            .iter()
            .map(|(queue, priority)| ChangeQueuePriority { queue: queue.clone(), priority: *priority })
            .collect(),
        handling: args
            .aht
            .iter()
            .map(|(queue, factor)| ChangeHandling { queue: queue.clone(), factor: *factor })
            .collect(),
        arrivals: args.customers.unwrap_or(0.0),
        seed: args.seed,
    }
}

fn render(answer: &WhatIfResponse) -> Output {
    let nothing = WhatIfOutcome::default();
    let ways = [&answer.seen, &answer.baseline, &answer.changed].map(|way| way.as_ref().unwrap_or(&nothing));
    let json = json!({
        "from": json_time(answer.from.as_ref()),
        "to": json_time(answer.to.as_ref()),
        "seen": json_of(ways[0]),
        "baseline": json_of(ways[1]),
        "changed": json_of(ways[2]),
        "remarks": answer.remarks,
    });
    let mut text = format!("{} to {}\n", local_time(answer.from.as_ref()), local_time(answer.to.as_ref()));
    let mut queues: Vec<&str> =
        ways.iter().flat_map(|way| &way.figures).map(|figures| figures.queue.as_str()).collect();
    queues.sort_unstable();
    queues.dedup();
    let none = WhatIfFigures::default();
    for queue in queues {
        let of = |way: &'_ WhatIfOutcome| {
            way.figures.iter().find(|figures| figures.queue == queue).cloned().unwrap_or_else(|| none.clone())
        };
        let columns = ways.map(of);
        let title = if queue.is_empty() { "all queues" } else { queue };
        let mut table = Table::new(&[title, "as it was", "played unchanged", "with the changes"]);
        for (name, word) in measures(queue.is_empty()) {
            let cells = columns.each_ref().map(word);
            table.row([vec![(*name).to_owned()], cells.to_vec()].concat());
        }
        text.push('\n');
        text.push_str(&table.render());
    }
    for remark in &answer.remarks {
        let _ = write!(text, "\n· {remark}");
    }
    if !answer.remarks.is_empty() {
        text.push('\n');
    }
    Output::new(json, text)
}

type Measure = fn(&WhatIfFigures) -> String;

fn measures(all: bool) -> &'static [(&'static str, Measure)] {
    const MEASURES: [(&str, Measure); 10] = [
        ("offered", |figures| figures.offered.to_string()),
        ("answered", |figures| figures.answered.to_string()),
        ("abandoned", |figures| figures.abandoned.to_string()),
        ("service level", |figures| percent(figures.service_level)),
        ("mean wait", |figures| span(figures.mean_wait.as_ref())),
        ("90 % waited up to", |figures| span(figures.p90_wait.as_ref())),
        ("longest wait", |figures| span(figures.longest_wait.as_ref())),
        ("mean handling", |figures| span(figures.mean_handling.as_ref())),
        ("agents at work", |figures| format!("{:.1}", figures.agents)),
        ("occupancy", |figures| percent(figures.occupancy)),
    ];
    if all { &MEASURES } else { &MEASURES[..8] }
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(|| "-".to_owned(), |part| format!("{:.1} %", part * 100.0))
}

fn json_of(way: &WhatIfOutcome) -> Value {
    let figures = way.figures.iter().map(|figures| {
        json!({
            "queue": (!figures.queue.is_empty()).then_some(&figures.queue),
            "offered": figures.offered,
            "answered": figures.answered,
            "abandoned": figures.abandoned,
            "open": figures.open,
            "service_level": figures.service_level,
            "mean_wait_ms": json_millis(figures.mean_wait.as_ref()),
            "p90_wait_ms": json_millis(figures.p90_wait.as_ref()),
            "longest_wait_ms": json_millis(figures.longest_wait.as_ref()),
            "mean_handling_ms": json_millis(figures.mean_handling.as_ref()),
            "agents": figures.queue.is_empty().then_some(figures.agents),
            "occupancy": figures.occupancy,
        })
    });
    figures.collect()
}

#[cfg(test)]
mod tests {
    use contract::router::v1::{WhatIfFigures, WhatIfOutcome, WhatIfResponse};

    use super::render;

    #[test]
    fn the_three_ways_stand_side_by_side() {
        let way = |answered, level| {
            let figures = WhatIfFigures { answered, service_level: Some(level), ..Default::default() };
            Some(WhatIfOutcome { figures: vec![figures] })
        };
        let answer = WhatIfResponse {
            seen: way(80, 0.5),
            baseline: way(82, 0.51),
            changed: way(95, 0.9),
            ..Default::default()
        };

        let output = render(&answer);

        let line = output.text.lines().find(|line| line.starts_with("service level")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>().join(" "),
            "service level 50.0 % 51.0 % 90.0 %"
        );
        assert_eq!(output.json["changed"][0]["answered"], 95);
    }
}
