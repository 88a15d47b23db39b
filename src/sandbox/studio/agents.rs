use super::builder::{Fill, days, doc, hours, integer, map, minutes};
use super::people::{JUNO, Person, mara, some_member, theo};
use super::random::Random;
use super::{Case, NOW, SampleDocument};

const DELEGATIONS: usize = 27;

const APPEND_NOTE: &str = "capability:ops_note.append:execute";
const SET_STATUS: &str = "capability:reservation.status.set:execute";

/// (id, name, trust tier, most cents per order)
const CLIENTS: [(&str, &str, &str, i64); 8] = [
    ("agent-glaze-scout", "Glaze scout", "medium", 75_000),
    ("agent-marketing-loop", "Marketing loop", "low", 25_000),
    ("agent-ops-sweeper", "Ops sweeper", "high", 200_000),
    ("agent-shelf-watch", "Shelf watch", "medium", 75_000),
    ("agent-front-desk", "Front desk", "medium", 75_000),
    ("agent-clay-buyer", "Clay buyer", "low", 25_000),
    ("agent-kiln-planner", "Kiln planner", "high", 200_000),
    ("agent-member-helper", "Member helper", "low", 25_000),
];

/// The agents, one account whose ledger adds up, and delegations that hold.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let clients = CLIENTS.iter().map(|(id, name, tier, most)| client(id, name, tier, *most));
    let account = account("agent-clay-buyer", 12_000, &[20_000, -4_500, -3_500]);
    let delegations = (0..DELEGATIONS * scale).map(|index| {
        let mut random = Random::of("delegations", index);
        let owner = some_member(&mut random, scale);
        let (agent, ..) = CLIENTS[index % CLIENTS.len()];
        let document = delegation(&format!("dlg-{:04}", index + 1), &owner, agent);
        if index % 9 != 8 {
            return document;
        }
        document
            .text("status", "revoked")
            .time("revokedAt", NOW - days(random.between(2, 6)))
            .text("revokeReason", "No longer needed.")
    });
    clients.chain(account).chain(delegations).collect()
}

fn client(id: &str, name: &str, tier: &str, most_cents: i64) -> SampleDocument {
    doc("agentClients", id)
        .text("ownerUid", JUNO)
        .text("name", name)
        .text("status", "active")
        .text("trustTier", tier)
        .texts("scopes", ["batches:read", "reservations:read"])
        .map("rateLimits", map().int("perMinute", 60).int("perHour", 600))
        .map("spendingLimits", map().int("orderMaxCents", most_cents).int("maxOrdersPerHour", 30))
        .text("keyPrefix", "mf_agent_v1")
        .int("keyVersion", 1)
        .null("cooldownUntil")
        .null("revokedAt")
        .time("lastUsedAt", NOW - minutes(50))
        .time("createdAt", NOW - days(120))
        .time("updatedAt", NOW - days(20))
}

/// An agent's account with its ledger. The first entry is what was paid in.
fn account(agent: &str, balance_cents: i64, entries: &[i64]) -> Vec<SampleDocument> {
    let account = doc("agentAccounts", agent)
        .text("status", "active")
        .flag("independentEnabled", true)
        .flag("prepayRequired", true)
        .int("prepaidBalanceCents", balance_cents)
        .int("dailySpendCapCents", 200_000)
        .text("spendDayKey", "2026-03-18")
        .int("spentTodayCents", 0)
        .map("spentByCategoryCents", map())
        .time("updatedAt", NOW - days(3));
    let ledger = entries.iter().enumerate().map(|(index, cents)| {
        doc(&format!("agentAccounts/{agent}/ledger"), format!("l-{}", index + 1))
            .text("type", if *cents < 0 { "debit_order" } else { "credit_prepay" })
            .text_or_null("orderId", (*cents < 0).then(|| format!("{agent}-order-{index}")))
            .int("amountCents", *cents)
            .time("createdAt", NOW - days(20) + days(integer(index)))
    });
    [account].into_iter().chain(ledger).collect()
}

/// An active delegation over everything its owner owns, good for another month.
fn delegation(id: &str, owner: &Person, agent: &str) -> SampleDocument {
    doc("delegations", id)
        .text("ownerUid", &owner.uid)
        .text("agentClientId", agent)
        .texts("scopes", [APPEND_NOTE, "batches:read"])
        .texts("resources", [format!("owner:{}", owner.uid)])
        .text("status", "active")
        .text("note", "May leave notes about my batches.")
        .text("createdBy", &owner.uid)
        .time("createdAt", NOW - days(10))
        .time("updatedAt", NOW - days(10))
        .text("updatedBy", &owner.uid)
        .time("expiresAt", NOW + days(30))
        .null("revokedAt")
        .null("revokeReason")
}

/// Delegations that hold, that do not, and that hold for less than they seem to; and an account that does not add up.
pub(super) fn cases() -> Vec<Case> {
    let (mara, theo) = (mara(), theo());
    let of_mara = |id| delegation(id, &mara, "agent-ops-sweeper");
    let revoked = NOW - minutes(10);
    vec![
        Case::new(
            "delegation-active",
            "holds: active, with both scopes",
            vec![of_mara("dlg-active").texts("scopes", [APPEND_NOTE, SET_STATUS])],
        ),
        Case::new(
            "delegation-just-expired",
            "expired one minute ago",
            vec![of_mara("dlg-just-expired").time("expiresAt", NOW - minutes(1))],
        ),
        Case::new(
            "delegation-revoked-meanwhile",
            "revoked 10 minutes ago, while a proposal made under it waits",
            vec![
                of_mara("dlg-revoked-meanwhile")
                    .text("status", "revoked")
                    .time("revokedAt", revoked)
                    .text("revokeReason", "I changed my mind.")
                    .time("updatedAt", revoked),
            ],
        ),
        Case::new(
            "delegation-owner-mismatch",
            "given by one member over what another owns",
            vec![of_mara("dlg-owner-mismatch").texts("resources", [format!("owner:{}", theo.uid)])],
        ),
        Case::new(
            "delegation-of-one-resource",
            "covers one batch and nothing else",
            vec![
                of_mara("dlg-one-resource")
                    .texts("resources", [format!("owner:{}", mara.uid), "batches/b-stalled".to_owned()]),
            ],
        ),
        Case::new(
            "delegation-of-everything",
            "the resource `*`: any",
            vec![of_mara("dlg-everything").texts("resources", [format!("owner:{}", mara.uid), "*".to_owned()])],
        ),
        Case::new(
            "delegation-scope-missing",
            "active, but may only read",
            vec![of_mara("dlg-scope-missing").texts("scopes", ["batches:read", "reservations:read"])],
        ),
        Case::new(
            "delegation-of-a-suspended-client",
            "active, but the agent behind it is suspended",
            vec![
                delegation("dlg-suspended-client", &theo, "agent-night-clerk"),
                client("agent-night-clerk", "Night clerk", "low", 25_000)
                    .text("status", "suspended")
                    .time("cooldownUntil", NOW + minutes(20))
                    .text("cooldownReason", "6 denials in 24 hours")
                    .time("updatedAt", NOW - minutes(10))
                    .time("lastUsedAt", NOW - hours(1)),
            ],
        ),
        Case::new(
            "agent-ledger-does-not-add-up",
            "the balance says 40,000 cents, its ledger 37,500",
            account("agent-glaze-scout", 40_000, &[50_000, -4_500, -8_000]),
        ),
    ]
}
