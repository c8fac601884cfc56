//! Logs for people, traces for tools: set up once a process, harmless when set up twice.

use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogSettings, TelemetrySettings};

/// What libraries may log: rsipstack would write whole messages, with numbers and digests in them.
const OTHERS: &str = "rsipstack=error,sqlx=warn,async_nats=warn";

/// Keeps the exporter alive; flushes it when dropped.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take() {
            let _ = provider.shutdown();
        }
    }
}

/// Why logs or traces can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.level` or `log.format` is wrong.
    #[error("{key}: {reason}")]
    Log { key: &'static str, reason: String },
    /// `telemetry.otlp_endpoint` is wrong.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(String),
}

/// Sets up logs and, when an endpoint is configured, the export of traces. Call it inside a runtime.
pub fn init(
    process: &str,
    log: &LogSettings,
    telemetry: &TelemetrySettings,
) -> Result<Telemetry, TelemetryError> {
    // Last wins: `log.level` may ask for more of these.
    let filter = EnvFilter::try_new(format!("{OTHERS},{}", log.level))
        .map_err(|error| TelemetryError::Log { key: "log.level", reason: error.to_string() })?;
    // Colours are for people, not for files.
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let lines = match log.format.as_str() {
        "text" => lines.boxed(),
        "json" => lines.json().flatten_event(true).boxed(),
        other => {
            let reason = format!("{other:?} is neither \"text\" nor \"json\"");
            return Err(TelemetryError::Log { key: "log.format", reason });
        }
    };
    global::set_text_map_propagator(TraceContextPropagator::new());
    let provider =
        if telemetry.otlp_endpoint.is_empty() { None } else { Some(exporter(process, telemetry)?) };
    let spans = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("switchboard")));
    // A second process in one test binary keeps the first one's subscriber.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).with(spans).try_init();
    Ok(Telemetry(provider))
}

fn exporter(process: &str, telemetry: &TelemetrySettings) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&telemetry.otlp_endpoint)
        .build()
        .map_err(|error| TelemetryError::Exporter(error.to_string()))?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(telemetry.sample_ratio))))
        .with_resource(Resource::builder().with_service_name(process.to_owned()).build())
        .build())
}

/// W3C `traceparent` of the current span, empty when it is not recorded.
pub fn current_traceparent() -> String {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    if span.is_valid() {
        format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
    } else {
        String::new()
    }
}

/// Links `span` to the span of a `traceparent` from the bus: an asynchronous hop is no child.
pub fn link(span: &Span, traceparent: &str) {
    if !traceparent.is_empty() {
        let context = global::get_text_map_propagator(|propagator| propagator.extract(&Single(traceparent)));
        span.add_link(context.span().span_context().clone());
    }
}

/// Makes `span` a child of the caller's span, as the request's headers tell.
pub(crate) fn adopt(span: &Span, headers: &http::HeaderMap) {
    if headers.contains_key("traceparent") {
        let context = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
        let _ = span.set_parent(context);
    }
}

/// Writes the current span's context into a request.
pub(crate) fn inject(metadata: &mut tonic::metadata::MetadataMap) {
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Metadata(metadata));
    });
}

struct Single<'a>(&'a str);

impl Extractor for Single<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

struct Headers<'a>(&'a http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

struct Metadata<'a>(&'a mut tonic::metadata::MetadataMap);

impl Injector for Metadata<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(key), Ok(value)) = (key.parse::<tonic::metadata::AsciiMetadataKey>(), value.parse()) {
            self.0.insert(key, value);
        }
    }
}
