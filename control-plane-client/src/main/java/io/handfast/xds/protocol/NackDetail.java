package io.handfast.xds.protocol;

import com.google.rpc.Status;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceFault;
import java.util.List;

/** What a NACK says: every error of a response, one a line. */
final class NackDetail {

  /** Bound of the text, so that a thousand bad resources make no request of megabytes. */
  static final int MAX_CHARS = 16 << 10;

  /** Of {@code google.rpc.Code}. */
  private static final int INVALID_ARGUMENT = 3;

  private NackDetail() {}

  static String of(List<ResourceFault> faults) {
    StringBuilder text = new StringBuilder();
    int left = faults.stream().mapToInt(fault -> fault.errors().size()).sum();
    for (ResourceFault fault : faults) {
      for (ConfigError error : fault.errors()) {
        String line = error.toString();
        if (text.length() + line.length() > MAX_CHARS) {
          return text.append("and ").append(left).append(" more").toString();
        }
        left--;
        text.append(line).append(left == 0 ? "" : "\n");
      }
    }
    return text.toString();
  }

  static Status status(String detail) {
    return Status.newBuilder().setCode(INVALID_ARGUMENT).setMessage(detail).build();
  }
}
