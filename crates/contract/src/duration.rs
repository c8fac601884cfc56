//! Spans of time in their protobuf form.

/// The protobuf form of a span in milliseconds.
pub const fn duration_from_millis(millis: i64) -> prost_types::Duration {
    prost_types::Duration { seconds: millis / 1000, nanos: ((millis % 1000) * 1_000_000) as i32 }
}

/// A span in milliseconds, cut toward zero. Saturates.
pub const fn millis_of_duration(duration: &prost_types::Duration) -> i64 {
    duration.seconds.saturating_mul(1000).saturating_add((duration.nanos / 1_000_000) as i64)
}
