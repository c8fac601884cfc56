//! A supervisor moves work, agents and closures on the page of a real centre, agents hand over at their desks
//! (`crates/gateway/web/e2e/supervisor_moves.mjs`, which asks the command line after every move).

use e2e::support::{browsers, interactions};
use testkit::Centre;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo/centre.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_moves_work_agents_and_closures_on_the_live_page() {
    let centre = Centre::start().await;
    let switchboard = centre.program("switchboard").unwrap();
    let program = switchboard.as_std().get_program().to_str().unwrap();

    browsers(&centre, "supervisor_moves", &[program, centre.data_dir.to_str().unwrap(), DEMO]).await;

    let all = interactions(&centre).await;
    let held: Vec<_> = all.iter().filter(|one| one["state"] == "connected").collect();
    assert_eq!(held.len(), 2, "ann and bob hold one each: {all:#?}");
}
