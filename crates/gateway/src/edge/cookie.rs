//! The cookie that carries a browser's refresh token: scripts never see it, other sites never send it.
//!
//! Cookies do not know ports; two centres on one machine must not sign each other out, so the port is part of the name.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// The only path it is sent to.
const PATH: &str = "/switchboard.directory.v1.SessionService/";

/// A browser's request, as far as cookies are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    name: String,
    secure: bool,
    token: String,
}

impl Browser {
    /// Reads the request's headers as they came.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(header::HOST).unwrap_or_default();
        let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
        let name = format!("switchboard_session_{}", port.unwrap_or("default"));
        let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
        let token = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, token)| token.to_owned())
            .unwrap_or_default();
        Self { name, secure, token }
    }

    /// The refresh token the browser keeps; empty without one.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Tells the browser to keep `token` for `lasts`; none when it could not stand in a header.
    pub fn keep(&self, token: &str, lasts: Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, seconds) = (&self.name, lasts.as_secs());
        HeaderValue::from_str(&format!(
            "{name}={token}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
        ))
        .ok()
    }

    /// Tells the browser to forget it.
    pub fn drop(&self) -> Option<HeaderValue> {
        self.keep("", Duration::ZERO)
    }
}

/// False when a page of another origin sent the request.
pub fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Browser, same_origin};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn the_cookie_of_this_port_is_found_among_others() {
        let browser = Browser::of(&headers(&[
            ("host", "localhost:8080"),
            ("cookie", "a=b; switchboard_session_9090=other; switchboard_session_8080=mine"),
        ]));

        assert_eq!(browser.token(), "mine");
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let plain = Browser::of(&headers(&[("host", "localhost:8080")]));
        let proxied = Browser::of(&headers(&[("host", "centre.example"), ("x-forwarded-proto", "https")]));

        let kept = plain.keep("token", Duration::from_mins(1)).unwrap();
        let secure = proxied.keep("token", Duration::from_mins(1)).unwrap();

        assert_eq!(
            kept.to_str().unwrap(),
            "switchboard_session_8080=token; Path=/switchboard.directory.v1.SessionService/; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        assert!(secure.to_str().unwrap().ends_with("; Secure"));
    }

    #[test]
    fn a_page_of_another_origin_is_told_from_ours() {
        assert!(same_origin(&headers(&[("host", "a:1")])));
        assert!(same_origin(&headers(&[("host", "a:1"), ("origin", "http://a:1")])));
        assert!(!same_origin(&headers(&[("host", "a:1"), ("origin", "http://a:2")])));
        assert!(!same_origin(&headers(&[("host", "a:1"), ("origin", "null")])));
    }
}
