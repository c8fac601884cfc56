//! A message with every field set, made from its description.

use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, MessageDescriptor, Value};

/// How deep messages are filled: enough for every field that is not recursive.
const DEPTH: usize = 6;

/// The payloads that travel: messages of `events.proto` and `commands.proto` that no other message contains, by full name.
pub fn payloads() -> Vec<MessageDescriptor> {
    let pool = DescriptorPool::decode(contract::DESCRIPTORS).expect("the descriptors of this crate");
    let mut payloads: Vec<MessageDescriptor> = pool
        .all_messages()
        .filter(|message| !message.is_map_entry())
        .filter(|message| {
            contract::Event::from_any(&prost_types::Any {
                type_url: format!("type.googleapis.com/{}", message.full_name()),
                value: Vec::new(),
            })
            .is_ok_and(|event| !matches!(event, contract::Event::Unknown(_)))
        })
        .collect();
    payloads.sort_by(|one, other| one.full_name().cmp(other.full_name()));
    payloads
}

/// Bytes of a message with every field set to something that is not its default.
pub fn filled(message: &MessageDescriptor) -> Vec<u8> {
    prost_reflect::prost::Message::encode_to_vec(&fill(message, DEPTH))
}

fn fill(message: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let nested = matches!(field.kind(), Kind::Message(_));
        let other_choice_taken = field
            .containing_oneof()
            .is_some_and(|choice| choice.fields().any(|other| other != field && filled.has_field(&other)));
        if (nested && depth == 0) || other_choice_taken {
            continue;
        }
        let value = if field.is_map() {
            let Kind::Message(entry) = field.kind() else { continue };
            let value = one(&entry.map_entry_value_field().kind(), depth);
            Value::Map([(MapKey::String("key".to_owned()), value)].into())
        } else if field.is_list() {
            Value::List(vec![one(&field.kind(), depth)])
        } else {
            one(&field.kind(), depth)
        };
        filled.set_field(&field, value);
    }
    filled
}

fn one(kind: &Kind, depth: usize) -> Value {
    match kind {
        Kind::Double => Value::F64(1.5),
        Kind::Float => Value::F32(1.5),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(7),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(7),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(7),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(7),
        Kind::Bool => Value::Bool(true),
        Kind::String => Value::String("text".to_owned()),
        Kind::Bytes => Value::Bytes(vec![1, 2, 3].into()),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(message) => Value::Message(fill(message, depth.saturating_sub(1))),
    }
}
