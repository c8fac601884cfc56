//! A customer calls one of the centre's numbers from a web page: the same entry point, flow, queue and agents as by
//! telephone.

use std::{net::IpAddr, sync::Arc};

use contract::interaction::v1::CustomerAddress;
use thiserror::Error;
use tokio::sync::mpsc;

use super::{
    Voice,
    call::{Line, PageNews, Session},
    start_call::{Admitted, Audio, MEDIA_MAILBOX, StartCallError},
};
use crate::{core::number::e164, engine::OpenWebError, metrics};

/// Longest name of a caller that is kept, in characters.
const MAX_NAME: usize = 100;

/// What a page asks for.
#[derive(Debug, Clone)]
pub struct StartWebCall {
    /// The number, as a telephone would dial it.
    pub to: String,
    /// What the customer calls themselves; may be empty.
    pub name: String,
    /// The browser's offer.
    pub description: String,
    /// Where the page is.
    pub address: IpAddr,
}

/// A call that has begun.
pub struct WebCall {
    /// Our description.
    pub description: String,
    /// What becomes of it.
    pub news: mpsc::Receiver<PageNews>,
    /// The page is there as long as this is; dropping it hangs up.
    pub present: mpsc::Sender<()>,
}

/// Why a page's call is refused; [`StartWebCallError::word`] is for its script.
#[derive(Debug, Error)]
pub enum StartWebCallError {
    /// The configuration allows none.
    #[error("calls from web pages are not taken here")]
    Off,
    /// Too many from this address.
    #[error("too many calls from your address, wait a minute")]
    TooMany,
    /// Its description can't be answered.
    #[error("{0}")]
    Media(#[from] OpenWebError),
    /// As for any call.
    #[error("{0}")]
    Call(#[from] StartCallError),
}

impl StartWebCallError {
    /// One word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::TooMany => "too_many",
            Self::Media(OpenWebError::Description(_)) => "bad_description",
            Self::Call(StartCallError::UnknownNumber) => "unknown_number",
            Self::Media(OpenWebError::Open(_)) | Self::Call(_) => "busy",
        }
    }
}

impl Voice {
    /// Finds the entry point, connects the browser and begins the call.
    pub async fn start_web_call(
        self: &Arc<Self>,
        request: StartWebCall,
    ) -> Result<WebCall, StartWebCallError> {
        let outcome = self.admit_page(request).await;
        let label = outcome.as_ref().map_or_else(StartWebCallError::word, |_| "connected");
        metrics::BROWSERS.with_label_values(&["customer", label]).inc();
        outcome
    }

    async fn admit_page(self: &Arc<Self>, request: StartWebCall) -> Result<WebCall, StartWebCallError> {
        if !self.config.web_calls {
            return Err(StartWebCallError::Off);
        }
        let now = self.clock.now().as_millis();
        if self.web_calls.is_limited(request.address, now) {
            return Err(StartWebCallError::TooMany);
        }
        // Every try counts: what is refused costs work too.
        self.web_calls.failed(request.address, now);
        self.room_for_a_call()?;
        let number = e164(&request.to).unwrap_or(request.to);
        let (tenant, entry_point) = self.entry_point(&number).await?;
        let media = self.engine.for_call();
        let (events, heard) = mpsc::channel(MEDIA_MAILBOX);
        let (leg, agreed) = media.open_web(&request.description, None, rand::random(), events.clone())?;
        let name: String = request.name.trim().chars().filter(|each| !each.is_control()).collect();
        let customer = CustomerAddress {
            display_name: name.chars().take(MAX_NAME).collect(),
            ..CustomerAddress::default()
        };
        let audio = Audio {
            media,
            session: Session::web(leg, agreed.law),
            description: String::new(),
            offer_is_ours: false,
            events,
            heard,
        };
        let (place, timer) = (None, Default::default());
        let admitted = Admitted { tenant, entry_point, number, customer, audio, place, timer };
        let (news_sender, news) = mpsc::channel(4);
        let (present, gone) = mpsc::channel(1);
        self.begin_call(admitted, Line::Page { news: news_sender, present: gone });
        Ok(WebCall { description: agreed.description, news, present })
    }
}
