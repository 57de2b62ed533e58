//! What programs cannot do in a box.
