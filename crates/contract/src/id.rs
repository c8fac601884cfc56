//! Ids of happenings: UUIDv7 when made, UUIDv5 when derived from what they answer.

use uuid::Uuid;

use crate::Timestamp;

/// Namespace of all derived ids of this product.
const NAMESPACE: Uuid = Uuid::from_u128(0x5357_4954_4348_424f_4152_4400_0000_0001);

/// A new UUIDv7 for something that happens at `now`, from 10 bytes of randomness that the caller brings.
pub fn new_id_at(now: Timestamp, random: [u8; 10]) -> String {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(now.as_millis()).unwrap_or(0), &random)
        .into_uuid()
        .to_string()
}

/// The id that `parts` always give: what is retried, redelivered or replayed stays one thing (UUIDv5, RFC 9562).
pub fn derived_id(parts: &[&str]) -> String {
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::{derived_id, new_id_at};
    use crate::Timestamp;

    #[test]
    fn derived_ids_depend_on_where_the_parts_are_cut() {
        assert_eq!(derived_id(&["a", "b"]), derived_id(&["a", "b"]));
        assert_ne!(derived_id(&["a", "b"]), derived_id(&["ab"]));
    }

    #[test]
    fn ids_sort_by_time() {
        let earlier = new_id_at(Timestamp::from_millis(1_000), [255; 10]);
        let later = new_id_at(Timestamp::from_millis(1_001), [0; 10]);

        assert!(earlier < later);
    }
}
