//! How every service of the centre is, asked of each by gRPC's own health protocol.

use std::time::Duration;

use chassis::Peers;
use contract::operations::v1::{GetStatusResponse, ServiceStatus};
use futures::future::join_all;
use tonic::{Code, Status};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// Asks `services`, all at once, each for at most `patience`.
pub async fn get_status(peers: &Peers, services: &[String], patience: Duration) -> GetStatusResponse {
    let services = join_all(services.iter().map(|service| ask(peers, service, patience))).await;
    GetStatusResponse {
        ready: services.iter().all(|service| service.ready),
        services,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

async fn ask(peers: &Peers, service: &str, patience: Duration) -> ServiceStatus {
    let mut health = HealthClient::new(peers.channel(service));
    let answer = health.check(HealthCheckRequest { service: service.to_owned() });
    let detail = match tokio::time::timeout(patience, answer).await {
        Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => String::new(),
        Ok(Ok(_)) => "is not ready".to_owned(),
        Ok(Err(status)) => describe(&status),
        Err(_) => "does not answer in time".to_owned(),
    };
    ServiceStatus { service: service.to_owned(), ready: detail.is_empty(), detail }
}

fn describe(status: &Status) -> String {
    match status.code() {
        Code::NotFound => "does not run where it is looked for".to_owned(),
        _ => "does not answer".to_owned(),
    }
}
