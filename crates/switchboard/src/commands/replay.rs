//! `switchboard replay`: folds the router's log again and says whether every decision comes out the same.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
};

use contract::{
    Timestamp,
    router::v1::{ReplayRequest, ReplayResponse},
};
use serde_json::json;

use crate::{
    cli::SpanArgs,
    client::Client,
    error::CommandError,
    output::{Output, json_time, local_time},
};

/// Asks the router, shows how far it is, and words what it found. Exit code 1: something differs.
pub async fn run(client: &Client, args: &SpanArgs) -> Result<Output, CommandError> {
    let request =
        ReplayRequest { from: args.from.map(Timestamp::to_proto), to: args.to.map(Timestamp::to_proto) };
    let answer = client.history().replay(request).await;
    let mut stream = answer.map_err(|status| client.refusal(status))?.into_inner();
    let mut last = ReplayResponse::default();
    while let Some(word) = stream.message().await.map_err(|status| client.refusal(status))? {
        progress(&format!("{} · {} messages", local_time(word.at.as_ref()), word.folded));
        last = word;
    }
    progress("");
    if !last.done {
        return Err(CommandError::Refused("the replay broke off".to_owned()));
    }
    Ok(render(&last))
}

/// One line that is written over, for people who watch.
pub(super) fn progress(line: &str) {
    let mut out = io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K{line}");
        let _ = out.flush();
    }
}

fn render(found: &ReplayResponse) -> Output {
    let difference = found.difference.as_ref();
    let json = json!({
        "identical": difference.is_none(),
        "began_at": json_time(found.began_at.as_ref()),
        "began_from_snapshot": found.began_from_snapshot,
        "folded_to": json_time(found.at.as_ref()),
        "log_sequence": found.log_sequence,
        "messages": found.folded,
        "inputs": found.inputs,
        "decisions": found.outputs,
        "bytes": found.bytes,
        "unwritten": found.unwritten,
        "difference": difference.map(|difference| json!({
            "log_sequence": difference.log_sequence,
            "at": json_time(difference.at.as_ref()),
            "interaction": difference.interaction_id,
            "logged": difference.logged,
            "folded": difference.folded,
        })),
    });
    let began = match (&found.began_at, found.began_from_snapshot) {
        (Some(at), true) => format!("the state of {}", local_time(Some(at))),
        _ => "the beginning of the log".to_owned(),
    };
    let mut text = format!(
        "folded {} messages from {began} on, up to {}\n{} inputs led to {} decisions ({} bytes), ",
        found.folded,
        local_time(found.at.as_ref()),
        found.inputs,
        found.outputs,
        found.bytes,
    );
    match difference {
        None => text.push_str("all the same, byte for byte\n"),
        Some(difference) => {
            let _ = writeln!(
                text,
                "then they part\n\nat {}, message {} of the log:\n  the log says   {}\n  the fold says  {}",
                local_time(difference.at.as_ref()),
                difference.log_sequence,
                difference.logged,
                if difference.folded.is_empty() { "nothing" } else { &difference.folded },
            );
        }
    }
    if found.unwritten > 0 {
        let _ = writeln!(text, "{} decisions at the end are not in the log yet", found.unwritten);
    }
    Output { json, text, success: difference.is_none() }
}

#[cfg(test)]
mod tests {
    use contract::router::v1::{ReplayDifference, ReplayResponse};

    use super::render;

    #[test]
    fn a_replay_says_how_much_was_the_same() {
        let found = ReplayResponse { inputs: 7, outputs: 3, bytes: 900, done: true, ..Default::default() };

        let output = render(&found);

        assert!(output.success);
        assert!(
            output.text.contains("7 inputs led to 3 decisions (900 bytes), all the same"),
            "{}",
            output.text
        );
    }

    #[test]
    fn the_first_difference_is_shown_from_both_sides_and_fails() {
        let difference = ReplayDifference { log_sequence: 12, logged: "ann".into(), ..Default::default() };
        let found = ReplayResponse { done: true, difference: Some(difference), ..Default::default() };

        let output = render(&found);

        assert!(!output.success);
        assert!(output.text.contains("the log says   ann\n  the fold says  nothing"), "{}", output.text);
        assert_eq!(output.json["difference"]["log_sequence"], 12);
    }
}
