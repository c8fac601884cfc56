//! What other services ask.

use contract::{
    Timestamp,
    directory::v1::{
        CheckHoursRequest, FindExtensionRequest, GetSipCredentialRequest, ResolveAddressRequest, Role,
    },
    interaction::v1::Channel,
};
use tonic::Code;

use crate::support::{House, NOON, centre};

fn address(channel: Channel, address: &str, tenant: &str) -> ResolveAddressRequest {
    ResolveAddressRequest { channel: channel.into(), address: address.into(), tenant_id: tenant.into() }
}

#[tokio::test]
async fn an_address_leads_to_its_tenant_and_entry_point() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    house.apply(centre("acme", "+15550199")).await;
    let mut client = house.as_service("");

    let phone = client.resolve_address(address(Channel::Voice, "+15550199", "")).await.unwrap().into_inner();
    let bare = client.resolve_address(address(Channel::Voice, "15550100", "")).await.unwrap().into_inner();
    let chat = client.resolve_address(address(Channel::Chat, "web-chat", "demo")).await.unwrap().into_inner();
    let either = client.resolve_address(address(Channel::Chat, "web-chat", "")).await.unwrap_err();
    let nobody = client.resolve_address(address(Channel::Voice, "+15550101", "")).await.unwrap_err();
    let not_chat = client.resolve_address(address(Channel::Chat, "+15550100", "")).await.unwrap_err();

    assert_eq!((phone.tenant_id.as_str(), phone.entry_point.unwrap().key.as_str()), ("acme", "phone"));
    assert_eq!(bare.tenant_id, "demo");
    assert_eq!((chat.tenant_id.as_str(), chat.entry_point.unwrap().flow.as_str()), ("demo", "main"));
    assert_eq!(either.code(), Code::FailedPrecondition);
    assert_eq!((nobody.code(), not_chat.code()), (Code::NotFound, Code::NotFound));
}

#[tokio::test]
async fn an_address_that_was_given_up_leads_nowhere_and_is_free() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    house.apply(centre("demo", "+15550101")).await;

    let gone = house.as_service("").resolve_address(address(Channel::Voice, "+15550100", "")).await;
    assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    house.apply(centre("acme", "+15550100")).await;
}

#[tokio::test]
async fn hours_are_told_with_their_next_change() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    let mut client = house.as_person("demo", "ann", Role::Agent);
    let mut check = async |hours: &str, at: Option<Timestamp>| {
        let request = CheckHoursRequest { hours: hours.into(), at: at.map(Timestamp::to_proto) };
        client.check_hours(request).await.map(tonic::Response::into_inner)
    };

    // NOON is a Saturday in winter, when Lisbon keeps UTC.
    let weekend = check("office", None).await.unwrap();
    let monday = NOON.plus_millis((24 + 21) * 3_600_000);
    let open = check("office", Some(monday)).await.unwrap();
    let unknown = check("never", None).await.unwrap_err();

    assert_eq!((weekend.open, weekend.changes_at.map(Timestamp::from)), (false, Some(monday)));
    assert!(open.open);
    assert_eq!(open.changes_at.map(Timestamp::from), Some(monday.plus_millis(8 * 3_600_000)));
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn telephones_of_agents_have_digests_and_nobody_else_does() {
    let house = House::open().await;
    house.apply(centre("demo", "+15550100")).await;
    let request = |name: &str| GetSipCredentialRequest { username: name.into(), tenant_id: String::new() };

    let ann = house.as_service("").get_sip_credential(request("ann")).await.unwrap().into_inner();
    let amy = house.as_service("").get_sip_credential(request("amy")).await.unwrap_err();
    let curious = house.as_person("demo", "amy", Role::Administrator);
    let denied = { curious }.get_sip_credential(request("ann")).await.unwrap_err();

    // printf 'ann:switchboard:ann-secret' | md5sum
    assert_eq!(ann.ha1_md5, "2dff9a7462e5578d358e4b6642fda809");
    assert_eq!((ann.ha1_sha256.len(), ann.realm.as_str(), ann.agent_id.as_str()), (64, "switchboard", "ann"));
    assert_eq!((amy.code(), denied.code()), (Code::NotFound, Code::PermissionDenied));
}

#[tokio::test]
async fn an_agent_who_becomes_none_loses_the_telephone_and_gets_it_back() {
    let house = House::open().await;
    let mut changed = centre("demo", "+15550100");
    house.apply(changed.clone()).await;
    let request = || GetSipCredentialRequest { username: "ann".into(), tenant_id: "demo".into() };
    let agent = changed.agents.pop().unwrap();

    house.apply(changed.clone()).await;
    let without = house.as_service("demo").get_sip_credential(request()).await;
    changed.agents.push(agent);
    house.apply(changed).await;
    let again = house.as_service("demo").get_sip_credential(request()).await;

    assert_eq!(without.unwrap_err().code(), Code::NotFound);
    assert!(again.is_ok());
}

#[tokio::test]
async fn an_extension_leads_to_its_agent_in_its_tenant_alone() {
    let house = House::open().await;
    let mut described = centre("demo", "+15550100");
    described.agents[0].extension = "201".into();
    house.apply(described.clone()).await;
    let ask = |tenant: &str, extension: &str| {
        let request = FindExtensionRequest { tenant_id: tenant.into(), extension: extension.into() };
        let mut directory = house.as_service("");
        async move { directory.find_extension(request).await.map(|found| found.into_inner().agent_id) }
    };

    assert_eq!(ask("demo", "201").await.unwrap(), "ann");
    assert_eq!(ask("demo", "202").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(ask("other", "201").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(ask("", "201").await.unwrap_err().code(), Code::InvalidArgument);
    let curious = house.as_person("demo", "amy", Role::Administrator);
    let request = FindExtensionRequest { tenant_id: "demo".into(), extension: "201".into() };
    assert_eq!({ curious }.find_extension(request).await.unwrap_err().code(), Code::PermissionDenied);

    described.agents[0].extension.clear();
    house.apply(described).await;
    assert_eq!(ask("demo", "201").await.unwrap_err().code(), Code::NotFound);
}
