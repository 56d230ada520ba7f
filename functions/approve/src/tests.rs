mod decisions;
mod doors;
mod fixture;
mod leaks;
mod machine;
