package io.handfast.proxy.transaction;

import com.google.protobuf.Message;
import io.handfast.proxy.config.extension.ClusterMetadataParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Trust;
import org.jspecify.annotations.Nullable;

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
  public @Nullable Object parse(Message metadata, Scope scope) {
    ClusterPolicy policy = (ClusterPolicy) metadata;
    boolean trusted = policy.getTrust() == Trust.PLAINTEXT;
    if (policy.getParticipant() && !trusted) {
      // Its votes would never count: every transaction that calls it would abort.
      scope
          .field("trust")
          .error("MTLS", "PLAINTEXT, on a network that only sidecars reach; mTLS is not built yet");
      return null;
    }
    return new PeerPolicy(policy.getParticipant(), trusted);
  }
}
