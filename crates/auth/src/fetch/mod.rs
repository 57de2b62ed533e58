//! Documents and answers of authorization servers, fetched without being led astray.
