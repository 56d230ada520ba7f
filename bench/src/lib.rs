//! What the functions cost: instructions, requests, memory and money, measured on this machine and
//! held to limits (docs/performance.md).

pub mod account;
pub mod answerer;
pub mod http;
pub mod icount;
pub mod measure;
pub mod price;
pub mod report;
pub mod run;
pub mod runtime_api;
pub mod scene;
pub mod subject;
pub mod trouble;
