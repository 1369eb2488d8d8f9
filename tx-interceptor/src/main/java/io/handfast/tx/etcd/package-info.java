/**
 * The store on etcd: decisions and branch records of all sidecars of a mesh under one prefix, each
 * written by one conditional transaction (T18, T19).
 *
 * <p>{@link io.handfast.tx.etcd.EtcdStore} says which condition each record has, {@link
 * io.handfast.tx.etcd.BatchWriter} puts those that wait into one round trip, {@link
 * io.handfast.tx.etcd.Incarnation} keeps this sidecar alive in the eyes of the others, {@link
 * io.handfast.tx.etcd.Claims} takes up what lost ones left, and {@link io.handfast.tx.etcd.Keys}
 * names it all. The reasons are in {@code docs/adr/0012-shared-store.md}.
 */
@NullMarked
package io.handfast.tx.etcd;

import org.jspecify.annotations.NullMarked;
