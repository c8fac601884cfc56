//! `switchboard dlq`: messages that no consumer could handle, and handing them over once more.

use contract::operations::v1::{DeadLetter, ListDeadLettersRequest, ReplayDeadLettersRequest};
use serde_json::{Value, json};

use crate::{
    cli::DlqCommand,
    client::Client,
    error::CommandError,
    output::{Output, Table, json_text, json_time, local_time, or_dash},
};

/// Runs one of the commands.
pub async fn run(client: &Client, command: &DlqCommand) -> Result<Output, CommandError> {
    match command {
        DlqCommand::List { service, limit } => {
            let request = ListDeadLettersRequest {
                service: service.clone().unwrap_or_default(),
                page_size: *limit,
                after_sequence: 0,
            };
            let answer = client.operations().list_dead_letters(request).await;
            Ok(render(&answer.map_err(|status| client.refusal(status))?.into_inner().letters))
        }
        DlqCommand::Replay { sequences, service } => {
            let request = ReplayDeadLettersRequest {
                sequences: sequences.clone(),
                service: service.clone().unwrap_or_default(),
            };
            let answer = client.operations().replay_dead_letters(request).await;
            let replayed = answer.map_err(|status| client.refusal(status))?.into_inner().replayed;
            Ok(Output::new(json!({ "replayed": replayed }), format!("{replayed} handed over once more\n")))
        }
    }
}

fn render(letters: &[DeadLetter]) -> Output {
    let mut table = Table::new(&["number", "died", "service", "tries", "interaction", "subject", "error"]);
    for letter in letters {
        table.row(vec![
            letter.sequence.to_string(),
            local_time(letter.died_at.as_ref()),
            letter.service.clone(),
            letter.attempts.to_string(),
            or_dash(&letter.interaction_id),
            letter.subject.clone(),
            letter.error.clone(),
        ]);
    }
    let text = if table.is_empty() { "no dead letters\n".to_owned() } else { table.render() };
    Output::new(letters.iter().map(json_of).collect(), text)
}

fn json_of(letter: &DeadLetter) -> Value {
    json!({
        "sequence": letter.sequence,
        "service": letter.service,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "tenant": json_text(&letter.tenant_id),
        "interaction": json_text(&letter.interaction_id),
        "error": letter.error,
        "attempts": letter.attempts,
        "died_at": json_time(letter.died_at.as_ref()),
    })
}
