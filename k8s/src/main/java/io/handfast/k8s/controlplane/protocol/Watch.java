package io.handfast.k8s.controlplane.protocol;

import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * What one client wants of one type, and what it holds of it. Confined to its stream.
 *
 * @param <Q> request
 * @param <R> response
 */
interface Watch<Q, R> {

  /**
   * What the client has to be told.
   *
   * @param changed what of it the client did not have
   */
  record Told<R>(R response, Collection<Served> changed) {}

  /** Takes what the client says. */
  Heard request(Q request);

  /**
   * What the client has to be told; it is taken as told.
   *
   * @param mayRemove whether what is gone may be taken away
   * @param nonce of the response, if there is one
   */
  Optional<Told<R>> next(Snapshot snapshot, boolean mayRemove, String nonce);

  /** The client needs those names once more, as far as it wants them at all. */
  void again(Set<String> names);

  /** Whether a response is on its way of which the client has not said what it makes of it. */
  boolean isUnanswered();

  /** How many names the client has asked for. */
  int size();

  /** How long these are together, and the versions that the client said that it has. */
  long characters();
}
