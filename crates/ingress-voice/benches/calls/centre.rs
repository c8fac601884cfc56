//! The centre that is measured: many agents, one queue, a number that leads straight into it.

use std::{fmt::Write as _, time::Duration};

use anyhow::Context as _;
use contract::{
    directory::v1::{SignInRequest, session_service_client::SessionServiceClient},
    router::v1::{AgentStatus, SetAgentStatusRequest, router_service_client::RouterServiceClient},
};
use tonic::Request;

/// `centre.yaml` with agents b0 to b(N-1), all with the password "demo".
pub fn yaml(agents: usize) -> String {
    let mut text = String::from(
        "tenant: { key: demo, name: Bench, time_zone: Etc/UTC }\n\
         users:\n  sue: { name: Sue, email: sue@bench.example, roles: [supervisor], password: demo }\n",
    );
    for agent in 0..agents {
        let _ = writeln!(
            text,
            "  b{agent}: {{ name: B{agent}, email: b{agent}@bench.example, roles: [agent], password: demo }}"
        );
    }
    text.push_str("skills:\n  any: Any\nteams:\n  one: One\nagents:\n");
    for agent in 0..agents {
        let _ = writeln!(text, "  b{agent}: {{ team: one, routing_profile: phone, skills: {{ any: 3 }} }}");
    }
    text.push_str(
        "routing_profiles:\n  phone: { name: Phone, capacities: { voice: 1 }, queues: [bench] }\n\
         queues:\n  bench:\n    name: Bench\n    rings: [any >= 1]\n    strategy: longest_idle\n    offer_timeout: 20s\n    \
         wrap_up_mode: optional\n    service_level_within: 20s\n\
         hours:\n  always: { name: Always, week: [mon-sun 00:00-24:00] }\n\
         entry_points:\n  bench: { name: Bench, channel: voice, addresses: [\"+15550111\"], flow: bench }\n\
         flows:\n  bench:\n    name: Bench\n    steps:\n      wait:\n        queue: { queue: bench }\n",
    );
    text
}

/// Makes the first `agents` of them available, or all of them offline.
pub fn set_status(grpc: &str, agents: usize, status: AgentStatus) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sign_in = SignInRequest {
            login: "sue".to_owned(),
            password: "demo".to_owned(),
            ..SignInRequest::default()
        };
        let mut sessions = SessionServiceClient::connect(grpc.to_owned()).await.context("--grpc")?;
        let session = sessions.sign_in(sign_in).await?.into_inner().session.context("no session")?;
        let mut router = RouterServiceClient::connect(grpc.to_owned()).await?;
        for agent in 0..agents {
            let message = SetAgentStatusRequest {
                agent_id: format!("b{agent}"),
                status: status.into(),
                ..SetAgentStatusRequest::default()
            };
            let mut tries = 0;
            loop {
                let mut request = Request::new(message.clone());
                let bearer = format!("Bearer {}", session.access_token).parse()?;
                request.metadata_mut().insert("authorization", bearer);
                match router.set_agent_status(request).await {
                    Ok(_) => break,
                    Err(_) if tries < 20 => {
                        tries += 1;
                        tokio::time::sleep(Duration::from_millis(250)).await;
                    }
                    Err(status) => return Err(status.into()),
                }
            }
        }
        Ok(())
    })
}
