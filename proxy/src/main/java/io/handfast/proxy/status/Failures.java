package io.handfast.proxy.status;

import com.google.protobuf.Any;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.status.ResourceStatus;

/** Why something was not taken, as a message, without secrets. Stateless. */
final class Failures {

  private Failures() {}

  static UpdateFailureState of(ResourceStatus.Failure why, TypeRegistry types) {
    UpdateFailureState.Builder state =
        UpdateFailureState.newBuilder()
            .setLastUpdateAttempt(Timestamps.fromMillis(why.attemptMillis()))
            .setDetails(why.details())
            .setVersionInfo(why.version());
    why.configuration()
        .ifPresent(
            refused -> state.setFailedConfiguration(Any.pack(Redaction.redact(refused, types))));
    return state.build();
  }
}
