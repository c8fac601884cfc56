//! The chat behind the gateway when ingress-chat runs elsewhere.

use axum::{
    Router,
    extract::{WebSocketUpgrade, ws::Message},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use futures::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite;

use crate::support::House;

/// An ingress-chat that repeats what it hears.
async fn upstream() -> String {
    async fn echo(upgrade: WebSocketUpgrade) -> Response {
        upgrade.on_upgrade(|mut socket| async move {
            while let Some(Ok(Message::Text(text))) = socket.recv().await {
                let _ = socket.send(Message::Text(text)).await;
            }
        })
    }
    let app = Router::new()
        .route("/chat/v1/socket", get(echo))
        .route("/chat/v1/echo", post(async |body: String| body))
        .route(
            "/demo",
            get(async |headers: HeaderMap| {
                headers["x-forwarded-for"].to_str().unwrap_or_default().to_owned()
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

#[tokio::test]
async fn pages_and_bodies_of_the_chat_pass_through() {
    let chat = upstream().await;
    let house = House::open_with(|settings| settings.set("gateway", "chat_upstream", chat.into())).await;

    let demo = reqwest::get(house.url("/demo")).await.unwrap().text().await.unwrap();
    let echo = reqwest::Client::new().post(house.url("/chat/v1/echo")).body("hello").send().await.unwrap();

    assert_eq!(demo, "127.0.0.1");
    assert_eq!(echo.text().await.unwrap(), "hello");
}

#[tokio::test]
async fn a_websocket_passes_through_both_ways() {
    let chat = upstream().await;
    let house = House::open_with(|settings| settings.set("gateway", "chat_upstream", chat.into())).await;
    let url = format!("ws://{}/chat/v1/socket", house.running.http());

    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    for text in ["one", "two"] {
        socket.send(tungstenite::Message::text(text)).await.unwrap();
        let back = socket.next().await.unwrap().unwrap();
        assert_eq!(back.to_text().unwrap(), text);
    }
}

#[tokio::test]
async fn a_chat_that_is_away_is_said_to_be() {
    let house =
        House::open_with(|settings| settings.set("gateway", "chat_upstream", "http://127.0.0.1:9".into()))
            .await;

    let answer = reqwest::get(house.url("/demo")).await.unwrap();

    assert_eq!(answer.status().as_u16(), 502);
}
