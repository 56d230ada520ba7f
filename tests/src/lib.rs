//! The integration tests: stories, sagas, storms, contracts.
