//! `switchboard status`: is the centre ready, and if not, why.

use std::time::Duration;

use contract::operations::v1::{GetStatusRequest, GetStatusResponse};
use serde_json::json;

use crate::{
    cli::{Access, StatusArgs},
    client::{self, Client},
    error::CommandError,
    output::{Output, Table, or_dash},
};

const POLL: Duration = Duration::from_millis(200);

/// Asks until the centre is ready or `--wait` is over. Not being there is an answer too: not ready.
pub async fn run(access: &Access, args: &StatusArgs) -> Output {
    let until = tokio::time::Instant::now() + Duration::from_millis(args.wait.unwrap_or(0));
    loop {
        let answer = ask(access).await;
        let ready = answer.as_ref().is_ok_and(|status| status.ready);
        if ready || tokio::time::Instant::now() >= until {
            return match answer {
                Ok(status) => render(&client::server(access), &status),
                Err(error) => absent(&client::server(access), &error),
            };
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn ask(access: &Access) -> Result<GetStatusResponse, CommandError> {
    let client = Client::anonymous(access).await?;
    let answer = client.operations().get_status(GetStatusRequest {}).await;
    Ok(answer.map_err(|status| client.refusal(status))?.into_inner())
}

fn render(server: &str, status: &GetStatusResponse) -> Output {
    let mut table = Table::new(&["service", "state", "detail"]);
    for service in &status.services {
        let state = if service.ready { "ready" } else { "not ready" };
        table.row(vec![service.service.clone(), state.to_owned(), or_dash(&service.detail)]);
    }
    let first = if status.ready { "ready" } else { "not ready" };
    Output {
        json: json!({
            "ready": status.ready,
            "server": server,
            "version": status.version,
            "services": status.services.iter().map(|service| json!({
                "service": service.service, "ready": service.ready, "detail": service.detail,
            })).collect::<Vec<_>>(),
        }),
        text: format!("{server} is {first}, version {}\n\n{}", status.version, table.render()),
        success: status.ready,
    }
}

fn absent(server: &str, error: &CommandError) -> Output {
    Output {
        json: json!({ "ready": false, "server": server, "error": error.to_string() }),
        text: format!("not ready: {error}\n"),
        success: false,
    }
}

#[cfg(test)]
mod tests {
    use contract::operations::v1::{GetStatusResponse, ServiceStatus};

    use super::{absent, render};
    use crate::error::CommandError;

    #[test]
    fn a_service_that_is_not_ready_makes_the_command_fail_and_says_why() {
        let status = GetStatusResponse {
            ready: false,
            services: vec![ServiceStatus {
                service: "router".into(),
                ready: false,
                detail: "replaying its log".into(),
            }],
            version: "0.1.0".into(),
        };

        let output = render("http://127.0.0.1:8080", &status);

        assert!(!output.success);
        assert!(output.text.contains("router   not ready  replaying its log"), "{}", output.text);
        assert_eq!(output.json["ready"], false);
    }

    #[test]
    fn when_nothing_runs_the_answer_says_how_to_start_it() {
        let output = absent("http://x", &CommandError::Unreachable { server: "http://x".into() });

        assert!(!output.success);
        assert!(output.text.contains("switchboard up"));
        assert_eq!(output.json["ready"], false);
    }
}
