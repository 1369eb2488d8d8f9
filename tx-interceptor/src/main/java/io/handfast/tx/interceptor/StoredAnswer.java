package io.handfast.tx.interceptor;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's answer. Immutable.
 *
 * @param status HTTP status
 * @param headers without the mesh's own and without hop-by-hop headers
 * @param body the whole body; null where it is not held
 * @param takesFields whether headers can still be added: the head has not left, or trailers can
 *     follow
 */
public record StoredAnswer(
    int status, List<Field> headers, @Nullable ByteString body, boolean takesFields) {

  public StoredAnswer {
    headers = List.copyOf(headers);
  }
}
