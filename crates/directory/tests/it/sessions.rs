//! Signing in, going on, signing out.

use contract::{
    Event,
    directory::v1::{RefreshSessionRequest, Role, Session, SignOutRequest},
};
use tonic::{Code, Status};

use crate::support::{House, centre};

async fn house() -> House {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    house
}

async fn refresh(house: &House, token: &str) -> Result<Session, Status> {
    let request = RefreshSessionRequest { refresh_token: token.into() };
    Ok(house.sessions().refresh_session(request).await?.into_inner().session.unwrap())
}

async fn revocations(house: &House, facts: usize) -> Vec<String> {
    let told = house.told(facts).await;
    told.into_iter()
        .filter_map(|event| match event {
            Event::SessionRevoked(revoked) => Some(revoked.session_id),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let house = house().await;

    let session = house.sign_in("", "ann", "ann-secret").await.unwrap();

    assert_eq!((session.tenant_id.as_str(), session.user_id.as_str()), ("demo", "ann"));
    assert_eq!(session.roles, [i32::from(Role::Agent)]);
    assert!(session.is_agent);
    assert!(!house.sign_in("demo", "amy", "amy-secret").await.unwrap().is_agent);
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let house = house().await;

    for (tenant, login, password) in [
        ("demo", "ann", "wrong"),
        ("demo", "nobody", "ann-secret"),
        ("acme", "ann", "ann-secret"),
        ("*", "ann", "ann-secret"),
        ("", "", ""),
        ("demo", "amy", "ann-secret"),
    ] {
        let refused = house.sign_in(tenant, login, password).await.unwrap_err();

        assert_eq!(refused.code(), Code::Unauthenticated, "{tenant} {login}");
        assert_eq!(refused.message(), "login or password is wrong");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_for_that_login_only() {
    let house = house().await;
    for tenant in ["demo", "", "demo", "", "demo"] {
        house.sign_in(tenant, "ann", "guess").await.unwrap_err();
    }

    let throttled = house.sign_in("demo", "ann", "ann-secret").await.unwrap_err();
    let other = house.sign_in("demo", "amy", "amy-secret").await;
    house.clock.advance_millis(1_000);
    let later = house.sign_in("demo", "ann", "ann-secret").await;

    assert_eq!(throttled.code(), Code::ResourceExhausted);
    assert_eq!(throttled.message(), "too many wrong passwords, try again in 1 s");
    assert!(other.is_ok() && later.is_ok());
}

#[tokio::test]
async fn a_login_of_two_tenants_needs_the_tenant() {
    let house = house().await;
    house.apply(centre("acme", "+15550199")).await;

    let ambiguous = house.sign_in("", "ann", "ann-secret").await.unwrap_err();

    assert_eq!(ambiguous.code(), Code::FailedPrecondition);
    assert_eq!(house.sign_in("acme", "ann", "ann-secret").await.unwrap().tenant_id, "acme");
}

#[tokio::test]
async fn a_session_goes_on_with_a_new_token_each_time() {
    let house = house().await;
    let first = house.sign_in("", "ann", "ann-secret").await.unwrap();

    let second = refresh(&house, &first.refresh_token).await.unwrap();
    let third = refresh(&house, &second.refresh_token).await.unwrap();

    assert_eq!(first.session_id, third.session_id);
    assert_ne!(second.refresh_token, third.refresh_token);
}

#[tokio::test]
async fn a_token_used_twice_ends_the_session_for_both() {
    let house = house().await;
    let first = house.sign_in("", "ann", "ann-secret").await.unwrap();
    let second = refresh(&house, &first.refresh_token).await.unwrap();

    let stolen = refresh(&house, &first.refresh_token).await.unwrap_err();
    let owner = refresh(&house, &second.refresh_token).await.unwrap_err();

    assert_eq!((stolen.code(), owner.code()), (Code::Unauthenticated, Code::Unauthenticated));
    assert_eq!(revocations(&house, 5).await, [first.session_id]);
}

#[tokio::test]
async fn a_guess_at_a_known_session_does_not_end_it() {
    let house = house().await;
    let session = house.sign_in("", "ann", "ann-secret").await.unwrap();

    let guess = format!("demo.{}.AAAA", session.session_id);

    assert_eq!(refresh(&house, &guess).await.unwrap_err().code(), Code::Unauthenticated);
    assert!(refresh(&house, &session.refresh_token).await.is_ok());
}

#[tokio::test]
async fn a_session_expires() {
    let house = house().await;
    let session = house.sign_in("", "ann", "ann-secret").await.unwrap();
    house.clock.advance_millis(12 * 3_600_000);

    let over = refresh(&house, &session.refresh_token).await.unwrap_err();

    assert_eq!(over.message(), "the session is over, sign in again");
}

#[tokio::test]
async fn signing_out_ends_the_session_once() {
    let house = house().await;
    let session = house.sign_in("", "ann", "ann-secret").await.unwrap();
    let sign_out = |token: &str| {
        let mut sessions = house.sessions();
        let request = SignOutRequest { refresh_token: token.into() };
        async move { sessions.sign_out(request).await.is_ok() }
    };

    assert!(sign_out(&session.refresh_token).await);
    assert!(sign_out(&session.refresh_token).await);
    assert!(sign_out("garbage").await);

    assert!(refresh(&house, &session.refresh_token).await.is_err());
    assert_eq!(revocations(&house, 5).await, [session.session_id]);
}

#[tokio::test]
async fn whoever_loses_password_role_or_place_loses_the_session() {
    let house = house().await;
    let ann = house.sign_in("", "ann", "ann-secret").await.unwrap();
    let amy = house.sign_in("", "amy", "amy-secret").await.unwrap();
    let mut changed = centre("demo", "+15550100");
    changed.users[1].password = "another-secret".into();

    assert_eq!(house.apply(changed.clone()).await, ["2 users/ann"]);
    assert!(refresh(&house, &ann.refresh_token).await.is_err());
    let amy = refresh(&house, &amy.refresh_token).await.unwrap();
    assert!(house.sign_in("", "ann", "ann-secret").await.is_err());
    let ann = house.sign_in("", "ann", "another-secret").await.unwrap();

    changed.users[0].roles = vec![Role::Supervisor.into()];
    changed.users[1].disabled = true;
    house.apply(changed.clone()).await;
    assert!(refresh(&house, &amy.refresh_token).await.is_err());
    assert!(refresh(&house, &ann.refresh_token).await.is_err());
    assert!(house.sign_in("", "ann", "another-secret").await.is_err());
}

#[tokio::test]
async fn a_crowd_that_signs_in_at_once_gets_in_or_is_told_to_wait() {
    let house = House::open_with(|settings| {
        settings.set("directory", "password_hashing_queue", 4.into());
        settings.set("directory", "argon2_memory_kib", 8_192.into());
    })
    .await;
    house.apply(centre("demo", "+15550100")).await;

    let crowd = (0..40).map(|_| house.sign_in("demo", "ann", "ann-secret"));
    let outcomes = futures::future::join_all(crowd).await;

    let (inside, waiting): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert!(!inside.is_empty());
    for turned_away in waiting {
        assert_eq!(turned_away.unwrap_err().code(), Code::ResourceExhausted);
    }
}
