package io.handfast.tx.interceptor;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's answer. Immutable.
 *
 * @param status HTTP status
 * @param verdict what it means
 * @param headers without the mesh's own and without hop-by-hop headers
 * @param body the whole body; null where it is not held
 * @param trailers without the mesh's own; empty where the body is not held
 * @param takesFields whether headers can still be added: the head has not left, or trailers can
 *     follow
 */
public record StoredAnswer(
    int status,
    Verdict verdict,
    List<Field> headers,
    @Nullable ByteString body,
    List<Field> trailers,
    boolean takesFields) {

  public StoredAnswer {
    headers = List.copyOf(headers);
    trailers = List.copyOf(trailers);
  }

  /** The same with more headers. */
  public StoredAnswer with(List<Field> more) {
    List<Field> all = new ArrayList<>(headers);
    all.addAll(more);
    return new StoredAnswer(status, verdict, all, body, trailers, takesFields);
  }
}
