mod bundle;
mod note;
mod tree;
