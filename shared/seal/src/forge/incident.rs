//! An incident that never was: its chain, the log it was sealed in, and its bundle.

use super::{Chance, Files};
use crate::bundle::{
    Contents, EVENTS, Events, EventsWriter, Grown, MANIFEST, Proofs, Rest, Sealed, write,
};
use crate::proof::{consistency, inclusion};
use crate::{Checkpoint, Ed25519Signer, Leaf, Note, Signer, Tree, leaf_hash, root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watchfire_domain::chain::{Body, Digest, Stored, VERSION, genesis};
use watchfire_domain::{Actor, ActorKind, IncidentId, Timestamp};

/// Why a bundle could not be made up: never, if the code is right.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The log of every bundle that is made up here.
const ORIGIN: &str = "log.example/watchfire";

/// The log's key.
pub fn key() -> Result<Ed25519Signer, Trouble> {
    Ok(Ed25519Signer::new(ORIGIN, &[42; 32])?)
}

/// A key of the log's name that is not the log's.
pub fn stranger() -> Result<Ed25519Signer, Trouble> {
    Ok(Ed25519Signer::new(ORIGIN, &[66; 32])?)
}

/// An incident and its log.
#[derive(Debug, Clone)]
pub struct Forged {
    /// The tenant.
    pub tenant: String,
    /// The incident.
    pub incident: IncidentId,
    /// The chain.
    pub events: Vec<Stored>,
    /// Where it was sealed: the places of its leaves' events.
    pub sealed: Vec<u64>,
    /// What ties it to the log.
    pub contents: Contents,
}

impl Forged {
    /// An incident of `events` events, sealed at some of them; the last `window` are not.
    pub fn new(chance: &mut Chance, events: u64, window: u64) -> Result<Self, Trouble> {
        let tenant = format!("tenant-{}", chance.within(1, 4));
        let begun = Timestamp::from_millis(1_795_230_720_000)
            .plus(i64::try_from(chance.within(0, 1 << 30))?);
        let incident = IncidentId::at(begun, chance.bytes());
        let mut prev = genesis(&tenant, incident);
        let mut chain = Vec::new();
        for seq in 1..=events {
            let stored = body(chance, &tenant, incident, begun, seq)?.after(prev)?;
            prev = stored.hash;
            chain.push(stored);
        }
        let last = events.saturating_sub(window).max(1);
        let mut sealed: Vec<u64> =
            (0..chance.within(0, 3)).map(|_| chance.within(1, last)).collect();
        sealed.push(last);
        sealed.sort_unstable();
        sealed.dedup();
        let mut forged =
            Self { tenant, incident, events: chain, sealed, contents: Contents::default() };
        forged.contents = forged.seal(chance, &key()?)?;
        Ok(forged)
    }

    /// Seals the chain as it is in a log of its own, among leaves of others.
    pub fn seal(&self, chance: &mut Chance, signer: &dyn Signer) -> Result<Contents, Trouble> {
        let mut tree = Tree::default();
        let mut others = |tree: &mut Tree, least: u64| {
            let count = chance.within(least, 9);
            tree.extend((0..count).map(|_| leaf_hash(&chance.bytes::<16>())));
        };
        let (mut placed, mut sizes) = (Vec::new(), Vec::new());
        for seq in &self.sealed {
            others(&mut tree, 0);
            let at = usize::try_from(seq.saturating_sub(1))?;
            let head = self.events.get(at).map_or(Digest([0; 32]), |event| event.hash);
            let leaf = Leaf::new(&self.tenant, self.incident, *seq, head);
            placed.push((tree.push(leaf.hash()?), leaf));
            others(&mut tree, 0);
            sizes.push(tree.size());
        }
        others(&mut tree, 1);
        sizes.push(tree.size());

        let newest = tree.size();
        let mut proofs = Proofs::default();
        for (index, leaf) in placed {
            let inclusion = inclusion(&tree, index, newest).ok_or("no such leaf")?;
            proofs.leaves.push(Sealed { leaf, index, inclusion });
        }
        for pair in sizes.windows(2) {
            let [from, to] = *pair else { continue };
            let proof = consistency(&tree, from, to).ok_or("no such size")?;
            proofs.consistency.push(Grown { from, to, proof });
        }
        let mut checkpoints = Vec::new();
        for size in sizes {
            let root = root(&tree, size).ok_or("no such size")?;
            let checkpoint = Checkpoint {
                origin: signer.key().name().to_owned(),
                size,
                root,
                extensions: vec![],
            };
            checkpoints.push((size, Note::sign(&checkpoint.to_string(), signer)?));
        }
        let keys = vec![signer.key().clone()];
        Ok(Contents { checkpoints, proofs, keys, runbooks: BTreeMap::new() })
    }

    /// Its bundle.
    pub fn files(&self) -> Result<Files, Trouble> {
        let mut writer = EventsWriter::new(Vec::new(), &self.tenant, self.incident);
        self.events.iter().try_for_each(|event| writer.push(event))?;
        let (lines, events): (Vec<u8>, Events) = writer.finish()?;
        let Rest { mut files, manifest } = write(&events, &self.contents)?;
        files.insert(EVENTS.to_owned(), lines);
        files.insert(MANIFEST.to_owned(), manifest);
        Ok(files)
    }

    /// Up to where it is sealed.
    pub fn sealed_at(&self) -> u64 {
        self.sealed.last().copied().unwrap_or(0)
    }
}

/// An event, as an incident of some hours has them.
fn body(
    chance: &mut Chance,
    tenant: &str,
    incident: IncidentId,
    begun: Timestamp,
    seq: u64,
) -> Result<Body, Trouble> {
    let (kind, payload) = happened(chance, incident, begun, seq);
    let people = ["alice@example.com", "bob@example.com", "süleyman@example.com"];
    let who = people.get(usize::try_from(chance.within(0, 2))?).copied().unwrap_or_default();
    Ok(Body {
        v: VERSION,
        tenant: tenant.to_owned(),
        incident_id: incident,
        seq,
        event_id: watchfire_domain::uuid_v7(begun, chance.bytes()).to_string(),
        kind: kind.to_owned(),
        actor: Actor { kind: ActorKind::User, id: who.to_owned() },
        at: begun.plus(i64::try_from(seq.saturating_mul(61_007))?),
        payload,
        refs: Vec::new(),
        idem: None,
    })
}

fn happened(
    chance: &mut Chance,
    incident: IncidentId,
    begun: Timestamp,
    seq: u64,
) -> (&'static str, Value) {
    if seq == 1 {
        let record = json!({
            "id": incident, "display_id": watchfire_domain::display_id(begun, incident, 0),
            "title": "Latency of the checkout is high", "severity": "high", "status": "new",
            "tenants": ["acme"], "created_at": begun, "version": 1,
        });
        return ("incident_created", json!({ "set": { "incident": record } }));
    }
    match chance.within(0, 9) {
        0 => {
            let status = ["acknowledged", "mitigating", "monitoring", "resolved"];
            let at = usize::try_from(chance.within(0, 3)).unwrap_or(0);
            let patch = json!({ "status": status.get(at), "version": seq });
            ("status_changed", json!({ "set": { "incident": patch } }))
        }
        1 => {
            let patch = json!({ "severity": "critical", "version": seq });
            let detail = json!({ "rationale": "customers cannot pay" });
            ("severity_changed", json!({ "detail": detail, "set": { "incident": patch } }))
        }
        2 => {
            let state = json!({ "state": "pending", "need": 2, "version": seq });
            ("approval_requested", json!({ "set": { "approval/1": state } }))
        }
        3 => {
            let state = json!({ "state": "running", "cluster_id": "eu-1", "version": seq });
            ("task_running", json!({ "set": { "environment/1": state } }))
        }
        _ => {
            let text = format!("{}, {} ms, “{}”", chance.number(), seq, "ünïcode\n");
            ("note_added", json!({ "detail": { "text": text, "figure": 0.25 } }))
        }
    }
}
