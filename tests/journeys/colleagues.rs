//! Agents call each other from their pages (`crates/gateway/web/e2e`), and the history knows nothing of it.

use e2e::{
    phones,
    support::{browsers, interactions},
};
use testkit::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn agents_call_each_other_from_browser_to_browser() {
    let centre = Centre::start().await;

    browsers(&centre, "colleagues", &[&centre.sip.to_string(), phones::python()]).await;

    let calls = interactions(&centre).await;
    assert!(calls.is_empty(), "{calls:#?}");
}
