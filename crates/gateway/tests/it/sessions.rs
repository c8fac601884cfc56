//! Sign-in, renewal and sign-out, as programs and as browsers do it.

use contract::directory::v1::{
    RefreshSessionRequest, RefreshSessionResponse, SignInRequest, SignInResponse, SignOutRequest,
    SignOutResponse, session_service_client::SessionServiceClient,
};
use prost::Message;
use tonic::Code;

use crate::support::House;

/// What came back to a browser.
struct Answer<M> {
    message: Option<M>,
    code: i32,
    cookie: Option<String>,
}

/// One call as gRPC-web.
async fn web<M: Message + Default>(
    house: &House,
    method: &str,
    message: impl Message,
    headers: &[(&str, &str)],
) -> Result<Answer<M>, u16> {
    let content = message.encode_to_vec();
    let mut body = vec![0];
    body.extend((content.len() as u32).to_be_bytes());
    body.extend(content);
    let mut request = reqwest::Client::new()
        .post(house.url(&format!("/switchboard.directory.v1.SessionService/{method}")))
        .header("content-type", "application/grpc-web+proto")
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    if !response.status().is_success() {
        return Err(response.status().as_u16());
    }
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (cookie, refused) = (header("set-cookie"), header("grpc-status"));
    let body = response.bytes().await.unwrap();
    if let Some(code) = refused.filter(|code| code != "0") {
        return Ok(Answer { message: None, code: code.parse().unwrap(), cookie });
    }
    let length = u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize;
    Ok(Answer { message: Some(M::decode(&body[5..5 + length]).unwrap()), code: 0, cookie })
}

fn credentials(password: &str) -> SignInRequest {
    SignInRequest { login: "ann".to_owned(), password: password.to_owned(), ..SignInRequest::default() }
}

#[tokio::test]
async fn a_browsers_refresh_token_stays_out_of_reach_of_scripts() {
    let house = House::open().await;

    let answer = web::<SignInResponse>(&house, "SignIn", credentials("demo"), &[]).await.unwrap();

    let session = answer.message.unwrap().session.unwrap();
    assert_eq!((session.access_token.as_str(), session.refresh_token.as_str()), ("access", ""));
    let cookie = answer.cookie.unwrap();
    assert!(
        cookie.contains("=first;") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_program_gets_its_refresh_token_and_no_cookie() {
    let house = House::open().await;
    let mut sessions = SessionServiceClient::new(house.channel());

    let answer = sessions.sign_in(credentials("demo")).await.unwrap();

    assert!(answer.metadata().get("set-cookie").is_none());
    assert_eq!(answer.into_inner().session.unwrap().refresh_token, "first");
}

#[tokio::test]
async fn a_page_that_loads_twice_is_not_taken_for_a_thief() {
    let house = House::open().await;
    let port = house.running.http().port();
    let cookie = format!("switchboard_session_{port}=twice");
    let headers = [("cookie", cookie.as_str())];
    let refresh = || {
        web::<RefreshSessionResponse>(&house, "RefreshSession", RefreshSessionRequest::default(), &headers)
    };

    let (one, two) = tokio::join!(refresh(), refresh());
    let third = refresh().await.unwrap();

    for answer in [one.unwrap(), two.unwrap(), third] {
        assert_eq!(answer.code, 0);
        assert!(answer.cookie.unwrap().contains("=twice+;"));
    }
}

#[tokio::test]
async fn a_browser_that_never_signed_in_is_told_so() {
    let house = House::open().await;

    let answer =
        web::<RefreshSessionResponse>(&house, "RefreshSession", RefreshSessionRequest::default(), &[]).await;

    assert_eq!(answer.unwrap().code, Code::Unauthenticated as i32);
}

#[tokio::test]
async fn sign_out_takes_the_cookie_away() {
    let house = House::open().await;

    let answer = web::<SignOutResponse>(&house, "SignOut", SignOutRequest::default(), &[]).await.unwrap();

    assert!(answer.cookie.unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nothing() {
    let house = House::open().await;

    let answer =
        web::<SignInResponse>(&house, "SignIn", credentials("demo"), &[("origin", "http://evil.example")])
            .await;

    assert_eq!(answer.err(), Some(403));
}

#[tokio::test]
async fn whoever_guesses_passwords_has_to_wait_and_others_do_not() {
    let house =
        House::open_with(|settings| settings.set("gateway", "sign_in_failures_per_login", 3.into())).await;
    let mut sessions = SessionServiceClient::new(house.channel());
    for _ in 0..3 {
        let wrong = sessions.sign_in(credentials("guess")).await.unwrap_err();
        assert_eq!(wrong.code(), Code::Unauthenticated);
    }

    let limited = sessions.sign_in(credentials("demo")).await.unwrap_err();
    let other = sessions.sign_in(SignInRequest { login: "bob".to_owned(), ..credentials("demo") }).await;

    assert_eq!(limited.code(), Code::ResourceExhausted);
    assert!(other.is_ok());
}

#[tokio::test]
async fn signing_in_right_many_times_costs_nothing() {
    let house =
        House::open_with(|settings| settings.set("gateway", "sign_in_failures_per_login", 2.into())).await;
    let mut sessions = SessionServiceClient::new(house.channel());

    for _ in 0..10 {
        sessions.sign_in(credentials("demo")).await.unwrap();
    }
}
