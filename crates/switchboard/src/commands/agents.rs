//! `switchboard agents`: who works here and what they do, and setting a status.

use contract::router::v1::{AgentStatus as WireStatus, AgentView, ListAgentsRequest, SetAgentStatusRequest};
use serde_json::{Value, json};

use crate::{
    cli::{AgentStatus, AgentsCommand},
    client::Client,
    error::CommandError,
    output::{Output, Table, json_text, json_time, local_time, or_dash, word},
};

/// Runs one of the commands; without any, lists.
pub async fn run(client: &Client, command: Option<&AgentsCommand>) -> Result<Output, CommandError> {
    match command {
        None | Some(AgentsCommand::List) => list(client).await,
        Some(AgentsCommand::Status { agent, status, aux }) => {
            set_status(client, agent, *status, aux.as_deref()).await
        }
    }
}

async fn list(client: &Client) -> Result<Output, CommandError> {
    Ok(render(&all(client).await.map_err(|status| client.refusal(status))?))
}

/// Every agent of the tenant, page by page.
pub async fn all(client: &Client) -> Result<Vec<AgentView>, tonic::Status> {
    let mut agents = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAgentsRequest { page_size: 1000, page_token };
        let page = client.router().list_agents(request).await?.into_inner();
        agents.extend(page.agents);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(agents);
        }
    }
}

async fn set_status(
    client: &Client,
    agent: &str,
    status: AgentStatus,
    aux: Option<&str>,
) -> Result<Output, CommandError> {
    let request = SetAgentStatusRequest {
        agent_id: agent.to_owned(),
        status: match status {
            AgentStatus::Available => WireStatus::Available,
            AgentStatus::Away => WireStatus::Away,
            AgentStatus::Offline => WireStatus::Offline,
        }
        .into(),
        aux_code: aux.unwrap_or_default().to_owned(),
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let answer = client.router().set_agent_status(request).await;
    let agent = answer.map_err(|status| client.refusal(status))?.into_inner().agent.unwrap_or_default();
    let next = status_word(agent.next_status());
    let text = match next {
        Some(next) => {
            format!("{} is {} and becomes {next} when the work is done\n", agent.agent_id, state(&agent))
        }
        None => format!("{} is {}\n", agent.agent_id, state(&agent)),
    };
    Ok(Output::new(json_of(&agent), text))
}

fn render(agents: &[AgentView]) -> Output {
    let mut table = Table::new(&["agent", "name", "state", "since", "status", "work"]);
    for agent in agents {
        let status = status_word(agent.status()).unwrap_or_else(|| "-".to_owned());
        let status =
            if agent.aux_code.is_empty() { status } else { format!("{status} ({})", agent.aux_code) };
        table.row(vec![
            agent.agent_id.clone(),
            agent.name.clone(),
            state(agent).replace('_', " "),
            local_time(agent.state_since.as_ref()),
            status,
            or_dash(&loads(agent)),
        ]);
    }
    let text = if table.is_empty() {
        "no agents: describe them in a file and run `switchboard apply -f FILE`\n".to_owned()
    } else {
        table.render()
    };
    Output::new(agents.iter().map(json_of).collect(), text)
}

fn state(agent: &AgentView) -> String {
    word(agent.state().as_str_name(), "AGENT_STATE")
}

fn status_word(status: WireStatus) -> Option<String> {
    (status != WireStatus::Unspecified).then(|| word(status.as_str_name(), "AGENT_STATUS"))
}

/// `voice 1/1, chat 0/3`
fn loads(agent: &AgentView) -> String {
    let loads = agent.loads.iter().map(|load| {
        format!("{} {}/{}", word(load.channel().as_str_name(), "CHANNEL"), load.used, load.slots)
    });
    loads.collect::<Vec<_>>().join(", ")
}

fn json_of(agent: &AgentView) -> Value {
    json!({
        "agent": agent.agent_id,
        "name": agent.name,
        "status": status_word(agent.status()),
        "aux_code": json_text(&agent.aux_code),
        "state": state(agent),
        "since": json_time(agent.state_since.as_ref()),
        "next_status": status_word(agent.next_status()),
        "loads": agent.loads.iter().map(|load| json!({
            "channel": word(load.channel().as_str_name(), "CHANNEL"),
            "used": load.used,
            "slots": load.slots,
        })).collect::<Vec<_>>(),
        "work": agent.work.iter().map(|work| json!({
            "interaction": work.interaction_id,
            "channel": word(work.channel().as_str_name(), "CHANNEL"),
            "queue": work.queue,
            "state": word(work.state().as_str_name(), "WORK_STATE"),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use contract::{
        interaction::v1::Channel,
        router::v1::{AgentState, AgentStatus, AgentView, ChannelLoad},
    };

    use super::render;

    #[test]
    fn an_agent_reads_as_a_line_with_state_and_load() {
        let agent = AgentView {
            agent_id: "ann".into(),
            name: "Ann Abel".into(),
            status: AgentStatus::Away.into(),
            aux_code: "lunch".into(),
            state: AgentState::WrapUp.into(),
            loads: vec![ChannelLoad { channel: Channel::Voice.into(), used: 1, slots: 1 }],
            ..AgentView::default()
        };

        let output = render(&[agent]);

        assert!(
            output.text.contains("ann    Ann Abel  wrap up  -      away (lunch)  voice 1/1"),
            "{}",
            output.text
        );
        assert_eq!(output.json[0]["state"], "wrap_up");
        assert!(output.json[0]["next_status"].is_null());
    }
}
