//! The things a centre is made of, one by one: what a row holds and a line of a diff is about.

use std::collections::BTreeMap;

use contract::directory::v1::{
    Agent, Centre, EntryPoint, Hours, Queue, RoutingProfile, Skill, Team, Tenant, User,
};
use prost::Message as _;

macro_rules! entities {
    ($($kind:ident($payload:ty) = $list:ident, $path:literal, $singular:literal;)+) => {
        /// What kind of thing. The order is the order of a diff.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(
                #[doc = concat!("`", $path, "`")]
                $kind,
            )+
        }

        /// One thing of a centre, in its normal form.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Entity {
            $(
                #[doc = concat!("One of `", $path, "`")]
                $kind($payload),
            )+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The list in a centre: `routing_profiles`.
            pub const fn list(self) -> &'static str {
                match self { $(Self::$kind => $path,)+ }
            }

            /// Takes the thing of that key out of its list.
            pub fn remove_from(self, centre: &mut Centre, key: &str) {
                match self { $(Self::$kind => centre.$list.retain(|one| one.key != key),)+ }
            }

            /// One of them, the name in rows and in `DirectoryChanged`: `routing-profile`.
            pub const fn singular(self) -> &'static str {
                match self { $(Self::$kind => $singular,)+ }
            }
        }

        impl Entity {
            /// What kind of thing it is.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)+ }
            }

            /// Its key, unique in its kind and tenant.
            pub fn key(&self) -> &str {
                match self { $(Self::$kind(payload) => &payload.key,)+ }
            }

            /// Its protobuf bytes, as rows hold it.
            pub fn encode(&self) -> Vec<u8> {
                match self { $(Self::$kind(payload) => payload.encode_to_vec(),)+ }
            }

            /// Reads the protobuf bytes of a row.
            pub fn decode(kind: Kind, bytes: &[u8]) -> Result<Self, prost::DecodeError> {
                Ok(match kind { $(Kind::$kind => Self::$kind(prost::Message::decode(bytes)?),)+ })
            }

            /// Puts it back into the list it came from.
            pub fn push_to(self, centre: &mut Centre) {
                match self { $(Self::$kind(payload) => centre.$list.push(payload),)+ }
            }
        }

        /// Every thing of a centre by kind and key; passwords are left out.
        pub fn entities(centre: &Centre) -> BTreeMap<(Kind, String), Entity> {
            let mut all = BTreeMap::new();
            $(
                for payload in &centre.$list {
                    all.insert((Kind::$kind, payload.key.clone()), Entity::$kind(payload.clone()));
                }
            )+
            for entity in all.values_mut() {
                if let Entity::User(user) = entity {
                    user.password.clear();
                }
            }
            all
        }
    };
}

entities! {
    User(User) = users, "users", "user";
    Agent(Agent) = agents, "agents", "agent";
    Skill(Skill) = skills, "skills", "skill";
    Team(Team) = teams, "teams", "team";
    Queue(Queue) = queues, "queues", "queue";
    RoutingProfile(RoutingProfile) = routing_profiles, "routing_profiles", "routing-profile";
    Hours(Hours) = hours, "hours", "hours";
    EntryPoint(EntryPoint) = entry_points, "entry_points", "entry-point";
}

impl Kind {
    /// The kind of that name, as [`Kind::singular`] gives it.
    pub fn of_singular(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.singular() == name)
    }

    /// The kind whose list has that name, as [`Kind::list`] gives it.
    pub fn of_list(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.list() == name)
    }
}

/// A centre of these things.
pub fn centre(tenant: Tenant, entities: impl IntoIterator<Item = Entity>) -> Centre {
    let mut centre = Centre { tenant: Some(tenant), ..Centre::default() };
    entities.into_iter().for_each(|entity| entity.push_to(&mut centre));
    centre
}
