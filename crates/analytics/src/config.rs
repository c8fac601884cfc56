//! The keys of `[analytics]`; their meaning stands in `config.default.toml`.

use chassis::config::Span;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de::Error as _};

/// `[analytics]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: TimeZone,
    pub time_zone_keeps: Span,
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    TimeZone::get(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}
