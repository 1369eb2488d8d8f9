package io.handfast.tx.interceptor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the sidecar's own, as RFC 9457 {@code application/problem+json}.
 *
 * @param status HTTP status
 * @param type last part of the problem type, such as {@code branch-aborted}
 * @param title one line, the same for each problem of the type
 * @param detail what happened here, a sentence for people
 * @param branch the branch concerned, 16 hexadecimal digits, if one is
 * @param service the service whose branch it is
 * @param headers headers of the answer, such as {@code tx-outcome} and {@code retry-after}
 */
public record Problem(
    int status,
    String type,
    String title,
    String detail,
    @Nullable String branch,
    @Nullable String service,
    List<Field> headers) {

  public Problem {
    headers = List.copyOf(headers);
  }
}
