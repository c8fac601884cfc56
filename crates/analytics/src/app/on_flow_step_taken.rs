//! A step that a customer took in a flow, as it is kept for reports.

use chassis::Received;
use contract::interaction::v1::FlowStepTaken;

use super::on_progress::key;
use crate::store::flow_steps::Row;

/// Longest mistake that is kept: keys, not words.
const MAX_KEYS: usize = 4;

/// The step as a row. Of what was entered only a few wrong keys are kept: the rest is the customer's.
pub fn taken(received: &Received, step: &FlowStepTaken) -> Row {
    let keys = step.input.trim();
    let is_keys =
        keys.len() <= MAX_KEYS && keys.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#'));
    let wrong =
        step.outcome == "invalid" && is_keys && !keys.bytes().all(|byte| byte == b'*' && keys.len() > 1);
    Row {
        interaction_id: received.envelope.interaction_id.clone(),
        sequence: i64::try_from(received.sequence).unwrap_or(i64::MAX),
        at: received.envelope.occurred_at,
        flow: key(&step.flow),
        step: key(&step.step),
        outcome: key(&step.outcome),
        rating: rating(step),
        wrong_key: if wrong { keys.to_owned() } else { String::new() },
    }
}

/// What was answered to a survey; 0: nothing.
fn rating(step: &FlowStepTaken) -> i16 {
    let answer = if step.outcome == "rated" { step.input.trim().parse().unwrap_or(0) } else { 0 };
    if (1..=5).contains(&answer) { answer } else { 0 }
}
