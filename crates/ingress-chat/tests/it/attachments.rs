//! Files: taken in, given out, refused.

use contract::chat::v1::{GetAttachmentRequest, SendMessageRequest, UploadAttachmentRequest};
use reqwest::{Client, StatusCode, header};
use serde_json::{Value, json};
use tonic::Code;

use crate::{visitor::Visitor, world::World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000 picture";

async fn upload(world: &World, visitor: &Visitor, name: &str, content: Vec<u8>) -> reqwest::Response {
    Client::new()
        .post(format!(
            "http://{}/chat/v1/attachments?interaction_id={}&file_name={name}",
            world.http(),
            visitor.interaction_id
        ))
        .bearer_auth(&visitor.token)
        .header(header::CONTENT_TYPE, "text/html")
        .body(content)
        .send()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_with_a_message_and_comes_back_as_a_download() {
    let world = World::start().await;
    let mut visitor = world.visitor_with_ann().await;

    let stored: Value = upload(&world, &visitor, "../bill.html", PNG.to_vec()).await.json().await.unwrap();
    let id = stored["attachment_id"].as_str().unwrap().to_owned();
    visitor.send(json!({"type": "send", "client_message_id": "c1", "attachment_ids": [id]})).await;
    let message = visitor.hear_that("the file", |frame| frame["attachments"].is_array()).await;

    assert_eq!(message["attachments"][0]["content_type"], "image/png");
    assert_eq!(message["attachments"][0]["file_name"], "bill.html");
    let address = format!("http://{}/chat/v1/attachments/{id}", world.http());
    let answer = Client::new()
        .get(format!("{address}?interaction_id={}", visitor.interaction_id))
        .bearer_auth(&visitor.token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(answer.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment;"));
    assert_eq!(answer.bytes().await.unwrap(), PNG);
    let request = GetAttachmentRequest { interaction_id: visitor.interaction_id.clone(), attachment_id: id };
    let got = world.agent("ann").get_attachment(request).await.unwrap().into_inner();
    assert_eq!(got.content, PNG);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ten_mib_passes_and_one_byte_more_does_not() {
    let world = World::start().await;
    let visitor = world.visitor_with_ann().await;
    let limit = 10 * 1024 * 1024;

    assert_eq!(upload(&world, &visitor, "full.bin", vec![7; limit]).await.status(), StatusCode::CREATED);
    let refused = upload(&world, &visitor, "over.bin", vec![7; limit + 1]).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "too_large");
    assert_eq!(upload(&world, &visitor, "empty.bin", vec![]).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(upload(&world, &visitor, "..", vec![7]).await.status(), StatusCode::BAD_REQUEST);

    let request = |size: usize| UploadAttachmentRequest {
        interaction_id: visitor.interaction_id.clone(),
        file_name: "terms.pdf".into(),
        content_type: "application/pdf".into(),
        content: vec![7; size],
    };
    let mut ann = world.agent("ann");
    assert!(ann.upload_attachment(request(limit)).await.is_ok());
    assert_eq!(ann.upload_attachment(request(limit + 1)).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(
        world.agent("bob").upload_attachment(request(10)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_file_of_somebody_else() {
    let world = World::start().await;
    let owner = world.visitor_with_ann().await;
    let other = world.visitor_with_ann().await;
    let stored: Value = upload(&world, &owner, "secret.png", PNG.to_vec()).await.json().await.unwrap();
    let id = stored["attachment_id"].as_str().unwrap().to_owned();
    let address = format!("http://{}/chat/v1/attachments/{id}", world.http());
    let get = |interaction: &str, token: &str| {
        Client::new().get(format!("{address}?interaction_id={interaction}")).bearer_auth(token).send()
    };

    assert_eq!(get(&owner.interaction_id, &other.token).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&other.interaction_id, &other.token).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&owner.interaction_id, "nonsense").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let nobody = Client::new().get(format!("{address}?interaction_id={}", owner.interaction_id)).send().await;
    assert_eq!(nobody.unwrap().status(), StatusCode::UNAUTHORIZED);
    let borrowed = SendMessageRequest {
        interaction_id: other.interaction_id.clone(),
        client_message_id: "a1".into(),
        attachment_ids: vec![id],
        ..Default::default()
    };
    assert_eq!(world.agent("ann").send_message(borrowed).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_widget_and_the_demo_page_are_served() {
    let world = World::start().await;
    let get = |path: &str| reqwest::get(format!("http://{}{path}", world.http()));

    let widget = get("/chat/v1/widget.js").await.unwrap();
    let etag = widget.headers()[header::ETAG].clone();
    let demo = get("/demo").await.unwrap().text().await.unwrap();
    let again = Client::new()
        .get(format!("http://{}/chat/v1/widget.js", world.http()))
        .header(header::IF_NONE_MATCH, etag)
        .send()
        .await
        .unwrap();

    assert!(widget.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/javascript"));
    assert!(demo.contains(r#"<script src="/chat/v1/widget.js" data-entry-point="web-chat""#));
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}
