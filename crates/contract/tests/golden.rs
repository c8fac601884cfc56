//! Published messages never change: bytes written once are read for ever.
//!
//! `golden/<full name>.hex` holds a message with every field set, as it was when the field was new. A field that is removed,
//! renumbered or retyped makes its file fail. `cargo run -p contract --example golden` writes files for new messages and for
//! messages that have grown; it never touches the bytes of an older one.

mod full;

use std::{fs, path::Path};

use prost_types::Any;

#[test]
fn golden_bytes_of_every_event_decode_and_encode_to_themselves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for payload in full::payloads() {
        let name = payload.full_name();
        let file = folder.join(format!("{name}.hex"));
        let text = fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{name} has no golden bytes: cargo run -p contract --example golden"));

        for line in text.lines() {
            let bytes = unhex(line);
            let any = Any { type_url: format!("type.googleapis.com/{name}"), value: bytes.clone() };
            let event = contract::Event::from_any(&any).unwrap_or_else(|error| panic!("{name}: {error}"));

            assert_eq!(event.to_any().value, bytes, "{name} has lost or changed a field");
        }
    }
}

#[test]
fn golden_bytes_cover_every_field() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for payload in full::payloads() {
        let file = folder.join(format!("{}.hex", payload.full_name()));
        let newest = fs::read_to_string(&file).unwrap_or_default().lines().last().map(unhex);

        assert_eq!(
            newest,
            Some(full::filled(&payload)),
            "{} has grown: cargo run -p contract --example golden",
            payload.full_name()
        );
    }
}

fn unhex(line: &str) -> Vec<u8> {
    line.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("hex"))
        .collect()
}
