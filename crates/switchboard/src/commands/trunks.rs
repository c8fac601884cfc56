//! `switchboard trunks`: the ways to the telephone network, as every voice instance sees them.

use contract::voice::v1::{ListTrunksRequest, Trunk, TrunkRegistration};
use serde_json::{Value, json};

use crate::{
    client::Client,
    error::CommandError,
    output::{Output, Table, json_text, json_time, local_time, or_dash, word},
};

/// Asks any voice instance, which knows of all.
pub async fn run(client: &Client) -> Result<Output, CommandError> {
    let answer = client.voice().list_trunks(ListTrunksRequest {}).await;
    let trunks = answer.map_err(|status| client.refusal(status))?.into_inner().trunks;
    Ok(render(&trunks))
}

fn render(trunks: &[Trunk]) -> Output {
    let mut table =
        Table::new(&["trunk", "instance", "address", "state", "calls", "signed in", "until", "last answer"]);
    for trunk in trunks {
        table.row(vec![
            trunk.name.clone(),
            trunk.instance.clone(),
            trunk.address.clone(),
            state(trunk).to_owned(),
            format!("{}/{}", trunk.calls, trunk.max_calls),
            registration(trunk).replace('_', " "),
            local_time(trunk.signed_in_until.as_ref()),
            or_dash(&trunk.detail),
        ]);
    }
    let text = if table.is_empty() {
        "no trunks: describe them in the configuration, [[ingress_voice.trunks]]\n".to_owned()
    } else {
        table.render()
    };
    Output::new(trunks.iter().map(json_of).collect(), text)
}

const fn state(trunk: &Trunk) -> &'static str {
    if trunk.up { "up" } else { "silent" }
}

fn registration(trunk: &Trunk) -> String {
    match trunk.registration() {
        TrunkRegistration::None | TrunkRegistration::Unspecified => "-".to_owned(),
        other => word(other.as_str_name(), "TRUNK_REGISTRATION"),
    }
}

fn json_of(trunk: &Trunk) -> Value {
    json!({
        "trunk": trunk.name,
        "instance": trunk.instance,
        "address": trunk.address,
        "up": trunk.up,
        "calls": trunk.calls,
        "max_calls": trunk.max_calls,
        "registration": word(trunk.registration().as_str_name(), "TRUNK_REGISTRATION"),
        "signed_in_until": json_time(trunk.signed_in_until.as_ref()),
        "detail": json_text(&trunk.detail),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trunk_reads_as_a_line_for_each_instance() {
        let trunk = Trunk {
            name: "carrier".into(),
            address: "sip.carrier.example:5060".into(),
            up: true,
            calls: 3,
            max_calls: 100,
            registration: TrunkRegistration::Refused.into(),
            detail: "403 forbidden".into(),
            instance: "voice-0".into(),
            ..Trunk::default()
        };
        let other = Trunk { instance: "voice-1".into(), up: false, ..trunk.clone() };

        let output = render(&[trunk, other]);

        assert!(
            output.text.contains("carrier  voice-0   sip.carrier.example:5060  up      3/100  refused"),
            "{}",
            output.text
        );
        assert!(output.text.contains("voice-1   sip.carrier.example:5060  silent"), "{}", output.text);
        assert_eq!(
            (&output.json[0]["registration"], &output.json[1]["up"]),
            (&json!("refused"), &json!(false))
        );
        assert!(render(&[]).text.starts_with("no trunks"));
    }
}
