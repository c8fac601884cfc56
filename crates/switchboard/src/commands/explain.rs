//! `switchboard explain`: why an interaction went to this agent, or to nobody.

use std::fmt::Write as _;

use contract::Timestamp;
use contract::router::v1::{
    Candidate, Decision, ExplainRequest, ExplainResponse, OfferRecord, RingSpan, Work,
};
use serde_json::{Value, json};

use crate::{
    client::Client,
    error::CommandError,
    output::{Output, Table, json_text, json_time, local_time, or_dash, printable, word},
};

/// Milliseconds since 1970 in the year 2001.
const MOMENTS_FROM: f64 = 1e12;
/// Bits of a score that hold the moment.
const MOMENT_BITS: u32 = 43;

/// Asks the router, which remembers each decision with the candidates it had.
pub async fn run(client: &Client, interaction: &str, at: Option<Timestamp>) -> Result<Output, CommandError> {
    let request = ExplainRequest { interaction_id: interaction.to_owned(), at: at.map(Timestamp::to_proto) };
    let answer = client.router().explain(request).await;
    Ok(render(&answer.map_err(|status| client.refusal(status))?.into_inner()))
}

fn render(answer: &ExplainResponse) -> Output {
    let work = answer.work.clone().unwrap_or_default();
    let state = word(work.state().as_str_name(), "WORK_STATE");
    let json = json!({
        "interaction": answer.interaction_id,
        "state": state,
        "queue": json_text(&work.queue),
        "agent": json_text(&work.agent_id),
        "priority": work.priority,
        "enqueued_at": json_time(work.enqueued_at.as_ref()),
        "attributes": work.attributes,
        "offers": answer.offers.iter().map(json_of_offer).collect::<Vec<_>>(),
        "now": answer.now.as_ref().map_or(Value::Null, json_of_decision),
        "past": answer.past.as_ref().map_or(Value::Null, json_of_decision),
        "rings": answer.rings.iter().map(|ring| json!({
            "ring": ring.ring,
            "expression": json_text(&ring.expression),
            "applies_from": json_time(ring.applies_from.as_ref()),
            "in_force": ring.in_force,
        })).collect::<Vec<_>>(),
        "closed_at": json_time(answer.closed_at.as_ref()),
    });

    let mut text = format!("{} in queue {} is {state}", answer.interaction_id, or_dash(&work.queue));
    if answer.closed_at.is_some() {
        let _ = write!(text, " since {}", local_time(answer.closed_at.as_ref()));
    }
    text.push('\n');
    text.push_str(&text_of_place(&work));
    text.push_str(&text_of_rings(&answer.rings));
    for (place, offer) in answer.offers.iter().enumerate() {
        let _ = write!(
            text,
            "\noffer {} at {} to {}: {}\n",
            place + 1,
            local_time(offer.made_at.as_ref()),
            offer.agent_id,
            outcome(offer).replace('_', " "),
        );
        if let Some(decision) = &offer.decision {
            text.push_str(&text_of_decision(decision));
        }
    }
    if let Some(decision) = &answer.now {
        let _ = writeln!(text, "\nnow, at {}", local_time(decision.decided_at.as_ref()));
        text.push_str(&text_of_decision(decision));
    }
    if answer.offers.is_empty() && answer.now.is_none() {
        text.push_str("\nit has been offered to nobody\n");
    }
    if let Some(decision) = &answer.past {
        let _ = writeln!(text, "\nas it was, at {}", local_time(decision.decided_at.as_ref()));
        text.push_str(&text_of_decision(decision));
    }
    Output::new(json, text)
}

/// What gives it its place, beyond the moment it came.
fn text_of_place(work: &Work) -> String {
    let mut text = String::new();
    if work.priority != 0 {
        let _ = writeln!(text, "  priority {} of its own", work.priority);
    }
    if work.enqueued_at != work.queued_at {
        let _ = writeln!(text, "  has its place since {}", local_time(work.enqueued_at.as_ref()));
    }
    if let Some(at) = work.attributes.get("cut_off_at") {
        let _ = writeln!(text, "  calls back after being cut off at {}", printable(at));
    }
    text
}

/// Who may take it, widening with time.
fn text_of_rings(rings: &[RingSpan]) -> String {
    let mut text = String::new();
    for ring in rings {
        let who = if ring.expression.is_empty() { "everyone who serves the queue" } else { &ring.expression };
        let came = if ring.in_force { "from" } else { "would have come at" };
        let from = local_time(ring.applies_from.as_ref());
        let _ = writeln!(text, "  ring {}: {}, {came} {from}", ring.ring + 1, printable(who));
    }
    text
}

fn outcome(offer: &OfferRecord) -> String {
    let word = word(offer.outcome().as_str_name(), "OFFER_OUTCOME");
    if word == "unspecified" { "ringing".to_owned() } else { word }
}

fn verdict(candidate: &Candidate) -> String {
    word(candidate.verdict().as_str_name(), "CANDIDATE_VERDICT")
}

/// Lowest is first. A score as large as a moment ends in one: since when the agent is idle, or, with a greater part before
/// it, when the present work began.
fn score(score: f64) -> String {
    if score < MOMENTS_FROM {
        return format!("{score:.2}");
    }
    let bits = score as i64;
    let moment = Timestamp::from_millis(bits & ((1 << MOMENT_BITS) - 1)).to_proto();
    let word = if bits >> MOMENT_BITS == 0 { "idle" } else { "at work" };
    format!("{word} since {}", local_time(Some(&moment)))
}

fn text_of_decision(decision: &Decision) -> String {
    let wanted = if decision.expression.is_empty() { "anyone in the queue" } else { &decision.expression };
    let mut text = format!(
        "  place {} of {}, wanted: {} (ring {}), first by: {}\n",
        decision.position,
        decision.waiting,
        printable(wanted),
        decision.ring + 1,
        decision.strategy,
    );
    let mut table = Table::new(&["  agent", "verdict", "score", "why"]);
    for candidate in &decision.candidates {
        let verdict = verdict(candidate);
        let ranked = matches!(&*verdict, "chosen" | "outranked");
        table.row(vec![
            format!("  {}", candidate.agent_id),
            verdict.replace('_', " "),
            if ranked { score(candidate.score) } else { "-".to_owned() },
            or_dash(&candidate.detail),
        ]);
    }
    for count in &decision.others {
        let verdict = word(count.verdict().as_str_name(), "CANDIDATE_VERDICT").replace('_', " ");
        table.row(vec![format!("  {} more", count.agents), verdict, "-".to_owned(), "-".to_owned()]);
    }
    text.push_str(&table.render());
    text
}

fn json_of_offer(offer: &OfferRecord) -> Value {
    json!({
        "offer": offer.offer_id,
        "agent": offer.agent_id,
        "made_at": json_time(offer.made_at.as_ref()),
        "outcome": outcome(offer),
        "ended_at": json_time(offer.ended_at.as_ref()),
        "decision": offer.decision.as_ref().map_or(Value::Null, json_of_decision),
    })
}

fn json_of_decision(decision: &Decision) -> Value {
    json!({
        "queue": decision.queue,
        "position": decision.position,
        "waiting": decision.waiting,
        "ring": decision.ring,
        "expression": decision.expression,
        "strategy": decision.strategy,
        "decided_at": json_time(decision.decided_at.as_ref()),
        "log_sequence": decision.log_sequence,
        "candidates": decision.candidates.iter().map(|candidate| json!({
            "agent": candidate.agent_id,
            "verdict": verdict(candidate),
            "detail": json_text(&candidate.detail),
            "score": candidate.score,
        })).collect::<Vec<_>>(),
        "others": decision.others.iter().map(|count| json!({
            "verdict": word(count.verdict().as_str_name(), "CANDIDATE_VERDICT"),
            "agents": count.agents,
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use contract::router::v1::{
        Candidate, CandidateVerdict, Decision, ExplainResponse, OfferOutcome, OfferRecord, RingSpan,
    };

    use super::render;

    #[test]
    fn every_candidate_is_named_with_what_became_of_them() {
        let candidate = |agent: &str, verdict: CandidateVerdict, detail: &str| Candidate {
            agent_id: agent.into(),
            verdict: verdict.into(),
            detail: detail.into(),
            score: 0.0,
        };
        let answer = ExplainResponse {
            interaction_id: "0190".into(),
            rings: vec![RingSpan {
                expression: "billing >= 1".into(),
                in_force: true,
                ..RingSpan::default()
            }],
            offers: vec![OfferRecord {
                agent_id: "ann".into(),
                outcome: OfferOutcome::Accepted.into(),
                decision: Some(Decision {
                    expression: "billing >= 1".into(),
                    strategy: "longest idle".into(),
                    candidates: vec![
                        candidate("ann", CandidateVerdict::Chosen, ""),
                        candidate("bob", CandidateVerdict::MissingSkill, "billing 0 < 1"),
                    ],
                    ..Decision::default()
                }),
                ..OfferRecord::default()
            }],
            ..ExplainResponse::default()
        };

        let output = render(&answer);

        assert!(output.text.contains("  bob    missing skill  -      billing 0 < 1"), "{}", output.text);
        assert!(output.text.contains("  ring 1: billing >= 1, from "), "{}", output.text);
        assert_eq!(output.json["offers"][0]["outcome"], "accepted");
        assert_eq!(output.json["offers"][0]["decision"]["candidates"][0]["verdict"], "chosen");
    }
}
