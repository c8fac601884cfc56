//! `switchboard flow report`: where customers leave, loop and mis-key.

use std::fmt::Write as _;

use contract::{
    Timestamp,
    analytics::v1::{FlowReport, FlowStepReport, RatingReport, ReportFlowsRequest},
};
use serde_json::{Value, json};

use crate::{
    cli::FlowReportArgs,
    client::Client,
    error::CommandError,
    output::{Output, Table, printable},
};

const DAY_MS: i64 = 86_400_000;

/// Asks for the report of the last days.
pub async fn run(client: &Client, args: &FlowReportArgs) -> Result<Output, CommandError> {
    let now = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
    let request = ReportFlowsRequest {
        from: Some(now.plus_millis(-DAY_MS * i64::from(args.days)).to_proto()),
        to: Some(now.plus_millis(60_000).to_proto()),
        flow: args.flow.clone().unwrap_or_default(),
    };
    let answer = client.analytics().report_flows(request).await.map_err(|status| client.refusal(status))?;
    let answer = answer.into_inner();
    let flows = answer.flows;
    let mut text = String::new();
    for flow in &flows {
        let _ = writeln!(
            text,
            "{}: {} interactions, {} ended in the flow, {} queued, {} left",
            printable(&flow.flow),
            flow.interactions,
            flow.self_served,
            flow.queued,
            flow.left_in_flow
        );
        let mut table = Table::new(&[
            "step",
            "entered",
            "again",
            "left",
            "wrong",
            "silent",
            "unclear",
            "misheard",
            "agent",
            "failed",
            "wrong keys",
        ]);
        for step in &flow.steps {
            let keys = step.wrong_keys.iter().map(|wrong| format!("{}×{}", wrong.key, wrong.times));
            let counts = [
                step.entered,
                step.repeated,
                step.left_here,
                step.invalid,
                step.timeouts,
                step.unclear,
                step.misheard,
                step.asked_for_agent,
                step.failed,
            ];
            let cells = [step.step.clone()].into_iter().chain(counts.iter().map(ToString::to_string));
            table.row(cells.chain([keys.collect::<Vec<_>>().join(" ")]).collect());
        }
        text.push_str(&table.render());
        text.push('\n');
    }
    if flows.is_empty() {
        text.push_str("nobody was in a flow\n");
    }
    if !answer.ratings.is_empty() {
        text.push_str(&ratings_table(&answer.ratings));
    }
    let of =
        |flow: &FlowReport| answer.ratings.iter().filter(|rated| rated.flow == flow.flow).collect::<Vec<_>>();
    Ok(Output::new(flows.iter().map(|flow| in_json(flow, &of(flow))).collect(), text))
}

/// What customers answered to surveys, 1 to 5.
fn ratings_table(ratings: &[RatingReport]) -> String {
    let mut table = Table::new(&["survey", "queue", "agent", "answers", "mean"]);
    for rated in ratings {
        let survey = format!("{}/{}", rated.flow, rated.step);
        let cells = [survey, rated.queue.clone(), rated.agent_id.clone()];
        let figures = [rated.ratings.to_string(), format!("{:.1}", rated.mean)];
        table.row(cells.into_iter().chain(figures).collect());
    }
    table.render()
}

fn rated_in_json(rated: &RatingReport) -> Value {
    json!({
        "step": rated.step,
        "queue": rated.queue,
        "agent": rated.agent_id,
        "ratings": rated.ratings,
        "mean_rating": rated.mean,
    })
}

fn in_json(flow: &FlowReport, ratings: &[&RatingReport]) -> Value {
    json!({
        "flow": flow.flow,
        "interactions": flow.interactions,
        "self_served": flow.self_served,
        "queued": flow.queued,
        "left_in_flow": flow.left_in_flow,
        "steps": flow.steps.iter().map(step_in_json).collect::<Vec<_>>(),
        "ratings": ratings.iter().map(|rated| rated_in_json(rated)).collect::<Vec<_>>(),
    })
}

fn step_in_json(step: &FlowStepReport) -> Value {
    json!({
        "step": step.step,
        "entered": step.entered,
        "customers": step.customers,
        "repeated": step.repeated,
        "chosen": step.chosen,
        "invalid": step.invalid,
        "timeouts": step.timeouts,
        "unclear": step.unclear,
        "misheard": step.misheard,
        "ratings": step.ratings,
        "mean_rating": step.mean_rating,
        "asked_for_agent": step.asked_for_agent,
        "failed": step.failed,
        "left_here": step.left_here,
        "ended_here": step.ended_here,
        "wrong_keys": step.wrong_keys.iter().map(|wrong| json!({ "key": wrong.key, "times": wrong.times }))
            .collect::<Vec<_>>(),
    })
}
