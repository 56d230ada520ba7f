//! EFS: an access point's client token belongs to it as long as it exists.

use crate::faults::Faults;
use crate::ids::FakeIds;
use crate::plant;
use crate::shelf::Shelf;
use crate::wire::{Ask, Service, unavailable};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::BTreeMap;
use watchfire_ports::{AccessPoint, AccessPointAsk, AccessPoints, PortError};

const CREATE: &str = "elasticfilesystem:CreateAccessPoint";
const CREATING: &str = "creating the access point";
const DESCRIBE: &str = "elasticfilesystem:DescribeAccessPoints";

/// The access points of one file system.
#[derive(Clone, Debug)]
pub struct FakeAccessPoints {
    service: Service<FileSystem>,
}

#[derive(Debug)]
struct FileSystem {
    points: Shelf<AccessPointAsk>,
    /// How many more looks will see the point as `creating`.
    creating: BTreeMap<String, u32>,
    slow: u32,
    limit: usize,
    ids: FakeIds,
}

impl FakeAccessPoints {
    /// An empty file system. A new point is `creating` for one look, and there may be 10,000.
    pub fn new(ids: FakeIds, faults: Faults) -> Self {
        let system = FileSystem {
            points: Shelf::default(),
            creating: BTreeMap::new(),
            slow: 1,
            limit: 10_000,
            ids,
        };
        Self { service: Service::new(faults, system) }
    }

    /// The same file system, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self { service: self.service.with_faults(faults) }
    }

    /// For how many looks a new point is `creating`.
    pub fn creating_for(&self, looks: u32) {
        self.service.state().slow = looks;
    }

    /// How many points there may be.
    pub fn limit(&self, points: usize) {
        self.service.state().limit = points;
    }

    /// The ids and asks of all that exist, in order of their ids.
    pub fn existing(&self) -> Vec<(String, AccessPointAsk)> {
        let system = self.service.state();
        system.points.iter(0).map(|(id, ask)| (id.to_owned(), ask.clone())).collect()
    }

    /// Whether a task can mount it. A point that is still `creating` cannot be mounted.
    pub fn mountable(&self, id: &str) -> bool {
        let system = self.service.state();
        system.points.get(id, 0).is_some() && !system.creating.contains_key(id)
    }

    /// The calls that reached the service.
    pub fn calls(&self) -> Vec<String> {
        self.service.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.service.settle();
    }

    /// Each that exists: id and path.
    pub fn dump(&self) -> String {
        lines(self.existing().iter().map(|(id, ask)| format!("{id} {}", ask.path)))
    }
}

enum Created {
    Now(AccessPoint),
    /// `AccessPointAlreadyExists`: it names the point that has the token.
    Already(String),
}

impl FileSystem {
    fn create(&mut self, call: &Ask, ask: &AccessPointAsk) -> Result<Created, PortError> {
        if ask.client_token.is_empty()
            || ask.client_token.len() > 64
            || !ask.client_token.is_ascii()
        {
            return Err(call.refused("BadRequest: the client token is not 1 to 64 characters"));
        }
        let levels = ask.path.split('/').skip(1);
        if !ask.path.starts_with('/')
            || ask.path.len() > 100
            || levels.clone().count() > 4
            || levels.clone().any(str::is_empty)
        {
            return Err(call.refused("BadRequest: the path is not one of an access point"));
        }
        let forgets = plant::is("elasticfilesystem:CreateAccessPoint: ClientToken");
        let same = |(_, other): &(&str, &AccessPointAsk)| {
            other.client_token == ask.client_token && !forgets
        };
        if let Some((id, _)) = self.points.iter(0).find(same) {
            return Ok(Created::Already(id.to_owned()));
        }
        if self.points.iter(0).count() >= self.limit {
            return Err(call.refused("AccessPointLimitExceeded: the file system has no more"));
        }
        let id = format!("fsap-0{}", self.ids.hex(8));
        self.points.put(&id, ask.clone());
        if self.slow > 0 {
            self.creating.insert(id.clone(), self.slow);
        }
        let available = self.slow == 0;
        Ok(Created::Now(AccessPoint { id, path: ask.path.clone(), available }))
    }

    fn look(&mut self, id: &str, behind: u8) -> Option<AccessPoint> {
        let ask = self.points.get(id, behind)?;
        let path = ask.path.clone();
        let looks = self.creating.remove(id).unwrap_or(0);
        if looks > 1 {
            self.creating.insert(id.to_owned(), looks.saturating_sub(1));
        }
        Some(AccessPoint { id: id.to_owned(), path, available: looks == 0 })
    }
}

#[async_trait]
impl AccessPoints for FakeAccessPoints {
    async fn create(&self, ask: &AccessPointAsk) -> Result<AccessPoint, PortError> {
        let call = Ask::new(CREATE, CREATING, &ask.path);
        let (inner, wanted) = (call.clone(), ask.clone());
        let created = self.service.write(call, move |system| system.create(&inner, &wanted));
        let id = match created.await? {
            Created::Now(point) => return Ok(point),
            Created::Already(id) => id,
        };
        // The error names the point and nothing else: whether it is ours, only a look can tell.
        match self.describe(&id).await? {
            Some(point) if point.path == ask.path => Ok(point),
            Some(_) => Err(PortError::Conflict { what: id, doing: CREATING }),
            // Not to be seen yet, or on its way out: trying again helps in either case.
            None => Err(unavailable(CREATE, CREATING, format!("{id} cannot be seen"))),
        }
    }

    async fn find(&self, client_token: &str) -> Result<Option<AccessPoint>, PortError> {
        let ask = Ask::new(DESCRIBE, "looking for the access point", client_token);
        let token = client_token.to_owned();
        self.service
            .read(ask, move |system, behind| {
                let mut all = system.points.iter(behind);
                let found = all.find(|(_, ask)| ask.client_token == token);
                let id = found.map(|(id, _)| id.to_owned());
                drop(all);
                Ok(id.and_then(|id| system.look(&id, behind)))
            })
            .await
    }

    async fn all(&self) -> Result<Vec<(AccessPoint, BTreeMap<String, String>)>, PortError> {
        let ask = Ask::new(DESCRIBE, "listing the access points", "all");
        self.service
            .read(ask, |system, behind| {
                let points = system.points.iter(behind);
                Ok(points
                    .map(|(id, ask)| {
                        let (id, path) = (id.to_owned(), ask.path.clone());
                        let tags = ask.tags.iter().cloned().collect();
                        (AccessPoint { id, path, available: true }, tags)
                    })
                    .collect())
            })
            .await
    }

    async fn describe(&self, id: &str) -> Result<Option<AccessPoint>, PortError> {
        let ask = Ask::new(DESCRIBE, "looking at the access point", id);
        self.service.read(ask, |system, behind| Ok(system.look(id, behind))).await
    }

    async fn delete(&self, id: &str) -> Result<(), PortError> {
        let ask = Ask::new("elasticfilesystem:DeleteAccessPoint", "deleting the access point", id);
        let id = id.to_owned();
        self.service
            .write(ask, move |system| {
                system.points.remove(&id);
                system.creating.remove(&id);
                Ok(())
            })
            .await
    }
}
