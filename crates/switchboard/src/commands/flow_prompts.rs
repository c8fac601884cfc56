//! `switchboard flow prompts`: recorded prompts, listed, uploaded, removed.

use std::path::Path;

use contract::ivr::v1::{DeletePromptRequest, ListPromptsRequest, Prompt, UploadPromptRequest};
use serde_json::{Value, json};

use crate::{
    cli::PromptsCommand,
    client::Client,
    error::CommandError,
    output::{Output, Table, json_millis, json_text, or_dash, span},
};

/// Does what was asked; without a command it lists.
pub async fn run(client: &Client, command: Option<&PromptsCommand>) -> Result<Output, CommandError> {
    match command {
        None | Some(PromptsCommand::List) => list(client).await,
        Some(PromptsCommand::Upload { key, file, language }) => upload(client, key, language, file).await,
        Some(PromptsCommand::Remove { key, language }) => {
            let request = DeletePromptRequest { key: key.clone(), language: language.clone() };
            let removed = client.prompts().delete_prompt(request).await;
            removed.map_err(|status| client.refusal(status))?;
            Ok(Output::new(json!({ "removed": key }), format!("{key} is removed\n")))
        }
    }
}

async fn list(client: &Client) -> Result<Output, CommandError> {
    let answer = client.prompts().list_prompts(ListPromptsRequest {}).await;
    let prompts = answer.map_err(|status| client.refusal(status))?.into_inner().prompts;
    let mut table = Table::new(&["prompt", "language", "length", "bytes"]);
    for prompt in &prompts {
        let length = span(prompt.length.as_ref());
        table.row(vec![prompt.key.clone(), or_dash(&prompt.language), length, prompt.size.to_string()]);
    }
    let text = if table.is_empty() { "no prompts are uploaded\n".to_owned() } else { table.render() };
    Ok(Output::new(prompts.iter().map(in_json).collect(), text))
}

async fn upload(client: &Client, key: &str, language: &str, file: &Path) -> Result<Output, CommandError> {
    let wav = std::fs::read(file)
        .map_err(|source| CommandError::File { path: file.display().to_string(), source })?;
    let request = UploadPromptRequest { key: key.to_owned(), language: language.to_owned(), wav };
    let answer = client.prompts().upload_prompt(request).await;
    let prompt = answer.map_err(|status| client.refusal(status))?.into_inner().prompt.unwrap_or_default();
    let text = format!("{} is uploaded, {}\n", prompt.key, span(prompt.length.as_ref()));
    Ok(Output::new(in_json(&prompt), text))
}

fn in_json(prompt: &Prompt) -> Value {
    json!({
        "prompt": prompt.key,
        "language": json_text(&prompt.language),
        "length_ms": json_millis(prompt.length.as_ref()),
        "bytes": prompt.size,
        "audio": prompt.audio,
    })
}
