//! An agent works at home, in the browser, behind a router that translates addresses (`crates/gateway/web/e2e`): a real browser in
//! a network namespace, and a real relay with the configuration of `deploy/coturn`.

use std::net::IpAddr;

use e2e::{
    phones,
    support::{browsers_by, interactions},
};
use testkit::{Centre, Home, TurnServer};

const SECRET: &str = "what the relay and the centre share";

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_at_home_is_reached_directly_or_by_a_relay_or_told_why_not() {
    let Some(home) = Home::build() else { return };
    let address: IpAddr = home.centre.parse().unwrap();
    let relay = TurnServer::start(address, SECRET).unwrap();
    let at = relay.at;
    let centre = Centre::start_with(&format!(
        "rtp_advertised = \"{address}\"\nice_urls = [\"turn:{at}\", \"turn:{at}?transport=tcp\"]\nturn_secret = \"{SECRET}\""
    ))
    .await;
    let url = centre.http_url.replace("127.0.0.1", &home.centre);
    let desk = format!("-p tcp --dport {}", url.rsplit(':').next().unwrap());
    let (udp, tcp) = (format!("-p udp --dport {}", at.port()), format!("-p tcp --dport {}", at.port()));
    let chromium = home.door(centre.scratch(), "/usr/bin/chromium").unwrap();
    let sip = centre.sip.to_string();
    let call = async |way: &str| {
        browsers_by(&chromium, &url, "call_behind_nat", &[&sip, phones::python(), way]).await;
    };

    // Each other end sees another port: the centre believes where the browser's checks come from.
    call("direct").await;
    home.let_out(&[&desk, &udp]);
    call("udp").await;
    home.let_out(&[&desk, &tcp]);
    call("tcp").await;
    drop(relay);
    let relay = TurnServer::start_at(at, "another secret").unwrap();
    call("refused").await;
    drop(relay);
    call("silent").await;

    let calls = interactions(&centre).await;
    let ends: Vec<&str> = calls.iter().rev().filter_map(|call| call["end_reason"].as_str()).collect();
    assert_eq!(
        ends,
        ["customer_left", "customer_left", "customer_left", "abandoned", "abandoned"],
        "{calls:#?}"
    );
}
