package io.handfast.proxy.transaction;

/**
 * What a cluster is to transactions. Immutable.
 *
 * @param participant its endpoints have sidecars of this mesh (T6)
 * @param trusted votes that come back from it are believed (T7)
 * @param mutual because its endpoints prove who they are: the cluster must have TLS that sees to it
 */
public record PeerPolicy(boolean participant, boolean trusted, boolean mutual) {

  /** The key in a cluster's metadata. */
  public static final String KEY = "handfast.transaction";

  /** A cluster that says nothing: calls to it leave the mesh. */
  public static final PeerPolicy NONE = new PeerPolicy(false, false, false);
}
