//! What a wrapper leaves alone.

/// Methods of `KeyValue` that go on to a field as they are.
macro_rules! forward {
    ($field:ident: $($method:ident),+ $(,)?) => {
        $(crate::wrap::forward::forward!(@ $field $method);)+
    };
    (@ $field:ident get) => {
        fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
            self.$field.get(at)
        }
    };
    (@ $field:ident put) => {
        fn put<'a>(
            &'a self,
            at: Key<'a>,
            value: Bytes,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<()>> {
            self.$field.put(at, value, ttl)
        }
    };
    (@ $field:ident delete) => {
        fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
            self.$field.delete(at)
        }
    };
    (@ $field:ident take) => {
        fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
            self.$field.take(at)
        }
    };
    (@ $field:ident compare_and_set) => {
        fn compare_and_set<'a>(
            &'a self,
            at: Key<'a>,
            expected: Option<Bytes>,
            new: Option<Bytes>,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<bool>> {
            self.$field.compare_and_set(at, expected, new, ttl)
        }
    };
    (@ $field:ident add) => {
        fn add<'a>(
            &'a self,
            at: Key<'a>,
            by: i64,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<i64>> {
            self.$field.add(at, by, ttl)
        }
    };
    (@ $field:ident get_many) => {
        fn get_many<'a>(
            &'a self,
            at: &'a [Key<'a>],
        ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
            self.$field.get_many(at)
        }
    };
    (@ $field:ident put_many) => {
        fn put_many<'a>(
            &'a self,
            entries: &'a [(Key<'a>, Bytes)],
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<()>> {
            self.$field.put_many(entries, ttl)
        }
    };
    (@ $field:ident delete_many) => {
        fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
            self.$field.delete_many(at)
        }
    };
    (@ $field:ident admit) => {
        fn admit<'a>(
            &'a self,
            at: Key<'a>,
            limit: Gcra,
        ) -> BoxFuture<'a, StoreResult<Admission>> {
            self.$field.admit(at, limit)
        }
    };
    (@ $field:ident admit_all) => {
        fn admit_all<'a>(
            &'a self,
            asked: &'a [(Key<'a>, Gcra)],
        ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
            self.$field.admit_all(asked)
        }
    };
    (@ $field:ident changed) => {
        fn changed<'a>(
            &'a self,
            at: Key<'a>,
            seen: Option<Bytes>,
            at_most: Duration,
        ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
            self.$field.changed(at, seen, at_most)
        }
    };
    (@ $field:ident check) => {
        fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
            self.$field.check()
        }
    };
}

pub(crate) use forward;
