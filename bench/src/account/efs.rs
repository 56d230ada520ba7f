//! EFS: access points.

use super::{Answer, done, error, list, pairs, refused, text};
use crate::answerer::Reply;
use crate::http::Request;
use serde_json::{Value, json};
use watchfire_fakes::World;
use watchfire_ports::{AccessPoint, AccessPointAsk, AccessPoints as _};

pub(super) async fn answer(world: &World, request: &Request, body: &Value) -> Answer {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    match request.method.as_str() {
        "POST" => create(world, body).await,
        "DELETE" => {
            let id = path.rsplit('/').next().unwrap_or_default();
            world.points.delete(id).await.map_err(|why| refused(&why))?;
            Ok(Reply { status: 204, headers: Vec::new(), body: Vec::new() })
        }
        _ => {
            let named = query.split('&').find_map(|pair| pair.strip_prefix("AccessPointId="));
            described(world, named).await
        }
    }
}

async fn create(world: &World, body: &Value) -> Answer {
    let path = body.pointer("/RootDirectory/Path").and_then(Value::as_str).unwrap_or_default();
    let ask = AccessPointAsk {
        client_token: text(body, "ClientToken").to_owned(),
        path: path.to_owned(),
        tags: pairs(list(body, "Tags"), "Key", "Value"),
    };
    let mut there = world.points.existing().into_iter();
    if let Some((id, _)) = there.find(|(_, one)| one.client_token == ask.client_token) {
        let kind = "AccessPointAlreadyExists";
        let mut reply = error(409, kind, "");
        let body = json!({ "ErrorCode": kind, "Message": "it exists", "AccessPointId": id });
        reply.body = body.to_string().into();
        return Err(reply);
    }
    let point = world.points.create(&ask).await.map_err(|why| refused(&why))?;
    Ok(done(&shown(&point, &ask.client_token)))
}

/// The point of this id, or every one.
async fn described(world: &World, id: Option<&str>) -> Answer {
    let mut points = Vec::new();
    for (known, ask) in world.points.existing() {
        if id.is_none_or(|id| id == known) {
            let found = world.points.describe(&known).await.map_err(|why| refused(&why))?;
            points.extend(found.map(|point| shown(&point, &ask.client_token)));
        }
    }
    if points.is_empty() && id.is_some() {
        return Err(error(404, "AccessPointNotFound", "it does not exist"));
    }
    Ok(done(&json!({ "AccessPoints": points })))
}

fn shown(point: &AccessPoint, token: &str) -> Value {
    json!({
        "AccessPointId": point.id,
        "ClientToken": token,
        "LifeCycleState": if point.available { "available" } else { "creating" },
        "RootDirectory": { "Path": point.path },
    })
}
