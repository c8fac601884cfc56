//! The headers of session timers (RFC 4028) in requests and answers.

use rsipstack::sip::{Header, Headers};

use crate::core::session_timer::{Answer, SessionExpires, SessionTimer, answer, answered};

/// `Session-Expires` of a message.
#[must_use]
pub fn expires(headers: &Headers) -> Option<SessionExpires> {
    headers.iter().find_map(|header| match header {
        Header::SessionExpires(value) => SessionExpires::parse(value.value()),
        _ => None,
    })
}

/// Whether the sender knows timers.
#[must_use]
pub fn supported(headers: &Headers) -> bool {
    headers.iter().any(|header| match header {
        Header::Supported(value) => lists_timer(value.value()),
        Header::Require(value) => lists_timer(value.value()),
        _ => false,
    })
}

/// Whether this is a list of option tags that holds nothing but "timer".
#[must_use]
pub fn is_timer_alone(tags: &str) -> bool {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).all(|tag| tag.eq_ignore_ascii_case("timer"))
}

fn lists_timer(tags: &str) -> bool {
    tags.split(',').any(|tag| tag.trim().eq_ignore_ascii_case("timer"))
}

/// What to answer to a request: headers, and the timer that runs from then on. An error: 422, with this header.
pub fn agree(headers: &Headers, minimum: u32) -> Result<(Vec<Header>, Option<SessionTimer>), Header> {
    match answer(expires(headers), supported(headers), minimum) {
        Answer::Without => Ok((Vec::new(), None)),
        Answer::TooBrief => Err(Header::MinSE(minimum.to_string().into())),
        Answer::With { header, timer, require } => {
            let mut all = vec![Header::SessionExpires(header.text().into())];
            if require {
                all.push(Header::Require("timer".into()));
            }
            Ok((all, Some(timer)))
        }
    }
}

/// The headers of our own requests that create or refresh a session.
#[must_use]
pub fn wish(seconds: Option<u32>, ours: bool) -> Vec<Header> {
    let Some(seconds) = seconds else { return Vec::new() };
    let expires = if ours { format!("{seconds};refresher=uac") } else { seconds.to_string() };
    vec![Header::Supported("timer".into()), Header::SessionExpires(expires.into())]
}

/// What the answer to such a request says.
#[must_use]
pub fn of_answer(headers: &Headers) -> Option<SessionTimer> {
    answered(expires(headers))
}
