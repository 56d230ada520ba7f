//! Promises that the adapters keep, against answers as AWS writes them.

mod bus;
mod clients;
mod connector;
mod ecs;
mod ecs_listing;
mod efs;
mod jobs_automation;
mod jobs_program;
mod requests;
mod s3;
mod script;
mod secrets;
mod sends;
mod sfn;
mod vault;
mod web;

use script::Script;
