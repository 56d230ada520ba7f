//! What the functions need of the world, as traits.
