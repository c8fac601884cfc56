//! `entry_points:`.

use contract::directory::v1::EntryPoint;

use super::{channel, fields::Field};

pub(super) fn entry_point(key: String, field: &Field<'_>) -> EntryPoint {
    let mut fields = field.fields();
    let name = fields.text("name");
    let entry_point = EntryPoint {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        channel: fields.need("channel").and_then(|field| channel::of(&field)).map_or(0, i32::from),
        addresses: fields.take("addresses").map(|field| field.texts()).unwrap_or_default(),
        flow: fields.needed_text("flow"),
        allowed_origins: fields.take("allowed_origins").map(|field| field.texts()).unwrap_or_default(),
    };
    fields.finish();
    entry_point
}
