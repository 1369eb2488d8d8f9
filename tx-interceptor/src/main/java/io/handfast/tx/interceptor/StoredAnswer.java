package io.handfast.tx.interceptor;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's answer. Immutable.
 *
 * @param status HTTP status
 * @param headers without {@link ReservedHeaders} and without hop-by-hop headers
 * @param body null where it was not held whole
 * @param headLeft whether the head went on before the end was there
 */
public record StoredAnswer(
    int status, List<Field> headers, @Nullable ByteString body, boolean headLeft) {

  public StoredAnswer {
    headers = List.copyOf(headers);
  }
}
