package io.handfast.proxy.transaction;

import com.google.protobuf.Message;
import io.handfast.proxy.config.extension.ClusterMetadataParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Trust;

/** Parses a cluster's metadata {@code handfast.transaction}. Immutable. */
public final class PeerPolicyParser implements ClusterMetadataParser {

  @Override
  public String key() {
    return PeerPolicy.KEY;
  }

  @Override
  public Message type() {
    return ClusterPolicy.getDefaultInstance();
  }

  @Override
  public Object parse(Message metadata, Scope scope) {
    ClusterPolicy policy = (ClusterPolicy) metadata;
    boolean mutual = policy.getTrust() != Trust.PLAINTEXT;
    // That MTLS is what its name says, TransactionCheck sees to: it knows the whole cluster.
    return policy.getParticipant()
        ? new PeerPolicy(true, true, mutual)
        : new PeerPolicy(false, !mutual, false);
  }
}
