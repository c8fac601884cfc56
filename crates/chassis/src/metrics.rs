//! Prometheus metrics: how they are made, and those of the chassis itself.

use std::sync::LazyLock;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, TextEncoder};

/// Facts the relay carried to the bus.
pub static RELAYED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_chassis_relayed_total", "Facts carried from the outbox to the bus", &["schema"])
});
/// Times a relay had to start again.
pub static RELAY_FAILURES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_chassis_relay_failures_total", "Times a relay started again", &["schema"])
});
/// Messages a consumer took, by outcome: handled, duplicate, unknown, dead.
pub static CONSUMED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter(
        "switchboard_chassis_consumed_total",
        "Messages taken from the bus",
        &["service", "consumer", "outcome"],
    )
});
/// Times a message had to be tried again.
pub static RETRIES: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_chassis_retries_total", "Messages tried again", &["service", "consumer"])
});
/// gRPC calls answered, by code.
pub static GRPC_REQUESTS: LazyLock<HistogramVec> = LazyLock::new(|| {
    histogram("switchboard_chassis_grpc_seconds", "Duration of gRPC calls", &["method", "code"])
});
/// Tasks that ended with an error and were started again.
pub static TASK_RESTARTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counter("switchboard_chassis_task_restarts_total", "Background tasks started again", &["service", "task"])
});

/// Makes and registers a counter. The same name twice is the same counter's mistake: the second is not exported.
pub fn counter(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    register(IntCounterVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a gauge.
pub fn gauge(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    register(IntGaugeVec::new(Opts::new(name, help), labels))
}

/// Makes and registers a histogram of seconds, 0.1 ms to 10 s.
pub fn histogram(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    let buckets =
        vec![0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    register(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets), labels))
}

fn register<C: prometheus::core::Collector + Clone + 'static>(made: prometheus::Result<C>) -> C {
    let collector = made.expect("metric names and labels are constants of this program");
    if let Err(error) = prometheus::register(Box::new(collector.clone())) {
        tracing::error!(%error, "a metric is not exported");
    }
    collector
}

/// All metrics of the process in the Prometheus text format.
pub fn render() -> String {
    TextEncoder::new().encode_to_string(&prometheus::gather()).unwrap_or_default()
}
