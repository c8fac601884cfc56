//! Recorded prompts, and backends that answer over HTTP.

use std::{net::Ipv4Addr, time::Duration};

use contract::{
    directory::v1::Role,
    ivr::v1::{
        Begin, DeletePromptRequest, EndStep, Flow, GetPromptRequest, HttpStep, ListPromptsRequest, PlayStep,
        Step, UploadPromptRequest, input::Kind, step::Verb, verb,
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tonic::Code;

use crate::support::{House, said};

fn wav(samples: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..samples).for_each(|n| writer.write_sample((n % 50) as i16).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn upload(key: &str, language: &str, samples: u32) -> UploadPromptRequest {
    UploadPromptRequest { key: key.into(), language: language.into(), wav: wav(samples) }
}

fn step(key: &str, verb: Verb) -> Step {
    Step { key: key.into(), verb: Some(verb) }
}

fn greeting() -> Flow {
    let play = PlayStep {
        prompt: "welcome".into(),
        text: "Welcome.".into(),
        next: "bye".into(),
        no_barge_in: false,
    };
    Flow {
        key: "main".into(),
        start: "hello".into(),
        steps: vec![step("hello", Verb::Play(play)), step("bye", Verb::End(EndStep { text: String::new() }))],
        ..Flow::default()
    }
}

#[tokio::test]
async fn a_prompt_is_uploaded_named_played_and_removed() {
    let house = House::open().await;
    let mut prompts = house.prompts("demo");
    let refused = house.apply("demo", vec![greeting()]).await;
    assert_eq!(refused.violations[0].reason, "names the prompt \"welcome\", which is not uploaded");

    let first =
        prompts.upload_prompt(upload("welcome", "", 8_000)).await.unwrap().into_inner().prompt.unwrap();
    let again =
        prompts.upload_prompt(upload("welcome", "", 8_000)).await.unwrap().into_inner().prompt.unwrap();
    assert_eq!((first.length.unwrap().seconds, &first.audio), (1, &again.audio));
    assert!(house.apply("demo", vec![greeting()]).await.violations.is_empty());

    let begun = house.caller().try_give("main", Kind::Begin(Begin {})).await.unwrap();
    let Some(verb::Kind::Say(say)) = &begun.verbs[0].kind else { panic!("{begun:?}") };
    assert_eq!(say.audio, first.audio);
    let wanted = GetPromptRequest { audio: first.audio.clone() };
    assert_eq!(prompts.get_prompt(wanted.clone()).await.unwrap().into_inner().wav, wav(8_000));
    let foreign = house.prompts("acme").get_prompt(wanted.clone()).await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);

    let newer =
        prompts.upload_prompt(upload("welcome", "", 4_000)).await.unwrap().into_inner().prompt.unwrap();
    assert_ne!(newer.audio, first.audio);
    assert_eq!(
        prompts.get_prompt(wanted).await.unwrap_err().code(),
        Code::NotFound,
        "nothing names it any more"
    );
    prompts
        .delete_prompt(DeletePromptRequest { key: "welcome".into(), language: String::new() })
        .await
        .unwrap();
    assert!(prompts.list_prompts(ListPromptsRequest {}).await.unwrap().into_inner().prompts.is_empty());
    assert_eq!(house.caller().begin("main").await, ["say Welcome.", "end"]);
}

#[tokio::test]
async fn bad_recordings_and_strangers_are_refused() {
    let house = House::open().await;
    let mut prompts = house.prompts("demo");

    let garbage = UploadPromptRequest { wav: b"garbage".to_vec(), ..upload("welcome", "", 1) };
    let refused = prompts.upload_prompt(garbage).await.unwrap_err();
    let named = prompts.upload_prompt(upload("Not a slug", "", 10)).await.unwrap_err();
    let mut agent = house.prompts_as("demo", Role::Agent);
    let denied = agent.upload_prompt(upload("welcome", "", 10)).await.unwrap_err();

    assert!(refused.message().starts_with("wav is not a readable WAV file"), "{refused:?}");
    assert!(named.message().starts_with("key "), "{named:?}");
    assert_eq!(denied.code(), Code::PermissionDenied);
}

/// Answers every connection with this, and tells what it was asked.
async fn backend(answer: String) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, tell) = (answer.clone(), tell.clone());
            tokio::spawn(async move {
                let mut asked = vec![0; 4_096];
                let length = stream.read(&mut asked).await.unwrap_or(0);
                let _ = tell.send(String::from_utf8_lossy(&asked[..length]).into_owned());
                if answer.is_empty() {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (port, told)
}

fn asking() -> Flow {
    let http = HttpStep {
        backend: "shop".into(),
        path: "/balance?of={interaction}".into(),
        save: [("balance".to_owned(), "/balance".to_owned())].into(),
        timeout: Some(contract::duration_from_millis(500)),
        next: "well".into(),
        otherwise: "ill".into(),
        ..HttpStep::default()
    };
    Flow {
        key: "main".into(),
        start: "ask".into(),
        steps: vec![
            step("ask", Verb::Http(http)),
            step("well", Verb::End(EndStep { text: "You have {balance}.".into() })),
            step("ill", Verb::End(EndStep { text: "Status {http_status}.".into() })),
        ],
        ..Flow::default()
    }
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_backend_is_asked_within_bounds() {
    let huge = format!("{{\"balance\": \"{}\"}}", "9".repeat(100_000));
    for (answer, words) in [
        (http("200 OK", r#"{"balance": 12.5}"#), "say You have 12.5."),
        (http("200 OK", "no json"), "say You have ."),
        (http("404 Not Found", r#"{"balance": 1}"#), "say Status 404."),
        (http("302 Found", ""), "say Status 302."),
        (http("200 OK", &huge), "say Status 0."),
        (String::new(), "say Status 0."),
        ("not http at all".to_owned(), "say Status 0."),
    ] {
        let (port, mut told) = backend(answer).await;
        let house = House::with_backend(port).await;
        assert!(house.apply("demo", vec![asking()]).await.violations.is_empty());

        let begun = house.caller().try_give("main", Kind::Begin(Begin {})).await.unwrap();

        assert_eq!(said(&begun), [words, "end"]);
        let asked = told.recv().await.unwrap();
        assert!(asked.starts_with("GET /balance?of= HTTP/1.1"), "{asked}");
        assert!(
            asked.contains("authorization: Bearer hush") && asked.contains("idempotency-key: :0:0"),
            "{asked}"
        );
    }
}
