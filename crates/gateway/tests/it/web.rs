//! Pages.

use contract::operations::v1::{GetStatusRequest, operations_service_client::OperationsServiceClient};

use crate::support::House;

#[tokio::test]
async fn every_page_of_the_app_is_answered_and_calls_are_not_mistaken_for_pages() {
    let house = House::open().await;

    for path in ["/", "/desk/0197", "/live?queue=billing"] {
        let page = reqwest::get(house.url(path)).await.unwrap();
        // With the app built: the page; without: the page that says so.
        assert!([200, 503].contains(&page.status().as_u16()), "{path}");
        let policy = page.headers().get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.contains("script-src 'self'"));
        assert!(page.text().await.unwrap().contains("Switchboard"));
    }
    let call = reqwest::get(house.url("/switchboard.crm.v1.CrmService/GetCustomer")).await.unwrap();
    assert_eq!(call.status().as_u16(), 415);
}

#[tokio::test]
async fn probes_and_metrics_are_not_pages() {
    let house = House::open().await;
    let mut operations = OperationsServiceClient::new(house.channel());
    operations.get_status(GetStatusRequest {}).await.unwrap();

    let metrics = reqwest::get(house.url("/metrics")).await.unwrap().text().await.unwrap();

    assert_eq!(reqwest::get(house.url("/healthz")).await.unwrap().text().await.unwrap(), "ok\n");
    assert!(metrics.contains("switchboard_gateway_calls_total{outcome=\"passed\""), "{metrics}");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_taken() {
    let house = House::open().await;

    let answer = reqwest::Client::new().delete(house.url("/")).send().await.unwrap();

    assert_eq!(answer.status().as_u16(), 405);
}
