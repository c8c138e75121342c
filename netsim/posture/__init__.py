"""One area a module: Pod Security, admission, encryption at rest, etcd, audit; each reads manifests into findings."""
